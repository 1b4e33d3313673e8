"""Children that never outlive their parent.

Decides: how a child dies with us (the kernel's parent-death signal on Linux, a pipe held by a guard
elsewhere), and how it is ended in order and then by force. Refuses to know what the children do.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(slots=True)
class Spawn:
    """A running child and, where the kernel can't watch for us, the pipe whose end tells its guard."""

    process: subprocess.Popen[bytes]
    lifeline: int | None = None

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self.process.pid

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self.process.poll()

    def end(self, first: signal.Signals, *, within: float) -> None:
        """Ask by `first`, wait `within` seconds, then kill the child and its group."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(first)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=within)
        self.kill()

    def kill(self) -> None:
        """End the child and whatever is left of its group at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        if self.lifeline is not None:
            os.close(self.lifeline)
            self.lifeline = None


def spawn(
    command: Sequence[str],
    *,
    death_signal: signal.Signals,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stderr: Path | None = None,
    pass_fds: Sequence[int] = (),
    **options: Any,
) -> Spawn:
    """Start `command` in a process group of its own; it gets `death_signal` when this thread's process dies.

    A group of its own keeps a terminal's Ctrl-C from it: the parent decides who stops first.
    """
    errors: IO[bytes] | None = stderr.open("wb") if stderr else None
    lifeline: int | None = None
    try:
        if _libc is not None:
            options["preexec_fn"] = partial(_die_with, os.getpid(), death_signal)
        else:
            watched, lifeline = os.pipe()
            pass_fds = (*pass_fds, watched)
            command = [sys.executable, "-m", "builder_ui.guard", str(watched), str(int(death_signal)), *command]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stderr=errors,
            env=environment,
            cwd=cwd,
            pass_fds=pass_fds,
            process_group=0,
            **options,
        )
        if _libc is None:
            os.close(pass_fds[-1])
        return Spawn(process, lifeline)
    finally:
        if errors is not None:
            errors.close()


def _die_with(parent: int, death_signal: signal.Signals) -> None:
    # Runs in the child between fork and exec, after it became its user; the parent may have died before this line.
    if _libc is None or _libc.prctl(PR_SET_PDEATHSIG, int(death_signal)) != 0 or os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
