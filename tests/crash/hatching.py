"""Executors forked on demand from a process that has loaded everything, and waiting for what must come."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from builder_ui.environment import PROJECT
from tests.crash.hosts import address_of_test_database
from tests.crash.stagehands import WORLD

PATIENCE = 90.0
"""Seconds a state may take to come on a machine that has much else to do."""


class Hatchery:
    """Forks executors on demand."""

    def __init__(self, world: Path, *, before: Sequence[str] = (), **given: str) -> None:
        """`before`: words before the command, which say where it runs; `given`: more of its environment."""
        surroundings = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "builder_ui.settings",
            "DATABASE_URL": address_of_test_database(),
            "MULGIL_SECRET_KEY": secrets.token_urlsafe(48),
            "MULGIL_WORKERS": "2",
            WORLD: str(world),
            **given,
        }
        self.world = world
        self.living: set[int] = set()
        self._process = subprocess.Popen(
            [*before, sys.executable, "-m", "tests.crash.hatchery"],
            cwd=PROJECT,
            env=surroundings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def hatch(self, point: str | None = None, depth: int = 0, *, skew: int = 0) -> int:
        """An executor; `skew`: how far ahead its clock is, in microseconds."""
        pid: int = self._ask({"point": point, "depth": depth, "skew": skew})["pid"]
        self.living.add(pid)
        return pid

    @property
    def pid(self) -> int:
        """The process all others are below."""
        return self._process.pid

    def host(self) -> int:
        """A whole worker host: supervisor, django-q2's cluster, two workers."""
        pid: int = self._ask({"host": True})["pid"]
        self.living.add(pid)
        return pid

    def status(self, pid: int) -> int | None:
        """The signal it ended by, negative, or its exit code; None while it lives."""
        status: int | None = self._ask({"pid": pid})["status"]
        if status is not None:
            self.living.discard(pid)
        return status

    def let_go(self) -> None:
        """Steps that hold may go on."""
        Path(f"{self.world}.go").touch()

    def bury_all(self) -> None:
        for pid in list(self.living):
            os.kill(pid, signal.SIGKILL)  # reaches a stopped one as well
            while self.status(pid) is None:
                time.sleep(0.002)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the hatchery has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, otherwise
        time.sleep(0.005)
