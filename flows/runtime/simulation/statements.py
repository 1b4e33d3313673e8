"""The statements of the runtime and the journal, each as a function on the tables of the simulated server.

The text of the product's own statement is the key, so that a statement that changes its name or place is still found
and one that is new is refused. What each does here is held to PostgreSQL by playing the same statements there.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import psycopg

from flows.journal import flush, outbox
from flows.journal.rows import Row
from flows.runtime import claims, equipment, leases, lines, locks, plans
from flows.runtime.claims import Claimed
from flows.runtime.simulation.server import ENDED, SECOND, Answer, Asked, Locked, Mail, RunRow, Server, Session

Statement = Callable[[Server, Session, Any], Answer]


def _columns(values: Any) -> list[tuple[Any, ...]]:
    return list(zip(*values, strict=True))


# --- the writer's ---------------------------------------------------------------------------------------------


def advance(server: Server, session: Session, values: Any) -> Answer:
    ours: Answer = []
    for run, fence, was in sorted(zip(*values[:3], strict=True)):
        found = server.seen(session, run)
        if found is not None and (found.fence, found.seq) == (fence, was):
            server.lock(session, run)
    for head in _columns(values):
        run, fence, was, seq, status, let_go, wake_at, output, error, started_at, finished_at, careful = head
        found = server.seen(session, run)
        if found is None or (found.fence, found.seq) != (fence, was):
            continue
        row = server.changed(session, run)
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
            server.on_commit(session, run, [row])

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


def _keep(server: Server, session: Session, values: Any) -> Answer:
    session.later.append(lambda: server.payloads.update(dict(_columns(values))))
    return []


def _send(server: Server, session: Session, values: Any) -> Answer:
    sent = zip(values["runs"], values["topics"], values["keys"], values["payloads"], strict=True)
    session.later.append(lambda: server.outbox.extend(sent))
    return []


def _alert(server: Server, session: Session, values: Any) -> Answer:
    session.later.append(lambda: server.alerts.extend(row[1:] for row in _columns(values)))
    return []


def _call(server: Server, session: Session, values: Any) -> Answer:
    for row in _columns(values):
        run, parent, workspace, flow, version, document_hash, step, trigger, given = row[:9]
        server.numbers += 1
        server.lock(session, run)
        session.rows[run] = RunRow(
            run, workspace, flow, version, document_hash, server.numbers, trigger, given, priority=row[13],
            parent_run=parent, parent_step=step, depth=row[11], awaited=row[12],
        )  # fmt: skip
    return []


def post(server: Server, session: Session, values: Any) -> Answer:
    """Letters to runs; what has ended gets none, and a key counts once."""
    letters = [Mail(*row) for row in _columns(values)]
    for run in sorted({letter.run for letter in letters}):
        if server.seen(session, run) is not None:
            server.lock(session, run)
    for letter in letters:
        row = server.seen(session, letter.run)
        if row is None or row.status in ENDED or _is_known(server, letter):
            continue
        server.changed(session, letter.run).mail += 1
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
        for row in _columns(values):
            server.approvals.setdefault(row[0], Asked(row[0], row[1], row[2]))

    session.later.append(ask)
    return []


def _close(server: Server, session: Session, values: Any) -> Answer:
    def close() -> None:
        for approval, _ in _columns(values):
            server.approvals[approval].closed = True

    session.later.append(close)
    return []


def _snapshot(server: Server, session: Session, values: Any) -> Answer:
    def keep() -> None:
        for run, seq, codec, data in _columns(values):
            server.snapshots[run] = (seq, codec, data)
            server.on_snapshot(run, seq, data)

    session.later.append(keep)
    return []


def _standing(server: Server, session: Session, values: Any) -> Answer:
    found = [server.runs[run] for run in values[0] if run in server.runs]
    return [(row.id, row.fence, row.seq) for row in found]


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
        alert = (found.id, "", values["code"], values["message"])
        session.later.append(lambda: server.alerts.append(alert))
    return []


# --- the executor's -------------------------------------------------------------------------------------------


def _take(
    server: Server, session: Session, picked: list[RunRow], values: Any, *, careful: bool = False
) -> list[Claimed]:
    taken: list[Claimed] = []
    for found in picked[: values["count"]]:
        row = server.changed(session, found.id)
        row.owner, row.fence = values["owner"], row.fence + 1
        row.careful = row.careful or careful
        taken.append(
            Claimed(
                id=row.id,
                workspace=row.workspace,
                flow=row.flow,
                flow_name=server.flow_names[row.flow],
                version=1,
                version_id=row.version_id,
                document_hash=row.document_hash,
                part="",
                number=row.number,
                attempt=1,
                trigger=row.trigger,
                input=row.input,
                fence=row.fence,
                seq=row.seq,
                careful=row.careful,
                mail=row.mail,
                is_test=False,
                line=None,
                parent_run=row.parent_run,
                parent_step=row.parent_step,
                depth=row.depth,
                awaited=row.awaited,
                priority=row.priority,
                started_by="",
            )
        )
    return taken


def _claim_ready(server: Server, session: Session, values: Any) -> list[Claimed]:
    found = [row for row in server.free(server.runs.values()) if row.status == "queued" and row.owner is None]
    return _take(server, session, sorted(found, key=lambda row: (-row.priority, row.id)), values)


def _claim_due(server: Server, session: Session, values: Any) -> list[Claimed]:
    now = values["now"]
    free = [row for row in server.free(server.runs.values()) if row.owner is None]
    due = [row for row in free if row.wake_at is not None and row.wake_at <= now]
    mailed = [
        row for row in free
        if row.mail > 0 and row.status not in ENDED and (row.wake_at is None or row.wake_at > now)
    ]  # fmt: skip
    due.sort(key=lambda row: row.wake_at or 0)
    picked = due[: values["count"]] + sorted(mailed, key=lambda row: row.id)[: values["count"]]
    return _take(server, session, picked, {**values, "count": len(picked)})


def _claim_orphaned(server: Server, session: Session, values: Any) -> list[Claimed]:
    gone = set(values["vanished"])
    found = [row for row in server.free(server.runs.values()) if row.owner in gone]
    return _take(server, session, sorted(found, key=lambda row: row.id), values, careful=True)


def _next_due(server: Server, session: Session, values: Any) -> Answer:
    due = [row.wake_at for row in server.runs.values() if row.owner is None and row.wake_at is not None]
    return [(min(due),)] if due else []


def _events(server: Server, session: Session, values: Any) -> Answer:
    return [
        (run, *row)
        for run, after in sorted(_columns(values))
        for row in sorted(server.events.get(run, ()))
        if row.seq > after
    ]


def _snapshots(server: Server, session: Session, values: Any) -> Answer:
    runs, codec = values
    return [
        (run, *server.snapshots[run]) for run in runs if run in server.snapshots and server.snapshots[run][1] == codec
    ]


def _mail(server: Server, session: Session, values: Any) -> Answer:
    found = server.unread(values[0])
    found.sort(key=lambda mail: mail.run)  # and by id: letters are kept as they came
    return [(mail.run, mail.id, mail.kind, mail.name, mail.key, mail.payload) for mail in found]


def _own_mail(server: Server, session: Session, values: Any) -> Answer:
    return [(row.id,) for row in server.runs.values() if row.mail > 0 and row.owner == values[0]]


def _version(server: Server, session: Session, values: Any) -> Answer:
    text = server.versions.get((values[0], values[1]))
    return [(text,)] if text is not None else []


def _payloads(server: Server, session: Session, values: Any) -> Answer:
    return [(name, server.payloads[name]) for name in values[0] if name in server.payloads]


# --- the lease's ----------------------------------------------------------------------------------------------


def _advisory(server: Server, session: Session, values: Any) -> Answer:
    session.advisory.add(values[0])
    return [("",)]


def _register(server: Server, session: Session, values: Any) -> Answer:
    server.executors[values[0]] = values[1], server.clock()
    return []


def _beat(server: Server, session: Session, values: Any) -> Answer:
    found = server.executors.get(values[0])
    if found is None:
        return []
    server.executors[values[0]] = found[0], server.clock()
    return [(values[0],)]


def _goodbye(server: Server, session: Session, values: Any) -> Answer:
    server.executors.pop(values[0], None)
    return []


def _vanished(server: Server, session: Session, values: Any) -> Answer:
    latest = server.clock() - round(values["lease"] * SECOND)
    gone = [
        name for name, (lock, seen) in server.executors.items()
        if name != values["me"] and (seen < latest or not server.is_locked_by_anyone(lock))
    ]  # fmt: skip
    owners = dict.fromkeys(row.owner for row in server.runs.values() if row.owner is not None)
    return [(one,) for one in (*gone, *(o for o in owners if o != values["me"] and o not in server.executors))]


def _forget(server: Server, session: Session, values: Any) -> Answer:
    owners = {row.owner for row in server.runs.values()}
    for name in values["gone"]:
        known = server.executors.get(name)
        if known is not None and not server.is_locked_by_anyone(known[0]) and name not in owners:
            del server.executors[name]
    return []


def _nothing(server: Server, session: Session, values: Any) -> Answer:
    return []


STATEMENTS: Final[dict[str, Statement]] = {
    flush.SESSION: _nothing,
    flush.ADVANCE: advance,
    flush.AT_ONCE: at_once,
    flush.CONSUME: _consume,
    flush.KEEP: _keep,
    outbox.SEND: _send,
    outbox.ROUTE: _nothing,
    flush.ALERT: _alert,
    flush.CALL: _call,
    flush.POST: post,
    flush.READY: _ready_bell,
    flush.ASK: _ask,
    flush.CLOSE: _close,
    flush.SNAPSHOT: _snapshot,
    flush.STANDING: _standing,
    flush.LOCK: _lock,
    flush.SET_ASIDE: _set_aside,
    claims.SESSION: _nothing,
    claims.NEXT_DUE: _next_due,
    claims.EVENTS: _events,
    claims.SNAPSHOTS: _snapshots,
    claims.MAIL: _mail,
    claims.OWN_MAIL: _own_mail,
    equipment.PAYLOADS: _payloads,
    equipment.SYSTEM: lambda server, session, values: [("simulated",)],
    plans.VERSION: _version,
    lines.OPEN: _nothing,
    locks.OPEN: _nothing,
    leases.ADVISORY: _advisory,
    leases.REGISTER: _register,
    leases.BEAT: _beat,
    leases.GOODBYE: _goodbye,
    leases.VANISHED: _vanished,
    leases.FORGET: _forget,
}
CLAIMS: Final[Mapping[str, Callable[[Server, Session, Any], list[Claimed]]]] = {
    claims.READY: _claim_ready,
    claims.DUE: _claim_due,
    claims.ORPHANED: _claim_orphaned,
}
__all__ = ["CLAIMS", "STATEMENTS", "Locked", "copy_events", "post"]
