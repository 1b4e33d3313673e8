"""The statements of the runtime and the journal, each as a function on the tables of the simulated server.

The text of the product's own statement is the key, so that a statement that changes its name or place is still found
and one that is new is refused. What each does here is held to PostgreSQL by playing the same statements there.
"""

from typing import Any, Final
from uuid import UUID

import psycopg

from flows.journal import deployments, flush, moved
from flows.journal.connection import WATCHFUL
from flows.journal.rows import Row
from flows.runtime import claims
from flows.runtime.simulation import keeping, relaying, sharing, taking, targets
from flows.runtime.simulation.server import (
    ENDED,
    Answer,
    Asked,
    Locked,
    Mail,
    RunRow,
    Server,
    Session,
    Statement,
    columns,
)  # fmt: skip
from flows.runtime.simulation.taking import CLAIMS

# --- the writer's ---------------------------------------------------------------------------------------------


def is_its_owners(row: RunRow, fence: int, was: int) -> bool:
    """Whether who writes under this fence, after this event, is who has the run and knows where it stands."""
    return row.fence == fence and row.seq == was


def advance(server: Server, session: Session, values: Any) -> Answer:
    ours: Answer = []
    for run, fence, was in sorted(zip(*values[:3], strict=True)):
        found = server.seen(session, run)
        if found is not None and is_its_owners(found, fence, was):
            server.lock(session, run)
    for head in columns(values):
        run, fence, was, seq, status, let_go, wake_at, output, error, started_at, finished_at, careful = head
        found = server.seen(session, run)
        if found is None or not is_its_owners(found, fence, was):
            if found is not None and found.seq == was:
                server.watch.refused(found, fence)
            continue
        row = server.changed(session, run)
        server.watch.accepted(row, fence)
        row.seq, row.status, row.wake_at, row.careful = seq, status, wake_at, careful
        row.owner = None if let_go else row.owner
        row.output = output if output is not None else row.output
        row.error = error if error is not None else row.error
        row.started_at = row.started_at if row.started_at is not None else started_at
        row.finished_at = row.finished_at if row.finished_at is not None else finished_at
        ours.append((run, fence))
    return ours


def at_once(server: Server, session: Session, values: Any) -> Answer:
    """The heads and the events of those that were still ours, in one statement."""
    ours = advance(server, session, values[:12])
    told = [line.split("\t") for line in values[12].split("\n") if line]
    rows = [_event([run, *row]) for run, fence, *row in told if (UUID(run), int(fence)) in ours]
    _keep_events(server, session, rows)
    return [(run, fence, None) for run, fence in ours]


def copy_events(server: Server, session: Session, text: str) -> None:
    """COPY's text format, as the writer writes it."""
    _keep_events(server, session, [_event(line.replace("\\\\", "\\").split("\t")) for line in text.splitlines()])


def _event(line: list[str]) -> tuple[UUID, Row]:
    run, seq, kind, step, at, data = line
    return UUID(run), Row(int(seq), kind, None if step == flush.NULL else step, int(at), data)


def _keep_events(server: Server, session: Session, rows: list[tuple[UUID, Row]]) -> None:
    """Raises UniqueViolation for a second event of one number."""
    known = {(run, row.seq) for run in {run for run, _ in rows} for row in server.events[run]}
    for run, row in rows:
        if server.has_keys and (run, row.seq) in known:
            raise psycopg.errors.UniqueViolation(f"run {run} has an event {row.seq}")
        known.add((run, row.seq))

    def keep() -> None:
        for run, row in rows:
            server.events[run].append(row)
            server.watch.events(session, run, [row])

    session.later.append(keep)


def _consume(server: Server, session: Session, values: Any) -> Answer:
    read = [mail for message in values[0] if not (mail := server.inbox[message]).consumed]
    for mail in read:
        server.changed(session, mail.run).mail -= 1

    def consume() -> None:
        for mail in read:
            mail.consumed = True

    session.later.append(consume)
    return []


def _alert(server: Server, session: Session, values: Any) -> Answer:
    session.later.append(lambda: server.alerts.extend(row[1:] for row in columns(values)))
    return []


def _call(server: Server, session: Session, values: Any) -> Answer:
    for row in columns(values):
        run, parent, workspace, flow, version, document_hash, step, trigger, given = row[:9]
        server.numbers += 1
        server.lock(session, run)
        session.rows[run] = RunRow(
            run, workspace, flow, version, document_hash, server.numbers, trigger, given, priority=row[13],
            parent_run=parent, parent_step=step, depth=row[11], awaited=row[12], line=row[16], line_limit=row[17],
            held=row[16] is not None,
        )  # fmt: skip
    return []


def post(server: Server, session: Session, values: Any) -> Answer:
    """Letters to runs; what has ended gets none, and a key counts once."""
    letters = [Mail(*row) for row in columns(values)]
    for run in sorted({letter.run for letter in letters}):
        if server.seen(session, run) is not None:
            server.lock(session, run)
    for letter in letters:
        row = server.seen(session, letter.run)
        if row is None or row.status in ENDED or _is_known(server, letter):
            continue
        changed = server.changed(session, letter.run)
        changed.mail += 1
        changed.held = changed.held and letter.kind != "cancel"
        session.later.append(lambda letter=letter: server.inbox.update({letter.id: letter}))  # type: ignore[misc]  # bound now
    return []


def _is_known(server: Server, letter: Mail) -> bool:
    if letter.key is None:
        return False
    place = letter.run, letter.kind, letter.name, letter.key
    return any((mail.run, mail.kind, mail.name, mail.key) == place for mail in server.inbox.values())


def _ready_bell(server: Server, session: Session, values: Any) -> Answer:
    session.bells += values[0]
    return []


def _ask(server: Server, session: Session, values: Any) -> Answer:
    def ask() -> None:
        for row in columns(values):
            server.approvals.setdefault(row[0], Asked(row[0], row[1], row[2]))

    session.later.append(ask)
    return []


def _close(server: Server, session: Session, values: Any) -> Answer:
    def close() -> None:
        for approval, _ in columns(values):
            server.approvals[approval].closed = True

    session.later.append(close)
    return []


def _snapshot(server: Server, session: Session, values: Any) -> Answer:
    def keep() -> None:
        for run, seq, codec, data in columns(values):
            server.snapshots[run] = (seq, codec, data)
            server.watch.snapshot(run, seq, data)

    session.later.append(keep)
    return []


def _move(server: Server, session: Session, values: Any) -> Answer:
    for run, version, document_hash in columns(values):
        row = server.changed(session, run)
        row.version_id, row.document_hash = version, document_hash
    return []


def _standing(server: Server, session: Session, values: Any) -> Answer:
    return [(row.id, row.fence, row.seq) for run in values[0] if (row := server.runs.get(run)) is not None]


def _lock(server: Server, session: Session, values: Any) -> Answer:
    found = [run for run in sorted(values[0]) if run in server.runs]
    for run in found:
        server.lock(session, run)
    return [(run,) for run in found]


def _set_aside(server: Server, session: Session, values: Any) -> Answer:
    found = server.runs.get(values["run"])
    if found is not None and found.fence == values["fence"]:
        row = server.changed(session, found.id)
        row.status, row.owner, row.wake_at, row.error = "paused", None, None, values["error"]
        row.fence += 1
        alert = (found.id, "", values["code"], values["message"])
        session.later.append(lambda: server.alerts.append(alert))
    return []


def _nothing(server: Server, session: Session, values: Any) -> Answer:
    return []


def _watchful(server: Server, session: Session, values: Any) -> Answer:
    session.is_watchful = True
    return []


STATEMENTS: Final[dict[str, Statement]] = {
    flush.SESSION: _watchful,
    flush.ADVANCE: advance,
    flush.AT_ONCE: at_once,
    flush.CONSUME: _consume,
    flush.ALERT: _alert,
    flush.GIVE_UP: _nothing,
    flush.CALL: _call,
    flush.POST: post,
    flush.READY: _ready_bell,
    flush.ASK: _ask,
    flush.CLOSE: _close,
    flush.SNAPSHOT: _snapshot,
    moved.MOVE: _move,
    deployments.ABANDON: _nothing,
    flush.STANDING: _standing,
    flush.LOCK: _lock,
    flush.SET_ASIDE: _set_aside,
    claims.SESSION: _watchful,
    WATCHFUL: _watchful,
    **taking.STATEMENTS,
    **sharing.STATEMENTS,
    **targets.STATEMENTS,
    **relaying.STATEMENTS,
    **keeping.STATEMENTS,
}
__all__ = ["CLAIMS", "STATEMENTS", "Locked", "copy_events", "post"]
