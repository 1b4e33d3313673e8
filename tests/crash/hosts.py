"""Worker hosts as `up` keeps them: one that runs, one that is warm, and the next as soon as the first dies."""

import contextlib
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection

from builder_ui.parts import Child


def address_of_test_database() -> str:
    """The URL of the database Django's tests run on."""
    given: dict[str, Any] = connection.settings_dict
    secret = f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else ""
    where = given["HOST"] or ""
    port = f":{given['PORT']}" if given["PORT"] else ""
    if where.startswith("/"):
        return f"postgresql://{quote(given['USER'])}{secret}@/{given['NAME']}?host={quote(where, safe='')}&port={given['PORT']}"
    return f"postgresql://{quote(given['USER'])}{secret}@{where}{port}/{given['NAME']}"


class Host:
    """One worker host and its spare."""

    def __init__(self) -> None:
        self._running = Child("worker", [])
        self._running.open()
        self._spare = Child("worker", [])
        self._seen: tuple[int, tuple[str, int]] = (0, ("", 0))

    @property
    def pid(self) -> int:
        return self._running.spawn.process.pid

    def look(self) -> None:
        """What `up` does all the time: the spare takes over from one that died."""
        if self._running.poll() is not None:
            self._running, self._spare = self._spare, Child("worker", [])
            self._running.open()

    def is_warm(self) -> bool:
        """Whether the spare has loaded everything and waits at its gate."""
        spare = self._spare.spawn.process.pid
        before, self._seen = self._seen, (spare, _state_and_time(spare))
        return self._seen[1][0] == "S" and self._seen == before

    def holds(self, pid: int) -> bool:
        """Whether a process is one of this host's."""
        while pid > 1:
            if pid == self.pid:
                return True
            pid = parent_of(pid)
        return False

    def stop(self) -> None:
        for child in (self._spare, self._running):
            child.ask_to_stop()
        until = time.monotonic() + 25
        while self._running.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        for child in (self._spare, self._running):
            child.end(5.0)


def _stat(pid: int) -> list[str]:
    """The fields of a process behind its name: state, parent, …; none where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def children_of(pid: int) -> dict[int, str]:
    """A process's children and their command lines."""
    found = {}
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                line = Path(f"/proc/{child}/cmdline").read_bytes()
                found[int(child)] = line.replace(b"\0", b" ").decode()
    return found


def parent_of(pid: int) -> int:
    found = _stat(pid)
    return int(found[1]) if found else 0


def is_alive(pid: int) -> bool:
    """Whether a process is there and more than a name that nobody has taken note of."""
    found = _stat(pid)
    return bool(found) and found[0] != "Z"


def _state_and_time(pid: int) -> tuple[str, int]:
    """Its state, and the ticks it has computed."""
    found = _stat(pid)
    return (found[0], int(found[11])) if found else ("", 0)
