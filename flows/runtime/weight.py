"""What the processes of a worker host weigh, as Linux tells it; where nobody tells, nothing is known to weigh anything.

It decides what counts: memory of a process's own, and not what it shares with the others or with files. What is done
about too much of it is the supervisor's.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PAGE: Final = os.sysconf("SC_PAGE_SIZE")
GIB: Final = 1024**3


def most_allowed() -> int:
    """Bytes that one process of a host may hold: half of the machine's memory, and 2 GiB where it has less than 4."""
    return max(2 * GIB, os.sysconf("SC_PHYS_PAGES") * PAGE // 2)


def heaviest(pid: int) -> int:
    """Bytes that the heaviest process among this one and those below it holds."""
    return max(map(own_memory, family(pid)), default=0)


def family(pid: int) -> Iterator[int]:
    """The process and all below it."""
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        yield one
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            waiting += map(int, _read(task).split())


def own_memory(pid: int) -> int:
    """Bytes of a process's own that are in memory; 0 for one that has ended."""
    sizes = _read(Path(f"/proc/{pid}/statm")).split()
    return (int(sizes[1]) - int(sizes[2])) * PAGE if sizes else 0


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except OSError:
        return ""  # it has ended meanwhile, or the system tells no such thing
