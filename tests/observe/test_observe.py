"""What a process tells of itself: log lines that name their run, traces, numbers."""

import json
import logging
import sys
from uuid import UUID

from flows.observe.logs import JsonLines
from flows.observe.metrics import RUNS_ENDED, rendered
from flows.observe.trace import current_trace, tracing

RUN = UUID("01a1fc0b-32b5-75a7-838a-eafa4d567ae0")


def line(**given: object) -> dict[str, object]:
    record = logging.LogRecord("flows.x", logging.WARNING, __file__, 1, "lost %s", ("it",), None)
    for name, value in given.items():
        setattr(record, name, value)
    found: dict[str, object] = json.loads(JsonLines().format(record))
    return found


def test_a_line_is_one_object_with_its_level_and_words() -> None:
    found = line()
    assert (found["level"], found["logger"], found["message"]) == ("warning", "flows.x", "lost it")
    assert "run" not in found


def test_a_line_names_the_run_and_step_it_is_about() -> None:
    with tracing(RUN, "each[3]/charge"):
        found = line()
    assert (found["run"], found["trace"], found["step"]) == (str(RUN), RUN.hex, "each[3]/charge")
    assert current_trace() == {}


def test_a_failure_carries_its_traceback_in_the_same_line() -> None:
    try:
        int("why")
    except ValueError:
        found = line(exc_info=sys.exc_info())
    assert "ValueError: invalid literal" in str(found["traceback"])


def test_numbers_are_told_in_prometheus_words() -> None:
    RUNS_ENDED.labels("succeeded").inc()
    assert b'mulgil_runs_ended_total{status="succeeded"}' in rendered()
