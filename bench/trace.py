"""What a browser's trace says of smoothness: the time between frames, the long tasks, and what the main thread did.

It reads events of Chromium's trace and nothing else; it refuses to know what was done on the page meanwhile.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from bench.figures import quantile

Event = Mapping[str, Any]

CATEGORIES: Final = (
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "disabled-by-default-devtools.timeline.frame",
    "viz",
)
# A frame at 60 a second, and how much of the next one it may take before that one is lost.
FRAME_MS: Final = 1000 / 60
LOST_MS: Final = FRAME_MS * 1.5
LONG_MS: Final = 50.0
# What the main thread does beside running scripts, by the names of the trace.
KINDS: Final[dict[str, frozenset[str]]] = {
    "style": frozenset({"UpdateLayoutTree", "ParseAuthorStyleSheet"}),
    "layout": frozenset({"Layout"}),
    "paint": frozenset({"PrePaint", "Paint", "Layerize", "UpdateLayer", "CompositeLayers", "Commit"}),
    "collecting": frozenset({"MajorGC", "MinorGC"}),
}


def figures(events: Sequence[Event]) -> dict[str, Any]:
    """Frames, long tasks and milliseconds a frame, by what they went to, of the page whose main thread was busiest."""
    main = _busiest(events)
    ran = _of(events, "RunTask", main)
    tasks = [event["dur"] / 1000 for event in ran]
    # Of the processor alone: what can be compared where other work has the cores too.
    ran_cpu = [event.get("tdur", 0) / 1000 for event in ran]
    began = sorted({event["ts"] / 1000 for event in _of(events, "BeginMainThreadFrame", main, whole=False)})
    gaps = [after - before for before, after in pairwise(began)]
    if not gaps:
        raise ValueError("the trace holds no frames")
    long = [task for task in tasks if task > LONG_MS]
    frames = len(gaps)
    return {
        "frames": frames,
        "frames_per_s": round(frames / sum(gaps) * 1000, 1),
        "frame_p50_ms": round(quantile(gaps, 0.5), 1),
        "frame_p95_ms": round(quantile(gaps, 0.95), 1),
        "frame_p99_ms": round(quantile(gaps, 0.99), 1),
        "lost": sum(_lost(gap) for gap in gaps),
        "lost_to_page": _lost_to_page(began, ran),
        "lost_after_1_s": sum(_lost(gap) for start, gap in zip(began, gaps, strict=False) if start - began[0] > 1_000),
        "long_tasks": len(long),
        "longest_task_ms": round(max(tasks, default=0.0), 1),
        "longest_task_cpu_ms": round(max(ran_cpu, default=0.0), 1),
        "main_ms_per_frame": round(sum(tasks) / frames, 2),
        "main_cpu_ms_per_frame": round(sum(ran_cpu) / frames, 2),
        "of_it": _spent(events, main, sum(tasks), frames),
    }


def _lost(gap: float) -> int:
    """How many frames are missing between two that far apart, in milliseconds."""
    return round(gap / FRAME_MS) - 1 if gap > LOST_MS else 0


def _lost_to_page(began: Sequence[float], ran: Iterable[Event]) -> int:
    """Of the frames that were lost, those for which the page itself had too much work for the processor.

    The others were lost beside it: to whoever had the cores meanwhile, and to bringing the picture together.
    """
    tasks = sorted((event["ts"] / 1000, event.get("tdur", 0) / 1000) for event in ran)
    starts = [start for start, _ in tasks]
    lost = 0
    for before, after in pairwise(began):
        missing = _lost(after - before)
        if missing:
            worked = sum(took for _, took in tasks[bisect_left(starts, before) : bisect_left(starts, after)])
            lost += min(missing, max(0, math.ceil(worked / FRAME_MS) - 1))
    return lost


def _of(events: Iterable[Event], name: str, thread: tuple[int, int], *, whole: bool = True) -> list[Event]:
    """Events of this name on the thread; `whole` are those that say how long they took."""
    return [
        event
        for event in events
        if event["name"] == name and (event["pid"], event["tid"]) == thread and (not whole or "dur" in event)
    ]


def _busiest(events: Iterable[Event]) -> tuple[int, int]:
    named = [event for event in events if event["ph"] == "M" and event["name"] == "thread_name"]
    mains = {(event["pid"], event["tid"]) for event in named if event["args"]["name"] == "CrRendererMain"}
    busy = dict.fromkeys(mains, 0)
    for event in events:
        where = (event["pid"], event["tid"])
        if where in busy and event["name"] == "RunTask":
            busy[where] += event.get("dur", 0)
    if not busy:
        raise ValueError("the trace holds no page")
    return max(busy, key=lambda where: busy[where])


def _spent(events: Sequence[Event], main: tuple[int, int], total: float, frames: int) -> dict[str, float]:
    """Milliseconds a frame by kind; `script` is all that has no other name.

    Beside the main thread: `raster` is what others painted of the page, `drawing` what the browser took to bring it together.
    """
    spent = dict.fromkeys(KINDS, 0.0)
    kinds = {name: kind for kind, names in KINDS.items() for name in names}
    raster = drawing = 0.0
    for event in events:
        if "dur" not in event:
            continue
        if event["name"] == "RasterTask" and event["pid"] == main[0]:
            raster += event["dur"] / 1000
        elif event["name"] == "Display::DrawAndSwap":
            drawing += event["dur"] / 1000
        elif event["name"] in kinds and (event["pid"], event["tid"]) == main:
            spent[kinds[event["name"]]] += event["dur"] / 1000
    told = {"script": max(0.0, total - sum(spent.values())), **spent, "raster": raster, "drawing": drawing}
    return {kind: round(took / frames, 2) for kind, took in told.items()}
