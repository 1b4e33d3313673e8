"""`up` as a user meets it: it starts everything, mends what dies, says what is wrong, leaves nothing behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from builder_ui.data_folder import DataFolder
from builder_ui.databases import embedded_database
from builder_ui.environment import PROJECT

pytestmark = pytest.mark.xdist_group("up")
PATIENCE = 180.0
PASSWORD = "a password for the test"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MULGIL_", "DATABASE_URL"))}
    return {**kept, "MULGIL_ADMIN_PASSWORD": PASSWORD}


class Running:
    """A running `up`: its process, its address and its children."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        self.data = data
        self.url = f"http://127.0.0.1:{self.port}"
        # Beside the data folder and not in it; its parents are made for everyone to pass through.
        data.parent.mkdir(mode=0o755, exist_ok=True)
        data.parent.parent.chmod(0o755)
        self.log = data.parent / f"{data.name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--data", str(data), "--port", str(self.port), "--workers", "1"],
                cwd=PROJECT,
                env=environment(),
                stdout=log,
                stderr=log,
            )

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert self.process.poll() is None, f"up ended: {self.said()}"
            assert time.monotonic() < deadline, f"{what} did not happen: {self.said()}"
            time.sleep(0.1)

    def answers(self, name: str = "healthz") -> bool:
        try:
            return httpx.get(f"{self.url}/{name}", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def children(self) -> dict[int, str]:
        listed = subprocess.run(
            ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        ).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()]
        return {int(pid): command for pid, parent, command in rows if int(parent) == self.process.pid}

    def child(self, words: str) -> int:
        return next(pid for pid, command in self.children().items() if words in command)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@contextmanager
def running(data: Path) -> Iterator[Running]:
    started = Running(data)
    try:
        started.until(lambda: "is ready at" in started.said(), "being ready")
        yield started
    finally:
        if started.process.poll() is None:
            started.stop()


@pytest.fixture(scope="module")
def site() -> Iterator[Running]:
    with (
        tempfile.TemporaryDirectory(prefix="mulgil-", ignore_cleanup_errors=True) as made,
        running(Path(made) / "site" / "data") as started,
    ):
        yield started


def exists(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def test_the_first_start_says_where_and_how_and_loads_the_samples(site: Running) -> None:
    said = site.said()
    assert f"Mulgil is ready at {site.url}" in said
    assert "First admin:  admin" in said
    assert PASSWORD not in said
    assert said.count("Loaded the sample") == 3
    assert "Traceback" not in said
    page = httpx.get(f"{site.url}/")
    assert page.status_code == 200
    assert 'name="password"' in page.text


def test_the_admin_can_sign_in_and_gets_the_editor(site: Running) -> None:
    with httpx.Client(base_url=site.url, follow_redirects=True) as client:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/").text)
        assert token is not None
        form = {"username": "admin", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        page = client.post("/sign-in/", data=form, headers={"Origin": site.url})
        assert '<div id="root">' in page.text
        script = re.search(r'<script type="module" src="([^"]+)"', page.text)
        assert script is not None
        answer = client.get(script[1])
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]


def test_the_keys_are_for_their_owner_alone_and_differ(site: Running) -> None:
    data = DataFolder(site.data)
    assert data.root.stat().st_mode & 0o777 == 0o700
    for key in (data.secret_key, data.credential_key):
        assert key.stat().st_mode & 0o777 == 0o600
    assert data.secret_key.read_text() != data.credential_key.read_text()


def test_a_second_start_on_the_same_folder_says_who_runs_there(site: Running) -> None:
    second = manage("up", "--data", str(site.data), "--port", str(free_port()))
    assert second.returncode == 1
    assert second.stderr.startswith("Mulgil already runs on")
    assert f"process {site.process.pid}, {site.url}" in second.stderr
    assert second.stderr.count("\n") == 1


def test_a_port_in_use_is_told_in_one_sentence(site: Running, folder: Path) -> None:
    other = manage("up", "--data", str(folder / "other"), "--port", str(site.port))
    assert other.returncode == 1
    assert other.stderr.startswith(f"Port {site.port} on 127.0.0.1 can't be opened")
    assert other.stderr.count("\n") == 1


def test_the_numbers_of_all_its_processes_are_told_together(site: Running) -> None:
    token = manage("token", "create", "admin", "--data", str(site.data)).stdout.strip()
    document = {
        "dsl": 1,
        "name": "Counted",
        "nodes": [{"id": "start", "type": "trigger.manual"}, {"id": "note", "type": "log"}],
        "edges": [{"from": "start", "to": "note"}],
    }
    with httpx.Client(base_url=site.url, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE) as client:
        flow = client.post("/api/flows/", json={"name": "Counted", "document": document}).json()["id"]
        client.post(f"/api/flows/{flow}/publish/", json={}).raise_for_status()
        client.post(f"/api/flows/{flow}/runs/", json={"input": {}}).raise_for_status()
        # It was a process of the worker host that counted the run; the web answers for both.
        site.until(lambda: 'mulgil_runs_ended_total{status="succeeded"}' in client.get("/metrics").text, "its number")
        assert "mulgil_journal_flush_seconds_count" in client.get("/metrics").text


def test_a_program_that_reads_its_log_gets_one_object_a_line(site: Running) -> None:
    with httpx.Client(base_url=site.url) as client:
        client.get("/", headers={"Host": "nobody.example"})
    site.until(lambda: "nobody.example" in site.said(), "a line about a foreign host")
    line = next(line for line in site.said().splitlines() if "nobody.example" in line)
    assert json.loads(line)["logger"] == "django.security.DisallowedHost"


def test_a_backup_and_a_restore_happen_while_it_runs(site: Running, folder: Path) -> None:
    file = folder / "all.backup"
    assert manage("backup", str(file), "--data", str(site.data)).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600
    address = embedded_database(DataFolder(site.data))

    def names() -> list[str]:
        with psycopg.connect(host=address.host, user=address.user, dbname=address.name) as connection:
            return [str(row[0]) for row in connection.execute("select username from auth_user order by 1")]

    with psycopg.connect(host=address.host, user=address.user, dbname=address.name, autocommit=True) as connection:
        connection.execute("update auth_user set username = 'changed'")
    restored = manage("restore", str(file), "--data", str(site.data))
    assert restored.returncode == 0, restored.stderr
    assert names() == ["admin"]
    (kept,) = (site.data / "backups").iterdir()
    assert manage("restore", str(kept), "--data", str(site.data)).returncode == 0
    assert names() == ["changed"]
    site.until(site.answers, "answering after a restore")


def test_what_is_no_backup_changes_nothing(site: Running, folder: Path) -> None:
    broken = folder / "broken.backup"
    broken.write_bytes(b"PGDMP and then nothing")
    answer = manage("restore", str(broken), "--data", str(site.data))
    assert answer.returncode == 1
    assert "is no whole backup of Mulgil" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert site.answers()


@pytest.mark.parametrize("part", [" web ", " worker", "postgres -D"])
def test_a_part_that_is_killed_comes_back(site: Running, part: str) -> None:
    killed = site.child(part)
    os.kill(killed, signal.SIGKILL)
    site.until(lambda: any(part in command and pid != killed for pid, command in site.children().items()), "a new part")
    site.until(site.answers, "answering again")
    assert "unexpectedly" in site.said()


def test_a_database_that_cannot_start_again_is_tried_until_it_does(site: Running) -> None:
    control = site.data / "postgres" / "cluster" / "global" / "pg_control"
    control.rename(control.with_suffix(".away"))
    os.kill(site.child("postgres -D"), signal.SIGQUIT)
    site.until(lambda: "PostgreSQL could not start" in site.said(), "a start that fails")
    control.with_suffix(".away").rename(control)
    site.until(lambda: site.answers("readyz"), "being ready again")


def test_it_stops_in_order_and_starts_again_with_what_it_knew(folder: Path) -> None:
    with running(folder / "data") as first:
        children = list(first.children())
        assert first.stop() == 0
        assert "Stopped." in first.said()
        assert not [pid for pid in children if exists(pid)]
        assert not first.answers()
    with running(folder / "data") as second:
        assert second.said().count("First admin") == 1
        children = list(second.children())
        second.process.kill()
        second.process.wait()
        deadline = time.monotonic() + PATIENCE
        while left := [pid for pid in children if exists(pid)]:
            assert time.monotonic() < deadline, f"still there: {left}"
            time.sleep(0.1)


def test_a_dead_database_is_told_in_one_sentence(folder: Path) -> None:
    port = free_port()
    answer = manage(
        "up",
        "--data",
        str(folder / "d"),
        "--port",
        str(free_port()),
        DATABASE_URL=f"postgresql://me@127.0.0.1:{port}/none",
    )
    assert answer.returncode == 1
    assert "127.0.0.1" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_folder_with_other_files_is_not_taken(folder: Path) -> None:
    (folder / "thesis.txt").write_text("mine")
    answer = manage("up", "--data", str(folder), "--port", str(free_port()))
    assert answer.returncode == 1
    assert "is no data folder of Mulgil" in answer.stderr
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_a_data_folder_of_another_version_is_told(folder: Path) -> None:
    data = DataFolder(folder / "data")
    data.prepare()
    data.make_secrets()
    (data.database / "cluster").mkdir(parents=True)
    (data.database / "cluster" / "PG_VERSION").write_text("99\n")
    answer = manage("up", "--data", str(data.root), "--port", str(free_port()))
    assert answer.returncode == 1
    assert "made by PostgreSQL 99" in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [("--port", "0"), ("--port", "x"), ("--workers", "many"), ("--nonsense",)])
def test_a_bad_option_is_told_with_the_usage(arguments: tuple[str, ...]) -> None:
    answer = manage("up", *arguments)
    assert answer.returncode == 2
    assert "usage: manage.py up" in answer.stderr


def test_a_bad_variable_names_itself() -> None:
    answer = manage("up", MULGIL_PUBLIC_URL="flows.example.com")
    assert answer.returncode == 2
    assert answer.stderr.startswith("MULGIL_PUBLIC_URL is not usable")


def test_commands_without_a_running_database_say_how_to_start_it(folder: Path) -> None:
    answer = manage("migrate", "--data", str(folder), MULGIL_SECRET_KEY="k" * 40)
    assert answer.returncode == 1
    assert "manage.py up" in answer.stderr
    assert "Traceback" not in answer.stderr
