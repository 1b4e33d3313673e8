"""The parts that `up` keeps alive: each a warm child behind a gate.

Decides: when a part that died is started again (at once, then with growing pauses while it dies quickly),
and that a part which must come back fast has a warm spare waiting. Refuses to know what the parts do.
"""

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from builder_ui.environment import PROJECT
from builder_ui.spawn import Spawn, spawn

STABLE_AFTER = 20.0
LONGEST_PAUSE = 30.0


class Child:
    """A child process that has loaded everything and waits for its gate to open.

    One that `reports` prepares the database first, between two openings of its gate, and says when it is done.
    """

    def __init__(
        self, part: str, arguments: Sequence[str], pass_fds: Sequence[int] = (), *, reports: bool = False
    ) -> None:
        waiting, self.gate = os.pipe()
        self.report: int | None = None
        reporting: int | None = None
        if reports:
            self.report, reporting = os.pipe()
        own_fds = [waiting] if reporting is None else [waiting, reporting]
        command = [sys.executable, "-m", "builder_ui.child", ",".join(map(str, own_fds)), part, *arguments]
        self.spawn: Spawn = spawn(command, death_signal=signal.SIGKILL, cwd=PROJECT, pass_fds=(*own_fds, *pass_fds))
        for descriptor in own_fds:
            os.close(descriptor)
        self.is_open = False

    def open(self) -> None:
        """Let the child go on."""
        # A child that died before its gate opened is noticed by poll.
        with contextlib.suppress(BrokenPipeError):
            os.write(self.gate, b"+")
        self.is_open = True

    def has_reported(self) -> bool:
        """Whether the child has said that it is done preparing."""
        assert self.report is not None
        ready, _, _ = select.select([self.report], [], [], 0)
        return bool(ready) and os.read(self.report, 1) == b"+"

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self.spawn.poll()

    def ask_to_stop(self) -> None:
        """Ask the child to end."""
        with contextlib.suppress(ProcessLookupError):
            self.spawn.process.send_signal(signal.SIGTERM)

    def end(self, within: float) -> None:
        """Wait for the end, then kill."""
        self.spawn.end(signal.SIGTERM, within=within)
        for descriptor in (self.gate, self.report):
            if descriptor is not None:
                os.close(descriptor)


@dataclass(slots=True)
class Part:
    """One part that is to run as long as the site does."""

    name: str
    make: Callable[[], Child]
    say: Callable[[str], None]
    keeps_spare: bool = False
    running: Child | None = None
    spare: Child | None = None
    began: float = 0.0
    quick_deaths: int = 0
    begin_at: float | None = None

    def warm(self) -> None:
        """Start the child; it waits at its gate."""
        self.running = self.make()

    def begin(self) -> None:
        """Open the gate."""
        if self.running is not None:
            self.running.open()
        self.began = time.monotonic()

    def tend(self) -> None:
        """Look after the part: note a death, start again when it is time, keep the spare warm."""
        now = time.monotonic()
        if self.running is not None and (code := self.running.poll()) is not None:
            self._mourn(now, code)
        if self.running is None and self.begin_at is not None and now >= self.begin_at:
            self._begin_again()
        if self.keeps_spare and self.running is not None and now - self.began > 1.0:
            self._keep_spare()

    def children(self) -> list[Child]:
        """All there are."""
        return [child for child in (self.running, self.spare) if child is not None]

    def _mourn(self, now: float, code: int) -> None:
        assert self.running is not None
        self.running.end(0)
        self.running = None
        self.quick_deaths = self.quick_deaths + 1 if now - self.began < STABLE_AFTER else 1
        pause = 0.0 if self.quick_deaths == 1 else min(LONGEST_PAUSE, 0.25 * 2**self.quick_deaths)
        self.begin_at = now + pause
        when = f"again in {pause:g} s" if pause else "again"
        self.say(f"the {self.name} ended unexpectedly ({told(code)}); starting it {when}")

    def _begin_again(self) -> None:
        self.begin_at = None
        if self.spare is not None and self.spare.poll() is None:
            self.running, self.spare = self.spare, None
        else:
            self.running = self.make()
        self.begin()

    def _keep_spare(self) -> None:
        if self.spare is not None and self.spare.poll() is not None:
            self.spare.end(0)
            self.spare = None
        elif self.spare is None:
            self.spare = self.make()


def told(code: int) -> str:
    """An exit code in words."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
