"""Servers of the tests' own, as a node would find them in the world: a PostgreSQL that listens on TCP with passwords,
and MLflow's registry."""

import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder_ui.data_folder import DataFolder
from builder_ui.postgres.embedded import open_cluster
from tests.nodes.mlflow_server import mlflow_server

PASSWORD = "it's a \\ secret"
HOSTS = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
ROLES = (
    f"create role shop login password '{PASSWORD.replace(chr(39), chr(39) * 2)}';\ncreate database shop owner shop;\n"
)


@dataclass(frozen=True)
class Postgres:
    port: int


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """The server, for the whole session; only tests that ask for it wait for it."""
    with tempfile.TemporaryDirectory(prefix="mulgil-nodes-", ignore_cleanup_errors=True) as folder:
        cluster = open_cluster(DataFolder(Path(folder)), _quiet)
        cluster.run_single_user(ROLES)
        port = _free_port()
        settings = f"listen_addresses = '127.0.0.1'\nport = {port}\nhba_file = '{cluster.folder}/tcp.conf'\nfsync = off\nmax_connections = 30\n"
        for name, text in (("tcp.conf", HOSTS), ("local.conf", settings)):
            (cluster.folder / name).write_text(text, encoding="utf-8")
            cluster.place.account.own(cluster.folder / name)
        server = cluster.start()
        try:
            cluster.await_ready(server, _quiet)
            yield Postgres(port)
        finally:
            cluster.stop(server)


@pytest.fixture(scope="session")
def mlflow() -> Iterator[str]:
    """Its address; one server for the whole session, which takes seconds to come up."""
    with mlflow_server() as url:
        yield url


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _quiet(_text: str) -> None:
    pass
