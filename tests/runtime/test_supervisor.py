"""A worker host with a real django-q2 cluster: it drives runs, survives what hangs a cluster, and stops in order."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builder_ui.environment import PROJECT
from flows.models import Executor, Run
from tests.crash.hosts import address_of_test_database
from tests.runtime.house import chain, publish, start

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 90.0


@pytest.fixture
def host() -> Iterator["subprocess.Popen[bytes]"]:
    environment = os.environ | {
        "DATABASE_URL": address_of_test_database(),
        "MULGIL_SECRET_KEY": secrets.token_urlsafe(48),
        "MULGIL_WORKERS": "2",
    }
    process = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=PROJECT, env=environment)
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()


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


def test_the_cluster_dies_with_its_host(host: "subprocess.Popen[bytes]") -> None:
    run = start(publish(chain(2)))
    until(lambda: ends(run))
    left = below(host.pid)
    assert len(left) >= 5
    host.kill()
    host.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left))
