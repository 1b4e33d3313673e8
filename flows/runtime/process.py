"""What our processes owe each other: none outlives the one that answers for it."""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def die_with_parent(parent: int) -> None:
    """Have this process killed when `parent`, which forked it, ends. Ends it now where that has happened.

    Linux does it by itself. Elsewhere the pipe of the worker host's supervision does.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def bind_children() -> None:
    """From here on every process forked below this one dies with the process that forked it."""
    parent = [os.getpid()]
    os.register_at_fork(after_in_child=lambda: _bind(parent))


def _bind(parent: list[int]) -> None:
    die_with_parent(parent[0])
    parent[0] = os.getpid()
