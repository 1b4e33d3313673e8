"""Frames and long tasks, read out of a browser's trace: those of the page that is busy, and nobody else's."""

from typing import Any

import pytest

from bench.trace import figures

PAGE, OTHER = (7, 1), (8, 1)


def thread(where: tuple[int, int], name: str) -> dict[str, Any]:
    return {"ph": "M", "name": "thread_name", "pid": where[0], "tid": where[1], "ts": 0, "args": {"name": name}}


def event(name: str, at_ms: float, where: tuple[int, int] = PAGE, took_ms: float | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {"ph": "X", "name": name, "pid": where[0], "tid": where[1], "ts": at_ms * 1000}
    return told if took_ms is None else {**told, "dur": took_ms * 1000}


THREADS = [thread(PAGE, "CrRendererMain"), thread(OTHER, "CrRendererMain"), thread((7, 9), "Compositor")]


def test_frames_lost_ones_and_long_tasks_are_counted_and_their_time_is_told_by_kind() -> None:
    starts = [0, 16.7, 33.4, 83.4, 100.1]
    events = [
        *THREADS,
        *(event("BeginMainThreadFrame", start) for start in starts),
        *(event("RunTask", start, took_ms=4) for start in starts[:4]),
        event("RunTask", 35, took_ms=48 + 4) | {"tdur": 30_000},
        event("UpdateLayoutTree", 36, took_ms=8),
        event("Paint", 50, took_ms=20),
        event("RasterTask", 60, (7, 5), took_ms=6),
        event("RasterTask", 60, (8, 5), took_ms=600),
        event("Display::DrawAndSwap", 62, (3, 3), took_ms=8),
        event("RunTask", 0, OTHER, took_ms=3),
        event("BeginMainThreadFrame", 5, OTHER),
    ]
    told = figures(events)
    assert (told["frames"], told["lost"], told["long_tasks"], told["longest_task_ms"]) == (4, 2, 1, 52.0)
    assert told["lost_to_page"] == 1, "30 ms of work take a second frame; the third was lost while it waited for a core"
    assert told["lost_after_1_s"] == 0
    assert told["frames_per_s"] == pytest.approx(40, abs=0.1)
    assert (told["frame_p50_ms"], told["frame_p99_ms"]) == (16.7, 50.0)
    assert told["main_ms_per_frame"] == 17.0
    assert (told["longest_task_cpu_ms"], told["main_cpu_ms_per_frame"]) == (30.0, 7.5)
    assert told["of_it"] == {
        "script": 10.0,
        "style": 2.0,
        "layout": 0.0,
        "paint": 5.0,
        "collecting": 0.0,
        "raster": 1.5,
        "drawing": 2.0,
    }


def test_what_is_lost_once_something_has_begun_is_counted_by_itself() -> None:
    starts = [0, 50, 900, 1_000, 1_016, 1_066]
    told = figures(
        [*THREADS, event("RunTask", 0, took_ms=1), *(event("BeginMainThreadFrame", start) for start in starts)]
    )
    assert (told["lost"], told["lost_after_1_s"]) == (2 + 50 + 5 + 2, 2)


def test_a_trace_without_a_page_or_without_frames_is_no_measurement() -> None:
    with pytest.raises(ValueError, match="no page"):
        figures([event("RunTask", 0, took_ms=1)])
    with pytest.raises(ValueError, match="no frames"):
        figures([*THREADS, event("BeginMainThreadFrame", 0), event("RunTask", 0, took_ms=1)])
