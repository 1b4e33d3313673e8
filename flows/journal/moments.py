"""A run as it stood after one of its events, read in one go however long its journal is.

A reader folds on from here with the events past it. It decides what of the past is told whole: the steps at the top
and those that were under way; of steps inside others that had ended it tells only how many. It refuses to know how
anything is drawn, and who may read.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection

from flows.journal import read
from flows.journal.pattern import escaped
from flows.journal.progress import nodes_inside
from flows.journal.rows import Row
from flows.journal.steps_seen import ENDS, StepSeen, fold, instant_text, node_of, outside
from flows.journal.taken_over import taken_over
from flows.journal.went_by import version_before
from flows.security.safejson import Json

RUN_STATUS: Final = {
    "run_started": "running",
    "run_succeeded": "succeeded",
    "run_failed": "failed",
    "run_cancelled": "cancelled",
    "run_paused": "paused",
    "run_resumed": "running",
    "compensation_started": "compensating",
}
OVER: Final = frozenset({"succeeded", "failed", "cancelled"})
# The kinds of events after which a step stands otherwise than before.
TURNS: Final = (
    *ENDS,
    *("step_started", "step_retrying", "attempt_lost", "step_uncertain", "step_resolved", "step_let_go"),
    *("step_held", "breakpoint_passed", "timer_set", "step_waiting"),
)
# Both begin with the last turn of every step inside others, up to an event; a person's word is told by its verdict.
ENDED: Final = """
WITH last AS (
  SELECT DISTINCT ON (step) step,
    CASE WHEN kind IN ('step_resolved', 'step_let_go') THEN data::json->>'verdict' ELSE kind END AS turn
  FROM flows_event WHERE run_id = %s AND seq <= %s AND kind = ANY(%s) AND step ~ %s ORDER BY step, seq DESC
)
SELECT split_part(regexp_replace(step, '^.*/', ''), '[', 1), turn, count(*), NULL FROM last
WHERE turn = ANY(%s) GROUP BY 1, 2
UNION ALL SELECT NULL, turn, 1, step FROM last WHERE turn <> ALL(%s)
"""
ITEMS: Final = """
WITH last AS (
  SELECT DISTINCT ON (step) step,
    CASE WHEN kind IN ('step_resolved', 'step_let_go') THEN data::json->>'verdict' ELSE kind END AS turn
  FROM flows_event WHERE run_id = %s AND seq <= %s AND kind = ANY(%s) AND step ~ %s ORDER BY step, seq DESC
)
SELECT split_part(substr(step, %s), ']', 1)::int AS item, array_agg(turn), array_agg(step) FROM last GROUP BY item
"""
NOT_TOLD: Final = frozenset({"output", "outputs", "input", "listed", "seen", "refs"})
INNER: Final = r"[/\[]"
OF_STEPS: Final = """
SELECT seq, kind, step, at, data FROM flows_event WHERE run_id = %s AND seq <= %s AND step = ANY(%s) ORDER BY seq
"""
AT: Final = "SELECT max(seq) FROM flows_event WHERE run_id = %s AND seq <= %s"
WHEN: Final = "SELECT at FROM flows_event WHERE run_id = %s AND seq = %s"

VERDICTS: Final = {"succeeded": "succeeded", "over": "succeeded", "failed": "failed"}
_ENDED_TURNS: Final = {**ENDS, **VERDICTS}
LETTERS: Final = {"succeeded": "s", "failed": "f", "running": "r", "waiting": "w", "uncertain": "u", "stopped": "x"}
PENDING: Final = "p"
_WAITING: Final = frozenset({"timer_set", "step_waiting", "step_held", "step_retrying"})
_STOPPED: Final = frozenset({"step_skipped", "step_cancelled"})


def run_at(run: UUID, seq: int) -> dict[str, Json] | None:
    """The run after the event `seq` (the last one, where it has fewer); None where it has none yet."""
    seq = _one(AT, [run, seq])
    if not seq:
        return None
    rows = [Row(*found) for found in _query(read.TOP, [run, seq])]
    before = version_before(run, seq)
    document = before.document if before is not None else read.run_document(run)
    steps = fold(rows)
    ended, open_keys = _inside(run, seq)
    inner = fold(Row(*found) for found in _query(OF_STEPS, [run, seq, open_keys])) if open_keys else {}
    told: list[StepSeen] = [*steps.values(), *inner.values()]
    for step in told:
        if step.items is not None:
            read.count_items(run, step, document, seq)
    return {
        "seq": seq,
        "at": instant_text(_one(WHEN, [run, seq])),
        "version": before.number if before is not None else None,
        **_run_after(rows),
        "steps": [step.shape() for step in told],
        "ended": {node: dict(counts) for node, counts in ended.items()},
    }


def item_states(run: UUID, step: str, at: int) -> dict[str, Json] | None:
    """How each item of a step stood after the event `at`, a letter each; None where it lists none."""
    document = read.run_document(run, at)
    rows = [Row(*found) for found in _query(OF_STEPS, [run, at, [step]])]
    seen = fold(rows).get(step)
    if seen is None:
        return None
    node = node_of(step)
    inside = nodes_inside(document, node)
    tolerant = {one["id"] for one in document.get("nodes", ()) if one.get("on_error", "fail") != "fail"}
    tail = r"\[\d+\]$" if not inside else r"\[\d+\]/[^/\[]+$"
    fields: list[Any] = [run, at, list(TURNS), f"^{escaped(step)}{tail}", len(step) + 2]
    states = {
        item: _letter(dict(zip(keys, turns, strict=True)), tolerant, max(1, len(inside)))
        for item, turns, keys in _query(ITEMS, fields)
    }
    over = taken_over(rows)
    for item in over.kept if over is not None else ():
        states[item] = LETTERS["failed" if over is not None and item in over.left else "succeeded"]
    named: list[Json] = [*sorted(inside)]
    total = seen.items if seen.items is not None else max(states, default=-1) + 1
    return {
        "seq": _one(AT, [run, at]) or 0,
        "total": total,
        "states": "".join(states.get(item, PENDING) for item in range(total)),
        "inside": named,
    }


def brief_event(row: Row) -> dict[str, Json]:
    """An event without the values it carries: what a fold needs, and small whatever ran."""
    told = read.event_shape(row)
    data = told["data"]
    if isinstance(data, dict):
        told["data"] = {key: value for key, value in data.items() if key not in NOT_TOLD}
    return told


def _letter(turns: dict[str, str], tolerant: set[str], whole: int) -> str:
    """How an item stands, by the last turns of its steps."""
    kinds = set(turns.values())
    if any(_ENDED_TURNS.get(turn) == "failed" and node_of(key) not in tolerant for key, turn in turns.items()):
        return LETTERS["failed"]
    if "step_uncertain" in kinds:
        return LETTERS["uncertain"]
    if not kinds <= _ENDED_TURNS.keys():
        is_waiting = bool(kinds & _WAITING) and "step_started" not in kinds
        return LETTERS["waiting" if is_waiting else "running"]
    if kinds <= _STOPPED:
        return LETTERS["stopped"]
    return LETTERS["succeeded" if len(turns) >= whole else "running"]


def _inside(run: UUID, seq: int) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Of the steps inside others: how many of each node had ended and how, and the keys of the rest."""
    ended: defaultdict[str, dict[str, int]] = defaultdict(dict)
    under_way: list[str] = []
    ends = list(_ENDED_TURNS)
    for node, turn, count, key in _query(ENDED, [run, seq, list(TURNS), INNER, ends, ends]):
        if key is not None:
            under_way.append(key)
        else:
            status = _ENDED_TURNS[turn]
            ended[node][status] = ended[node].get(status, 0) + count
    return ended, under_way


def _run_after(rows: Iterable[Row]) -> dict[str, Json]:
    """The run's own state after these events."""
    status, started, finished, error, is_cancelling = "queued", None, None, None, False
    for row in rows:
        is_cancelling |= row.kind == read.CANCEL
        if row.kind not in RUN_STATUS:
            continue
        status = RUN_STATUS[row.kind]
        if row.kind == "run_started":
            started = row.at
        if status in OVER:
            values = orjson.loads(row.data)
            finished, failed = row.at, values.get("error")
            error = None if failed is None else outside(failed, StepSeen(values.get("origin") or ""))
    return {
        "status": status,
        "is_cancelling": is_cancelling and finished is None,
        "started_at": instant_text(started),
        "finished_at": instant_text(finished),
        "error": error,
    }


def _one(sql: str, fields: list[Any]) -> Any:
    found = _query(sql, fields)
    return found[0][0] if found else None


def _query(sql: str, fields: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, fields)
        return list(cursor.fetchall())
