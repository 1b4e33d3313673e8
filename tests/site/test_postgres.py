"""The embedded database: made, started, crashed, upgraded; by its own system user, for nobody else."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from builder_ui.complaint import Complaint
from builder_ui.data_folder import DataFolder
from builder_ui.databases import embedded_database
from builder_ui.environment import parse_database
from builder_ui.postgres import place as places
from builder_ui.postgres import programs as wheel
from builder_ui.postgres.account import Account, account_for
from builder_ui.postgres.cluster import Cluster, cluster_version
from builder_ui.postgres.embedded import BOOTSTRAP, open_cluster, running_database
from builder_ui.postgres.place import prepare_place


def quiet(_: str) -> None:
    """Progress nobody reads."""


@pytest.fixture
def data(folder: Path) -> DataFolder:
    (folder / "data").mkdir(mode=0o700)
    return DataFolder(folder / "data")


def ask(cluster: Cluster, query: str, user: str = "mulgil", database: str = "mulgil") -> str:
    with psycopg.connect(cluster.place.address(user, database), autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""


def tell(cluster: Cluster, statement: str) -> None:
    with psycopg.connect(cluster.place.address(), autocommit=True) as connection:
        connection.execute(statement.encode())


@contextlib.contextmanager
def running(cluster: Cluster) -> Iterator[Cluster]:
    server = cluster.start()
    try:
        cluster.await_ready(server, quiet)
        yield cluster
    finally:
        cluster.stop(server)


def old_cluster(data: DataFolder, *, checksums: bool = False) -> Cluster:
    account = account_for(data.database)
    place = prepare_place(data, account)
    cluster = Cluster(place, wheel.programs_for(account, place.programs, 16), place.cluster)
    cluster.create(checksums=checksums)
    cluster.run_single_user(BOOTSTRAP)
    return cluster


def test_it_keeps_what_was_committed_and_knows_its_users(data: DataFolder) -> None:
    with running_database(data, quiet) as cluster:
        tell(cluster, "create table kept as select 42 as answer")
        assert ask(cluster, "show fsync") == "on"
        assert ask(cluster, "show data_checksums") == "on"
        assert ask(cluster, "show listen_addresses") == ""
        assert ask(cluster, "select rolsuper from pg_roles where rolname = current_user") == "False"
    with running_database(data, quiet) as cluster:
        assert ask(cluster, "select answer from kept") == "42"


def test_its_folders_are_closed_to_others_and_its_address_is_written_down(data: DataFolder) -> None:
    cluster = open_cluster(data, quiet)
    for folder in (data.root, cluster.place.home, cluster.folder, cluster.place.sockets, cluster.place.logs):
        assert folder.stat().st_mode & 0o077 == 0, folder
    assert embedded_database(data) == parse_database(cluster.place.address())


def test_nobody_is_trusted(data: DataFolder) -> None:
    with running_database(data, quiet) as cluster:
        rules = cluster.folder.joinpath("pg_hba.conf").read_text()
        assert "trust" not in [word for line in rules.splitlines() if not line.startswith("#") for word in line.split()]
        with pytest.raises(psycopg.OperationalError, match=r"Peer authentication failed|does not exist"):
            psycopg.connect(cluster.place.address("stranger", "postgres")).close()


def test_a_kill_is_recovered_from_and_the_stale_pid_file_is_no_hindrance(data: DataFolder) -> None:
    cluster = open_cluster(data, quiet)
    server = cluster.start()
    cluster.await_ready(server, quiet)
    tell(cluster, "create table kept as select 42 as answer")
    server.kill()
    assert (cluster.folder / "postmaster.pid").exists()
    with running_database(data, quiet) as again:
        assert ask(again, "select answer from kept") == "42"


def test_a_pid_file_that_names_a_stranger_is_taken_away(data: DataFolder) -> None:
    cluster = open_cluster(data, quiet)
    with running(cluster):
        lines = (cluster.folder / "postmaster.pid").read_text().splitlines()
    (cluster.folder / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with running_database(data, quiet) as again:
        assert ask(again, "select 1") == "1"


def test_a_server_that_outlived_its_parent_is_ended_first(data: DataFolder) -> None:
    cluster = open_cluster(data, quiet)
    left_over = cluster.start()
    cluster.await_ready(left_over, quiet)
    tell(cluster, "create table kept as select 42 as answer")
    said: list[str] = []
    with running_database(data, said.append) as again:
        assert left_over.poll() is not None
        assert ask(again, "select answer from kept") == "42"
    assert said == ["an earlier database server is still stopping"]


def test_a_long_path_gets_a_short_private_socket_folder(folder: Path) -> None:
    deep = DataFolder(folder / ("long" * 20) / ("longer" * 10))
    deep.root.mkdir(parents=True)
    with running_database(deep, quiet) as cluster:
        sockets = cluster.place.sockets
        assert ask(cluster, "select 1") == "1"
        assert len(str(sockets / places.SOCKET_NAME)) <= places.LONGEST_SOCKET
        assert sockets.stat().st_mode & 0o077 == 0
    sockets.rmdir()


def test_files_that_were_copied_in_are_taken_over(data: DataFolder, folder: Path) -> None:
    with running_database(data, quiet) as cluster:
        tell(cluster, "create table kept as select 42 as answer")
    copy = DataFolder(folder / "copy")
    shutil.copytree(data.root, copy.root)
    with running_database(copy, quiet) as cluster:
        assert ask(cluster, "select answer from kept") == "42"


def test_a_folder_its_user_cannot_enter_gets_its_files_elsewhere(
    data: DataFolder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_database(data, quiet) as cluster:
        tell(cluster, "create table kept as select 42 as answer")
    monkeypatch.setattr(places, "ELSEWHERE", folder / "elsewhere")
    monkeypatch.setattr(Account, "can_enter", lambda account, path: False)
    for _ in range(2):
        with running_database(data, quiet) as cluster:
            assert ask(cluster, "select answer from kept") == "42"
            assert cluster.place.home.parent == folder / "elsewhere"
    assert data.database.is_symlink()
    shutil.rmtree(data.database.readlink())
    with pytest.raises(Complaint, match="which is gone"):
        open_cluster(data, quiet)


def test_a_socket_folder_of_someone_else_is_refused(data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "LONGEST_SOCKET", 1)
    monkeypatch.setattr(tempfile, "tempdir", str(data.root))
    account = account_for(data.database)
    place = prepare_place(data, account)
    place.sockets.chmod(0o777)
    with pytest.raises(Complaint, match="belongs to someone else"):
        prepare_place(data, account)


def test_programs_out_of_reach_are_copied_once(data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = data.root / "closed" / "site-packages"
    closed.mkdir(parents=True)
    original = wheel.programs().root
    for name in (wheel.PACKAGE, f"{wheel.PACKAGE}.libs"):
        (closed / name).symlink_to(original.parent.parent / name)
    account = account_for(data.database)
    place = prepare_place(data, account)
    unreachable = replace(wheel.programs(), root=closed / wheel.PACKAGE / original.name)
    monkeypatch.setattr(wheel, "programs", lambda major=18: unreachable)
    monkeypatch.setattr(
        wheel, "_runs", lambda candidate, who: candidate is not unreachable and _really_runs(candidate, who)
    )
    copied = wheel.programs_for(account, place.programs)
    assert copied.root.is_relative_to(place.programs)
    first = (copied.folder / "postgres").stat().st_mtime_ns
    assert wheel.programs_for(account, place.programs) == copied
    assert (copied.folder / "postgres").stat().st_mtime_ns == first
    cluster = Cluster(place, copied, place.cluster)
    cluster.create()
    cluster.run_single_user(BOOTSTRAP)
    with running(cluster):
        assert ask(cluster, "select 1") == "1"


_really_runs = wheel._runs


@pytest.mark.parametrize("checksums", [False, True], ids=["without checksums", "with checksums"])
def test_an_older_cluster_is_upgraded_and_its_files_are_kept(data: DataFolder, checksums: bool) -> None:
    with running(old_cluster(data, checksums=checksums)) as old:
        tell(old, "create table kept (id bigint generated always as identity primary key, word text)")
        tell(old, "insert into kept (word) select 'word ' || n from generate_series(1, 1000) n")
    said: list[str] = []
    with running_database(data, said.append) as cluster:
        assert cluster_version(cluster.folder) == 18
        assert ask(cluster, "select count(*) || max(word) from kept") == "1000word 999"
        tell(cluster, "insert into kept (word) values ('new')")
        assert ask(cluster, "select max(id) from kept") == "1001"
    (kept,) = data.backups.iterdir()
    assert cluster_version(kept) == 16
    assert any("PostgreSQL 16" in line for line in said)
    assert any(str(kept) in line for line in said)


def test_an_older_cluster_that_was_killed_is_recovered_before_its_upgrade(data: DataFolder) -> None:
    old = old_cluster(data)
    server = old.start()
    old.await_ready(server, quiet)
    tell(old, "create table kept as select 42 as answer")
    server.kill()
    with running_database(data, quiet) as cluster:
        assert ask(cluster, "select answer from kept") == "42"


def test_an_upgrade_cut_short_is_begun_again(data: DataFolder) -> None:
    with running(old_cluster(data)) as old:
        tell(old, "create table kept as select 42 as answer")
    half = old.place.home / "cluster-new"
    shutil.copytree(old.folder / "global", half / "global")
    with running_database(data, quiet) as cluster:
        assert ask(cluster, "select answer from kept") == "42"
    assert not half.exists()


@pytest.mark.parametrize(("version", "words"), [("99", "newer than"), ("12", "too old")])
def test_a_version_it_does_not_carry_is_told_and_left_alone(data: DataFolder, version: str, words: str) -> None:
    cluster = open_cluster(data, quiet)
    (cluster.folder / "PG_VERSION").write_text(f"{version}\n")
    with pytest.raises(Complaint, match=f"PostgreSQL {version}, which is {words}"):
        open_cluster(data, quiet)
    assert (cluster.folder / "PG_VERSION").read_text() == f"{version}\n"


def test_damaged_files_are_told_with_the_servers_own_words(data: DataFolder) -> None:
    cluster = open_cluster(data, quiet)
    (cluster.folder / "global" / "pg_control").unlink()
    server = cluster.start()
    with pytest.raises(Complaint, match=r"PostgreSQL could not start: .*pg_control"):
        cluster.await_ready(server, quiet)


def test_the_server_ends_with_its_parent(data: DataFolder) -> None:
    cluster = open_cluster(data, quiet)
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from builder_ui.data_folder import DataFolder\n"
        "from builder_ui.postgres.embedded import open_cluster\n"
        "cluster = open_cluster(DataFolder(Path(sys.argv[1])), print)\n"
        "server = cluster.start()\n"
        "cluster.await_ready(server, print)\n"
        "print(server.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    parent = subprocess.run([sys.executable, "-c", script, str(data.root)], capture_output=True, text=True, check=False)
    assert parent.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 30
    while (cluster.folder / "postmaster.pid").exists():
        assert time.monotonic() < deadline, "the server still runs"
        time.sleep(0.05)
