"""What the parts of the running product weigh: proportional set size, by part."""

from pathlib import Path


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


def _part(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    if "postgres" in words.split(" ")[0]:
        return "database"
    for part in ("web", "worker", "up"):
        if f"manage.py {part}" in words or f" {part} " in words:
            return part
    return "other"


def resident(pid: int) -> dict[str, float]:
    """MiB of PSS by part: database, web, worker (its forked children with it), up."""
    parts: dict[str, float] = {}
    part_of: dict[int, str] = {}
    for one in children(pid):
        try:
            stat = Path(f"/proc/{one}/stat").read_text()
            parent = int(stat.rpartition(")")[2].split()[1])
            part = _part(one)
            if part == "other":
                part = part_of.get(parent, "other")
            part_of[one] = part
            for row in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if row.startswith("Pss:"):
                    parts[part] = parts.get(part, 0.0) + int(row.split()[1]) / 1024
        except (FileNotFoundError, ProcessLookupError):
            continue
    return {part: round(size, 1) for part, size in parts.items()}
