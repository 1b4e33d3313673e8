"""What the parts of the running product weigh and spend: proportional set size and processor time, by part."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

TICK: Final = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found.extend(int(child) for child in task.read_text().split())
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def resident(pid: int) -> dict[str, float]:
    """MiB of PSS by part: database, web, worker (its forked children with it), up."""
    parts: dict[str, float] = {}
    for one, part in _parts(pid):
        try:
            for row in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if row.startswith("Pss:"):
                    parts[part] = parts.get(part, 0.0) + int(row.split()[1]) / 1024
        except (FileNotFoundError, ProcessLookupError):
            continue
    return {part: round(size, 1) for part, size in parts.items()}


def spent(pid: int) -> dict[str, float]:
    """Seconds of processor time by part since it began, with those of children that have ended."""
    parts: dict[str, float] = {}
    for one, part in _parts(pid):
        try:
            fields = _stat(one)
        except (FileNotFoundError, ProcessLookupError):
            continue
        parts[part] = parts.get(part, 0.0) + sum(int(fields[place]) for place in (11, 12, 13, 14)) / TICK
    return parts


@contextmanager
def metered(pid: int) -> Iterator[dict[str, float]]:
    """Seconds of processor time by part while the block ran; filled in at its end. The bench itself is `client`."""
    used: dict[str, float] = {}
    before, own = spent(pid), sum(os.times()[:2])
    yield used
    after = spent(pid)
    used.update({part: round(seconds - before.get(part, 0.0), 2) for part, seconds in after.items()})
    used["client"] = round(sum(os.times()[:2]) - own, 2)


def _parts(pid: int) -> Iterator[tuple[int, str]]:
    """Every process of the product and its part; a forked child belongs to its parent's."""
    part_of: dict[int, str] = {}
    for one in children(pid):
        try:
            part = _named(one)
            if part == "other":
                part = part_of.get(int(_stat(one)[1]), "other")
        except (FileNotFoundError, ProcessLookupError):
            continue
        part_of[one] = part
        yield one, part


def _stat(pid: int) -> list[str]:
    """The fields behind the name: state, parent, …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _named(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    if "postgres" in words.split(" ")[0]:
        return "database"
    for part in ("web", "worker", "up"):
        if f"manage.py {part}" in words or f" {part} " in words:
            return part
    return "other"
