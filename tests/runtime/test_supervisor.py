"""A worker host with a real django-q2 cluster: it drives runs, survives what hangs a cluster, and stops in order."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from builder_ui.environment import PROJECT
from flows.models import Executor, Run
from flows.runtime.weight import family, heaviest, own_memory
from tests.crash.hosts import address_of_test_database
from tests.runtime.house import chain, publish, start

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 90.0


@pytest.fixture
def environment() -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": address_of_test_database(),
        "DJANGO_SETTINGS_MODULE": "builder_ui.settings",
        "MULGIL_SECRET_KEY": secrets.token_urlsafe(48),
        "MULGIL_WORKERS": "2",
    }


@contextmanager
def hosted(
    command: list[str], environment: dict[str, str], stderr: IO[bytes] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=stderr)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture
def host(environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    with hosted([sys.executable, "manage.py", "worker"], environment) as process:
        yield process


def until(condition: Callable[[], bool]) -> None:
    """Wait for what must come; it fails where it doesn't come soon."""
    limit = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < limit, "it did not come soon"
        time.sleep(0.05)


def ends(run: Run) -> bool:
    run.refresh_from_db()
    return run.status == "succeeded"


def below(pid: int) -> list[int]:
    """Every process below this one, the nearest first."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *below(int(child))]
    return found


def group_of(pid: int) -> list[int]:
    """The cluster's processes: those below the host in a group of their own."""
    return [child for child in below(pid) if os.getpgid(child) != os.getpgid(pid)]


def test_a_host_drives_what_is_started_and_a_sigterm_ends_it_in_order(host: "subprocess.Popen[bytes]") -> None:
    version = publish(chain(2))
    run = start(version)
    until(lambda: ends(run))
    left = below(host.pid)
    host.send_signal(signal.SIGTERM)
    assert host.wait(timeout=60) == 0
    assert not Executor.objects.exists()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left))


def test_idle_workers_that_are_killed_do_not_hang_the_host(host: "subprocess.Popen[bytes]") -> None:
    """A killed worker that waited for tasks leaves the queue's lock held: the cluster can only be started afresh."""
    version = publish(chain(2))
    first = start(version)
    until(lambda: ends(first))
    cluster = group_of(host.pid)
    for pid in Executor.objects.values_list("pid", flat=True):
        os.kill(pid, signal.SIGKILL)
    for pid in cluster[2:]:
        if Path(f"/proc/{pid}").exists() and "python" in Path(f"/proc/{pid}/comm").read_text():
            os.kill(pid, signal.SIGKILL)
    second = start(version)
    until(lambda: ends(second))


NARROW = """
import django, signal
django.setup()
from flows.runtime.supervisor import Patience, Supervisor
patience = Patience(weighed=0.2)
wide = patience.memory
signal.signal(signal.SIGUSR1, lambda *_: object.__setattr__(patience, "memory", 1))
signal.signal(signal.SIGUSR2, lambda *_: object.__setattr__(patience, "memory", wide))
raise SystemExit(Supervisor(patience).run())
"""
"""A host that may hold less from one signal on, and as much as before from another."""


def test_a_cluster_that_holds_too_much_memory_ends_in_order_and_is_started_afresh(
    environment: dict[str, str], tmp_path: Path
) -> None:
    told = tmp_path / "told"
    version = publish(chain(2))
    with told.open("wb") as log, hosted([sys.executable, "-c", NARROW], environment, stderr=log) as host:
        first = start(version)
        until(lambda: ends(first))
        before = set(group_of(host.pid))
        assert "MiB" not in told.read_text(), "what it holds is looked at, and is not too much"
        host.send_signal(signal.SIGUSR1)
        until(lambda: "MiB; the cluster" in told.read_text())
        host.send_signal(signal.SIGUSR2)
        second = start(version)
        until(lambda: ends(second))
        assert before.isdisjoint(group_of(host.pid))
        host.send_signal(signal.SIGTERM)
        assert host.wait(timeout=60) == 0
    assert "fallen silent" not in told.read_text()


def test_what_a_process_holds_is_counted_without_what_it_shares() -> None:
    large = 64 * 2**20
    kept = f"import sys; kept = bytearray(b'x') * {large}; print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", kept], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        assert large < own_memory(process.pid) < 2 * large
        assert process.pid in family(os.getpid())
        assert heaviest(process.pid) == own_memory(process.pid)
        process.stdin.close()
    assert own_memory(process.pid) == 0


def test_the_cluster_dies_with_its_host(host: "subprocess.Popen[bytes]") -> None:
    run = start(publish(chain(2)))
    until(lambda: ends(run))
    left = below(host.pid)
    assert len(left) >= 5
    host.kill()
    host.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left))
