"""The product under measurement: started as a user starts it, spoken to over HTTP on the loopback."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from bench.database import Connection, database

ROOT = Path(__file__).resolve().parent.parent
# What lies in its data folder, whatever is set around it.
OWN: Final = frozenset({"DATABASE_URL", "MULGIL_SECRET_KEY", "MULGIL_CREDENTIAL_KEY"})


class DidNotStart(Exception):
    """The product did not become ready; what it printed is in the message."""


@dataclass(frozen=True, kw_only=True)
class Product:
    """A running product: its address, a client with an admin's token, and its process."""

    url: str
    port: int
    data: Path
    password: str
    process: subprocess.Popen[bytes]
    client: httpx.Client

    def post(self, path: str, body: Any, **params: Any) -> Any:
        answer = self.client.post(path, json=body, params=params)
        if answer.is_error:
            raise RuntimeError(f"POST {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.json()

    def get(self, path: str, **params: Any) -> Any:
        answer = self.client.get(path, params=params)
        answer.raise_for_status()
        return answer.json()

    def database(self) -> AbstractContextManager[Connection]:
        """A connection to the product's own database."""
        return database(self.data)

    def publish(self, document: dict[str, Any]) -> str:
        """Make a flow of the document and publish it; its id."""
        flow = self.post("/api/flows/", {"name": document["name"], "document": document})
        self.post(f"/api/flows/{flow['id']}/publish/", {"note": "bench"})
        return str(flow["id"])


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """A folder that the database's own system user may enter, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mulgil-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def boot(
    data: Path, *, password: str, workers: int | None = None, samples: bool = False
) -> tuple[subprocess.Popen[bytes], int, float]:
    """Start `up` on a data folder; its process, port and the seconds until it was ready."""
    port = free_port()
    command = [sys.executable, "manage.py", "up", "--data", str(data), "--port", str(port)]
    if not samples:
        command.append("--no-samples")
    if workers is not None:
        command += ["--workers", str(workers)]
    around = {name: value for name, value in os.environ.items() if name not in OWN}
    environment = {**around, "MULGIL_ADMIN_PASSWORD": password}
    written = data.parent / f"{data.name}.log"
    began = time.perf_counter()
    with written.open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    while True:
        if process.poll() is not None or time.perf_counter() - began > 600:
            raise DidNotStart(written.read_text()[-2000:])
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200:
                return process, port, time.perf_counter() - began
        except httpx.TransportError:
            pass
        time.sleep(0.02)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)


def token(data: Path) -> str:
    made = subprocess.run(
        [sys.executable, "manage.py", "token", "create", "admin", "--data", str(data)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return made.stdout.strip()


@contextmanager
def running(data: Path, *, workers: int | None = None, samples: bool = False) -> Iterator[Product]:
    """The product on `data`, made ready and stopped at the end."""
    password = secrets.token_urlsafe(12)
    process, port, _ = boot(data, password=password, workers=workers, samples=samples)
    url = f"http://127.0.0.1:{port}"
    headers = {"Authorization": f"Bearer {token(data)}"}
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=120) as client:
            yield Product(url=url, port=port, data=data, password=password, process=process, client=client)
    finally:
        stop(process)
