"""Looking through the database for what must never be: every invariant of runs, by reading alone.

The journal of each run goes through the engine's `Examiner`; beside it stand the run's columns, its inbox, its
outbox and its owner, which `runtime.holding` compares with what the journal says. A batch of runs is read in one snapshot of
the database, so that runs may go on meanwhile. It mends nothing.
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from django.db import connection, transaction

from flows.dsl.catalogue import Catalogue
from flows.dsl.read import read_document
from flows.engine.compile import compile_plan
from flows.engine.events import StepSucceeded
from flows.engine.invariants import Examiner, Finding, Rule
from flows.engine.plan import Plan
from flows.errors import MulgilError
from flows.journal.codec import decode, fence_of, refs_of
from flows.journal.moved import moves_in, stretches
from flows.journal.outbox import message_id
from flows.journal.rows import Row
from flows.nodes.installed import catalogue
from flows.operations import fsck_approvals, fsck_calls, fsck_payloads, fsck_versions
from flows.operations.fsck_approvals import Questions
from flows.runtime.facts import given_up
from flows.runtime.holding import ENDED, Beside, Columns, Told, beside_holds, places_hold, row_holds
from flows.runtime.kinship import Calls
from flows.security import safejson

BATCH: Final = 200
PAGE: Final = 20_000
PLANS: Final = 64

RUNS: Final = """
SELECT r.id, r.document_hash, r.is_test, r.status, r.owner, r.fence, r.seq, r.mail, r.output, r.error,
  (extract(epoch FROM r.wake_at) * 1000000)::bigint AS wake_at,
  (extract(epoch FROM r.finished_at) * 1000000)::bigint AS finished_at,
  EXISTS (SELECT 1 FROM flows_executor e WHERE e.id = r.owner) AS is_known,
  (SELECT count(*) FROM flows_inbox i WHERE i.run_id = r.id AND i.consumed_at IS NULL) AS unread
FROM flows_run r WHERE r.id > %(after)s AND (%(run)s::uuid IS NULL OR r.id = %(run)s) ORDER BY r.id LIMIT %(most)s
"""
EVENTS: Final = """
SELECT run_id, seq, kind, step, at, data FROM flows_event
WHERE run_id = ANY(%(runs)s) AND (run_id, seq) > (%(run)s, %(seq)s) ORDER BY run_id, seq LIMIT %(most)s
"""
MOVES: Final = """
SELECT run_id, seq, kind, step, at, data FROM flows_event WHERE run_id = ANY(%s) AND kind = 'run_moved' ORDER BY run_id, seq
"""
DOCUMENTS: Final = """
SELECT x.hash, coalesce(
  (SELECT v.document FROM flows_version v WHERE v.hash = x.hash AND v.document <> '' LIMIT 1),
  (SELECT convert_from(p.data, 'UTF8') FROM flows_payload p WHERE p.hash = x.hash)
) FROM unnest(%s::text[]) AS x(hash)
"""
# The key of a signal goes into the journal; that of a cancel only keeps its sender from sending it twice.
CONSUMED: Final = """
SELECT run_id, kind, name, CASE kind WHEN 'signal' THEN coalesce(key, '') ELSE '' END FROM flows_inbox
WHERE run_id = ANY(%s) AND consumed_at IS NOT NULL
"""
UNSENT: Final = """
SELECT r.run_id, j.id, j.action FROM flows_jobresult r JOIN flows_job j ON j.id = r.job_id
WHERE r.run_id = ANY(%s) AND r.outcome = 'done' AND j.action IN ('cancel', 'pause', 'resume', 'move')
  AND NOT EXISTS (SELECT FROM flows_inbox i WHERE i.run_id = r.run_id AND i.key = 'job:' || j.id AND i.kind = j.action)
"""
# What runs have of locks, beside what their journals say.
PLACES: Final = """
SELECT p.run_id, p.step, p.seed, p.name, p.token FROM flows_lockplace p WHERE p.run_id = ANY(%s)
"""
TOO_MANY: Final = """
SELECT (array_agg(p.run_id ORDER BY p.token DESC))[1], p.name, count(*), min(p."limit")
FROM flows_lockplace p WHERE p.token IS NOT NULL AND p.released_at IS NULL
GROUP BY p.workspace_id, p.name HAVING count(*) > min(p."limit")
"""
SHRUNK: Final = """
SELECT run_id, name, token, before FROM (
    SELECT run_id, name, token, max(token) OVER (
        PARTITION BY workspace_id, name ORDER BY granted_at, token ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before FROM flows_lockplace WHERE token IS NOT NULL
) AS grants WHERE token <= before
"""
SENT: Final = "SELECT run_id, payload FROM flows_outbox WHERE run_id = ANY(%s) AND topic = 'alert' AND step = ''"
PUBLISHED: Final = "SELECT run_id, step, id FROM flows_outbox WHERE run_id = ANY(%s) AND step <> ''"
GIVEN_UP: Final = "SELECT run_id, step, failed FROM flows_faileditems WHERE run_id = ANY(%s)"
# What a step went on without before there were rows for it stands in the journal alone.
GIVEN_UP_SINCE: Final = """
SELECT (extract(epoch FROM applied) * 1000000)::bigint FROM django_migrations
WHERE app = 'flows' AND name = '0022_failed_items'
"""
TOLD: Final = "SELECT run_id, step, code FROM flows_alert WHERE run_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding, and the run it is about, or the version where `thing` says so."""

    run: UUID
    finding: Finding
    thing: str = "run"

    def __str__(self) -> str:
        found = self.finding
        step = f", step {found.step}" if found.step else ""
        seq = f", seq {found.seq}" if found.seq is not None else ""
        return f"{self.thing} {self.run}{step}{seq}: {found.sentence} [{found.rule}]"


@dataclass(slots=True)
class Checked:
    """What was looked through, and what is wrong."""

    runs: int = 0
    events: int = 0
    faults: list[Fault] = field(default_factory=list)


class _Lost(NamedTuple):
    """How many items a step went on without, and when."""

    failed: int
    at: int


def check(run: UUID | None = None, *, known: Catalogue | None = None) -> Checked:
    """Look through one run, or all of them, with the node types installed or `known`."""
    checked, after = Checked(), UUID(int=0)
    plans = _Plans(known or catalogue())
    while True:
        with _one_snapshot():
            rows = _rows(RUNS, {"after": after, "run": run, "most": BATCH})
            if rows:
                _check(rows, plans, checked)
            if run is None and not after.int:
                _check_locks(checked)
                for gone, sentence in fsck_payloads.orphans():
                    _fault(checked, gone, "payload", sentence)
                for version, sentence in fsck_versions.faults():
                    checked.faults.append(Fault(version, Finding("document", sentence), "version"))
        if len(rows) < BATCH or run is not None:
            return checked
        after = rows[-1]["id"]


def _check(rows: Sequence[dict[str, Any]], plans: "_Plans", checked: Checked) -> None:
    examiners = _examiners(rows, plans, checked)
    told: dict[UUID, Told] = defaultdict(Told)
    published: dict[UUID, set[tuple[str, UUID]]] = defaultdict(set)
    asked: dict[UUID, Questions] = defaultdict(Questions)
    called: dict[UUID, Calls] = defaultdict(Calls)
    lost: dict[UUID, dict[str, _Lost]] = defaultdict(dict)
    named: dict[UUID, set[str]] = defaultdict(set)
    for run, seq, kind, step, at, data in _events(list(examiners)):
        checked.events += 1
        event = decode(kind, step, at, data)
        # Asked before the event is folded: a container may be forgotten with its last step.
        if isinstance(event, StepSucceeded) and (failed := given_up(examiners[run].machine, step or "")) is not None:
            lost[run][step or ""] = _Lost(failed.failed, event.at)
        examiners[run].take(seq, event, fence_of(data))
        told[run].take(event)
        asked[run].take(event)
        called[run].take(event)
        named[run].update(refs_of(event))
        if isinstance(event, StepSucceeded) and event.output == {"message": str(message_id(run, step or ""))}:
            published[run].add((step or "", message_id(run, step or "")))
    for row in rows:
        if row["id"] in examiners:
            examiner = examiners[row["id"]]
            checked.faults += [Fault(row["id"], finding) for finding in examiner.finish()]
            columns = Columns(**{name: row[name] for name in Columns.__slots__})
            for rule, sentence in row_holds(columns, examiner):
                _fault(checked, row["id"], rule, sentence)
    _beside(list(examiners), told, checked)
    _published(list(examiners), published, checked)
    _given_up([row["id"] for row in rows if row["id"] in examiners and not row["is_test"]], lost, checked)
    for run, step, sentence in fsck_approvals.faults(list(examiners), {run: asked[run] for run in examiners}):
        checked.faults.append(Fault(run, Finding("approval", sentence, step)))
    has_ended = {row["id"]: row["status"] in ENDED for row in rows}
    for run, step, sentence in fsck_calls.faults(list(examiners), {run: called[run] for run in examiners}, has_ended):
        checked.faults.append(Fault(run, Finding("calls", sentence, step)))
    for run, sentence in fsck_payloads.faults(list(examiners), named):
        _fault(checked, run, "payload", sentence)
    _places(examiners, checked)


def _examiners(rows: Sequence[dict[str, Any]], plans: "_Plans", checked: Checked) -> dict[UUID, Examiner]:
    """Who reads the journal of each run, by the version it began with; none where that can't be read."""
    moves: dict[UUID, list[Row]] = defaultdict(list)
    for run, *event in _query(MOVES, [[row["id"] for row in rows]]):
        moves[run].append(Row(*event))
    along = {row["id"]: stretches(moves_in(moves[row["id"]])) or [(0, row["document_hash"])] for row in rows}
    plans.learn({name for versions in along.values() for _, name in versions})
    found: dict[UUID, Examiner] = {}
    for row in rows:
        checked.runs += 1
        versions = along[row["id"]]
        known = {name: plan for _, name in versions if (plan := plans.known[name]) is not None}
        if versions[-1][1] != row["document_hash"]:
            _fault(checked, row["id"], "projection", "its row names another version than its journal moved it to")
        if (first := known.get(versions[0][1])) is None:
            _fault(checked, row["id"], "document", "its document is missing or can't be read")
        else:
            found[row["id"]] = Examiner(first, known)
    return found


def _places(examiners: Mapping[UUID, Examiner], checked: Checked) -> None:
    """Who stands in line for a lock or holds one has a place, under the token its journal says, and nobody else has."""
    found: dict[UUID, dict[tuple[str, int], tuple[str, int | None]]] = defaultdict(dict)
    for run, step, seed, name, token in _query(PLACES, [list(examiners)]):
        found[run][step, seed] = name, token
    for run, examiner in examiners.items():
        for rule, sentence in places_hold(found[run], examiner):
            _fault(checked, run, rule, sentence)


def _check_locks(checked: Checked) -> None:
    """Never more inside than all of them allow, and tokens grow."""
    for run, name, count, limit in _query(TOO_MANY, []):
        _fault(checked, run, "lock", f"the lock {name} is held by {count}, and {limit} may")
    for run, name, token, before in _query(SHRUNK, []):
        _fault(checked, run, "lock", f"the lock {name} was granted under token {token} after {before}")


# --- rows beside ------------------------------------------------------------------------------------------


def _beside(runs: list[UUID], told: dict[UUID, Told], checked: Checked) -> None:
    beside: dict[UUID, Beside] = defaultdict(Beside)
    for run, kind, name, key in _query(CONSUMED, [runs]):
        if kind in ("signal", "cancel"):
            beside[run].letters[kind, name, key] += 1
        beside[run].moves += kind == "move"
    for run, payload in _query(SENT, [runs]):
        said = orjson.loads(payload)
        beside[run].messages[said.get("step") or "", said.get("reason", "")] += 1
    for run, step, code in _query(TOLD, [runs]):
        beside[run].alerts[step, code] += 1
    for run, job, action in _query(UNSENT, [runs]):
        _fault(checked, run, "inbox", f"job {job} says that it sent {action}, and the letter is not there")
    for run in runs:
        for rule, sentence in beside_holds(told[run], beside[run]):
            _fault(checked, run, rule, sentence)


def _published(runs: list[UUID], told: Mapping[UUID, set[tuple[str, UUID]]], checked: Checked) -> None:
    """A message is in the outbox if and only if its step succeeded, and once."""
    rows: dict[UUID, set[tuple[str, UUID]]] = defaultdict(set)
    for run, step, message in _query(PUBLISHED, [runs]):
        rows[run].add((step, message))
    for run in runs:
        for step, message in sorted(told.get(run, set()) ^ rows[run]):
            where = "in the outbox" if (step, message) in rows[run] else "in the journal"
            _fault(checked, run, "outbox", f"the message {message} of {step} is {where} alone")


def _given_up(runs: list[UUID], lost: Mapping[UUID, dict[str, _Lost]], checked: Checked) -> None:
    """People are told of the items that a step went on without, as many as there are, and of no others."""
    if not runs:
        return
    ((since,),) = _query(GIVEN_UP_SINCE, []) or ((0,),)
    rows: dict[UUID, dict[str, int]] = defaultdict(dict)
    for run, step, failed in _query(GIVEN_UP, [runs]):
        rows[run][step] = failed
    for run in runs:
        told = rows[run]
        happened = {step: one.failed for step, one in lost.get(run, {}).items() if one.at >= since or step in told}
        for step in sorted(told.keys() | happened.keys()):
            if told.get(step, 0) != happened.get(step, 0):
                sentence = f"{happened.get(step, 0)} items of {step} failed, and people are told of {told.get(step, 0)}"
                _fault(checked, run, "items", sentence)


def _fault(checked: Checked, run: UUID, rule: Rule, sentence: str) -> None:
    checked.faults.append(Fault(run, Finding(rule, sentence)))


# --- reading ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _one_snapshot() -> Iterator[None]:
    """All that is read inside is of one moment; within a transaction of the caller's, of that one."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


class _Plans:
    """The plans of documents by hash; None for one that is missing or can't be compiled."""

    def __init__(self, known: Catalogue) -> None:
        self.known: dict[str, Plan | None] = {}
        self._catalogue = known

    def learn(self, hashes: set[str]) -> None:
        if len(self.known) > PLANS:
            self.known.clear()
        unknown = sorted(hashes - self.known.keys())
        for name, text in _query(DOCUMENTS, [unknown]) if unknown else ():
            self.known[name] = self._compiled(text)

    def _compiled(self, text: str | None) -> Plan | None:
        if text is None:
            return None
        try:
            return compile_plan(read_document(safejson.loads(text)), self._catalogue)
        except MulgilError:
            return None


def _events(runs: list[UUID]) -> Iterator[tuple[UUID, int, str, str | None, int, str]]:
    """The events of these runs, in order, a page at a time."""
    run, seq = UUID(int=0), 0
    while True:
        page = _query(EVENTS, {"runs": runs, "run": run, "seq": seq, "most": PAGE})
        yield from page
        if len(page) < PAGE:
            return
        run, seq = page[-1][0], page[-1][1]


def _rows(sql: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _query(sql: str, values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
