"""Reading runs back: the run, its steps, its events. Sync, through Django's connection; sockets call it in threads.

Steps are the fold of the journal, so nothing here can disagree with what happened. It refuses to know who may
read: the caller has found the run in its own workspace before.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection

from flows.journal.kept import kept_value, run_output
from flows.journal.pattern import escaped
from flows.journal.progress import ended_items
from flows.journal.rows import Row
from flows.journal.steps_seen import StepSeen, fold, instant_text
from flows.journal.taken_over import taken_over
from flows.journal.went_by import version_before
from flows.security.safejson import Json

SHORT: Final = 300
RUN: Final = """
SELECT r.id, r.flow_id, f.name, v.number AS version, r.version_id, r.document_hash, r.status, r.input, r.output, r.error,
  r.created_at, r.started_at, r.finished_at, r.number, r.attempt, r.trigger, r.priority, r.queue, r.is_test, r.rerun_of_id,
  r.parent_run_id, r.parent_step, r.started_by, r.part, r.seq, r.wake_at, n.name AS environment,
  r.held, r.line_limit, EXISTS (SELECT 1 FROM flows_run c WHERE c.parent_run_id = r.id) AS has_children,
  EXISTS (SELECT 1 FROM flows_wentby w WHERE w.run_id = r.id) AS is_moved,
  r.mail > 0 AND EXISTS (
    SELECT 1 FROM flows_inbox i WHERE i.run_id = r.id AND i.kind = 'cancel' AND i.consumed_at IS NULL
  ) AS is_sent_a_cancel
FROM flows_run r JOIN flows_flow f ON f.id = r.flow_id LEFT JOIN flows_version v ON v.id = r.version_id
LEFT JOIN flows_environment n ON n.id = r.environment_id
WHERE r.id = %s
"""
EVENTS: Final = """
SELECT seq, kind, step, at, data FROM flows_event WHERE run_id = %s AND seq > %s ORDER BY seq LIMIT %s
"""
BREAKPOINTS: Final = """
SELECT data FROM flows_event WHERE run_id = %s AND kind = 'breakpoints_set' ORDER BY seq DESC LIMIT 1
"""
# Top-level steps have neither a wall nor an item in their key.
TOP: Final = r"""
SELECT seq, kind, step, at, data FROM flows_event
WHERE run_id = %s AND seq <= %s AND (step IS NULL OR step !~ '[/\[]') ORDER BY seq
"""
# The run and, where it is so short that nobody needs to ask first how long it is, its top-level events as JSON.
RUN_WITH_TOPS: Final = rf"""
SELECT one.*, CASE WHEN one.seq <= {SHORT} THEN (
  SELECT coalesce(json_agg(json_build_array(e.seq, e.kind, e.step, e.at, e.data) ORDER BY e.seq)::text, '[]')
  FROM flows_event e WHERE e.run_id = one.id AND (e.step IS NULL OR e.step !~ '[/\[]')
) END AS tops FROM ({RUN}) one
"""  # noqa: S608  # put together of constants alone
OF_STEPS: Final = """
SELECT seq, kind, step, at, data FROM flows_event WHERE run_id = %s AND step = ANY(%s) ORDER BY seq
"""
# Steps directly inside another, in the order they began; the pattern is made of the parent's key, escaped.
INSIDE: Final = """
SELECT step FROM flows_event WHERE run_id = %s AND step ~ %s
GROUP BY step HAVING min(seq) > %s ORDER BY min(seq) LIMIT %s
"""
# Who stands in line before a run: the line is let in by priority, then by age.
POSITION: Final = """
SELECT count(*) + 1 FROM flows_run me JOIN flows_run ahead ON ahead.flow_id = me.flow_id AND ahead.line = me.line
WHERE me.id = %s AND ahead.held AND ahead.finished_at IS NULL
  AND (ahead.priority > me.priority OR (ahead.priority = me.priority AND ahead.id < me.id))
"""
LAST_BEGUN: Final = """
SELECT max(seq) FROM flows_event WHERE run_id = %s AND step = %s AND kind = 'step_started' AND seq <= %s
"""
FIRST_SEEN: Final = "SELECT min(seq) FROM flows_event WHERE run_id = %s AND step = %s"
ALL: Final = 2**62
CANCEL: Final = "cancel_requested"
PAGE: Final = 20_000
# The newest runs that steps of this one called.
CHILDREN: Final = """
SELECT r.id, r.flow_id, f.name, r.number, r.status, r.parent_step, r.created_at, r.finished_at
FROM flows_run r JOIN flows_flow f ON f.id = r.flow_id WHERE r.parent_run_id = %s {also} ORDER BY r.id DESC LIMIT %s
"""
PARENT: Final = """
SELECT r.id, r.flow_id, f.name, r.number, r.status FROM flows_run r JOIN flows_flow f ON f.id = r.flow_id WHERE r.id = %s
"""
MOST_CHILDREN: Final = 100
DOCUMENT: Final = "SELECT document FROM flows_version WHERE id = %s"
REMEMBERED: Final = 1_000
PAYLOAD: Final = "SELECT data FROM flows_payload WHERE hash = %s"
# A value of a run, or after how many days the run let its content go: another run may still need the same content.


def run_view(run: UUID) -> dict[str, Json] | None:
    """The run with every top-level step, pending and skipped ones too, at its head `seq`; None where it isn't."""
    row, tops = _run_and_top(run)
    if row is None:
        return None
    nodes = _nodes_of(row)
    steps = fold(tops)
    repeated = [steps[node] for node in nodes if node in steps and steps[node].items is not None]
    document = _document(row) if repeated else {}
    for step in repeated:
        count_items(run, step, document, row["seq"])
    return _viewed(row, nodes, steps, tops) | {
        "parent": _parent(row),
        "children": children_of(run) if row["has_children"] else [],
    }


def plain_view(row: Mapping[str, Any]) -> dict[str, Json] | None:
    """As `run_view`, of a run of which its row (`RUN_WITH_TOPS`) says all; None where it doesn't."""
    nodes = _known_nodes.get(row["document_hash"])
    is_kept = row["output"] is not None and row["output"].startswith("@")
    is_related = row["held"] or row["parent_run_id"] is not None or row["has_children"]
    if nodes is None or row["tops"] is None or is_kept or is_related:
        return None
    tops = [Row(*found) for found in orjson.loads(row["tops"])]
    steps = fold(tops)
    if any(step.items is not None for step in steps.values()):
        return None
    return _viewed(row, nodes, steps, tops) | {"parent": None, "children": []}


def _viewed(
    row: Mapping[str, Any], nodes: Sequence[str], steps: Mapping[str, StepSeen], tops: Sequence[Row]
) -> dict[str, Json]:
    is_asked_to_end = row["finished_at"] is None and (
        row["is_sent_a_cancel"] or any(top.kind == CANCEL for top in tops)
    )
    # What a part was given of nodes outside is no step of it; what ran before the run was moved to a version without it is.
    gone = steps.keys() - set(nodes)
    shown = [*nodes, *(key for key, step in steps.items() if key in gone and step.attempts)] if gone else nodes
    return run_shape(row) | {
        "is_cancelling": is_asked_to_end,
        "moved": row["is_moved"],
        "steps": [(steps.get(node) or StepSeen(node)).shape() for node in shown],
    }


def children_of(run: UUID, step: str | None = None) -> list[Json]:
    """The newest runs that this one, or one step of it, called."""
    also, fields = ("AND r.parent_step = %s", [run, step]) if step is not None else ("", [run])
    return [
        _relative(*found[:5]) | {"step": found[5], "created_at": _moment(found[6]), "finished_at": _moment(found[7])}
        for found in _query(CHILDREN.format(also=also), [*fields, MOST_CHILDREN])
    ]


def _parent(row: Mapping[str, Any]) -> Json:
    """The run whose step called this one; null where none did, or where it was purged."""
    if row["parent_run_id"] is None:
        return None
    found = _query(PARENT, [row["parent_run_id"]])
    return _relative(*found[0]) | {"step": row["parent_step"]} if found else None


def _relative(run: UUID, flow: UUID, name: str, number: int, status: str) -> dict[str, Json]:
    return {"run": str(run), "flow": str(flow), "flow_name": name, "number": number, "status": status}


def run_shape(row: Mapping[str, Any]) -> dict[str, Json]:
    """The run without its steps."""
    return {
        "id": str(row["id"]),
        "flow": str(row["flow_id"]),
        "flow_name": row["name"],
        "version": row["version"],
        "document_hash": row["document_hash"],
        "status": row["status"],
        "input": orjson.loads(row["input"]),
        "output": run_output(row["id"], row["output"]),
        "error": orjson.loads(row["error"]) if row["error"] else None,
        "created_at": _moment(row["created_at"]),
        "started_at": _moment(row["started_at"]),
        "finished_at": _moment(row["finished_at"]),
        "wake_at": _moment(row["wake_at"]),
        "number": row["number"],
        "attempt": row["attempt"],
        "trigger": row["trigger"] or None,
        "priority": row["priority"],
        "is_test": row["is_test"],
        "rerun_of": _text(row["rerun_of_id"]),
        "parent_run": _text(row["parent_run_id"]),
        "parent_step": row["parent_step"] or None,
        "started_by": row["started_by"],
        "environment": row["environment"],
        "seq": row["seq"],
        "queue_limit": row["line_limit"],
        "queue_position": _position(row["id"]) if row["held"] else None,
    }


def _position(run: UUID) -> int:
    """How many stand before it in its line, and itself; as people count, from 1."""
    return int(_query(POSITION, [run])[0][0])


def run_document(run: UUID, at: int = ALL) -> dict[str, Any]:
    """The document the run goes by; with `at`, the one it went by behind that event."""
    before = version_before(run, at) if at < ALL else None
    if before is not None:
        return before.document
    row = _run_row(run)
    return _document(row) if row is not None else {}


def breakpoints(run: UUID) -> dict[str, str]:
    """Where the run stops: node id -> condition, as its journal says last."""
    rows = _query(BREAKPOINTS, [run])
    return dict(orjson.loads(rows[0][0])["points"]) if rows else {}


def events_after(run: UUID, seq: int, limit: int) -> list[Row]:
    """Committed events past `seq`, in order."""
    return [Row(*found) for found in _query(EVENTS, [run, seq, limit])]


def event_shape(row: Row) -> dict[str, Json]:
    """An event as the API and the sockets tell it."""
    return {
        "seq": row.seq,
        "kind": row.kind,
        "step": row.step,
        "at": instant_text(row.at),
        "data": orjson.loads(row.data),
    }


def steps_inside(run: UUID, parent: str, *, after: int, limit: int) -> list[StepSeen]:
    """The steps directly inside `parent` (items, turns, the nodes of a container) that began past seq `after`."""
    inside = rf"^{escaped(parent)}(\[\d+\](/[^/\[]+)?|/[^/\[]+)$"
    keys = [str(key) for (key,) in _query(INSIDE, [run, inside, after, limit])]
    found = fold(_rows_of(run, keys))
    return [found[key] for key in keys]


def last_begun(run: UUID, step: str, at: int = ALL) -> int:
    """The seq of the event that began a step's last attempt up to the event `at`; `ALL` where it has none."""
    return next(iter(_query(LAST_BEGUN, [run, step, at])))[0] or ALL


def first_seen(run: UUID, step: str) -> int:
    """The seq of a step's first event; 0 where it has none."""
    return next(iter(_query(FIRST_SEEN, [run, step])))[0] or 0


def step_detail(run: UUID, step: str, at: int = ALL) -> dict[str, Json] | None:
    """One step with its resolved input, its output, its attempts and their logs; None where there is none.

    With `at`, as it stood after that event.
    """
    is_inner = "/" in step or "[" in step
    rows = _rows_of(run, [step]) if is_inner else _rows_with_start(run, step)
    seen = fold(row for row in rows if row.seq <= at).get(step)
    if not is_inner and seen is None and step in _top_nodes(run_document(run, at)):
        seen = StepSeen(step)
    if seen is None and step.endswith("]"):
        seen = _taken_over(run, step, at)
    if seen is None:
        return None
    if seen.items is not None:
        count_items(run, seen, run_document(run, at), at)
    last = seen.attempts[-1] if seen.attempts else None
    return seen.shape() | {
        "input": last.input if last else None,
        "output": output_of(run, seen),
        "logs": last.logs if last else [],
        "children": children_of(run, step),
        "attempts": [
            {
                "attempt": one.number,
                "status": one.outcome,
                "started_at": instant_text(one.started_at),
                "finished_at": instant_text(one.finished_at),
                "error": one.error,
                "input": one.input,
                "logs": one.logs,
            }
            for one in seen.attempts
        ],
    }


def _taken_over(run: UUID, item: str, at: int) -> StepSeen | None:
    """An item that wasn't run here but taken over from another run."""
    holder, _, place = item.removesuffix("]").rpartition("[")
    over = taken_over(row for row in _rows_of(run, [holder]) if row.seq <= at)
    if over is None or int(place) not in over.kept:
        return None
    outputs = over.outputs
    if over.beside and isinstance(outputs, dict):
        outputs = kept_value(run, str(outputs["$payload"]))
    return over.step(item, int(place), outputs)


def output_of(run: UUID, step: StepSeen) -> Json:
    """The step's output, read from beside the journal where it is large; or what stands in its place (`kept_value`)."""
    if not step.output_kept or not isinstance(step.output, dict):
        return step.output
    return kept_value(run, str(step.output["$payload"]))


def top_steps(run: UUID) -> dict[str, StepSeen]:
    """The run's top-level steps that have an event, by key."""
    return fold(_top_rows(run, ALL))


def named_steps(run: UUID, keys: Sequence[str]) -> dict[str, StepSeen]:
    """Those of the steps that have an event, wherever they stand, by key."""
    return fold(_rows_of(run, keys))


def all_events(run: UUID, seq: int = 0) -> Iterator[Row]:
    """The whole journal past `seq`, a page at a time."""
    while rows := events_after(run, seq, PAGE):
        yield from rows
        seq = rows[-1].seq


def _run_row(run: UUID) -> dict[str, Any] | None:
    with connection.cursor() as cursor:
        cursor.execute(RUN, [run])
        return _fetched(cursor)


def _run_and_top(run: UUID) -> tuple[dict[str, Any] | None, list[Row]]:
    """The run and its top-level events up to its head, in one round trip."""
    with connection.cursor() as cursor:
        cursor.execute(f"{RUN};{TOP}", [run, run, ALL])
        row = _fetched(cursor)
        cursor.nextset()
        # What was committed between the two statements is past the head.
        head = row["seq"] if row is not None else 0
        return row, [Row(*found) for found in cursor.fetchall() if found[0] <= head]


def _fetched(cursor: Any) -> dict[str, Any] | None:
    row = cursor.fetchone()
    return None if row is None else dict(zip((column.name for column in cursor.description), row, strict=True))


def _document(row: Mapping[str, Any]) -> dict[str, Any]:
    version, name = row["version_id"], row["document_hash"]
    found = _query(DOCUMENT, [version]) if version is not None else _query(PAYLOAD, [name])
    return orjson.loads(found[0][-1]) if found else {}


_known_nodes: dict[str, list[str]] = {}
"""Of documents by their hash, the nodes at the top: a document never changes under its hash."""


def _nodes_of(row: Mapping[str, Any]) -> list[str]:
    name = row["document_hash"]
    nodes = _known_nodes.get(name)
    if nodes is None:
        nodes = _top_nodes(_document(row))
        if len(_known_nodes) >= REMEMBERED:
            _known_nodes.clear()
        if nodes:  # one that was purged may come again
            _known_nodes[name] = nodes
    return nodes


def _top_nodes(document: Mapping[str, Any]) -> list[str]:
    return [node["id"] for node in document.get("nodes", ()) if not node.get("parent")]


def count_items(run: UUID, step: StepSeen, document: dict[str, Any], head: int) -> None:
    """Tell the step how many of its items had ended, up to the event `head`."""
    if step.items is not None:
        is_over = step.status == "succeeded"
        step.done = step.items if is_over else step.kept + ended_items(run, step.key, document, head)


def _top_rows(run: UUID, head: int) -> Iterator[Row]:
    return (Row(*found) for found in _query(TOP, [run, head]))


def _rows_of(run: UUID, keys: Sequence[str]) -> Iterator[Row]:
    return (Row(*found) for found in _query(OF_STEPS, [run, list(keys)])) if keys else iter(())


def _rows_with_start(run: UUID, step: str) -> Iterator[Row]:
    yield from events_after(run, 0, 1)
    yield from _rows_of(run, [step])


def _query(sql: str, fields: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, fields)
        return list(cursor.fetchall())


def _moment(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
