"""The statements by which executors take runs and say that they live, as functions on the simulated tables.

What each does here is held to PostgreSQL by playing the same statements there, but for those of leases, which go by the
server's own clock.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from flows.runtime import claims, equipment, leases, plans
from flows.runtime.claims import Claimed
from flows.runtime.simulation.server import ENDED, SECOND, Answer, RunRow, Server, Session, Statement, columns


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
                version=_number(server, row),
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
                line=row.line,
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
    """One of each workspace after the other, inside each by priority and age; ranked first, and then who is free."""
    queued = [row for row in server.runs.values() if row.status == "queued" and row.owner is None and not row.held]
    queued.sort(key=lambda row: (-row.priority, row.id))
    places: dict[UUID, int] = defaultdict(int)
    ranked: list[tuple[int, RunRow]] = []
    for row in queued:
        places[row.workspace] += 1
        ranked.append((places[row.workspace], row))
    ranked.sort(key=lambda one: (one[0], -one[1].priority, one[1].id))
    free = list(server.free(row for _, row in ranked[: values["window"]]))
    if free:
        server.watch.taken(free[: values["count"]], free)
    return _take(server, session, free, values)


def _claim_due(server: Server, session: Session, values: Any) -> list[Claimed]:
    now = values["now"]
    free = [row for row in server.free(server.runs.values()) if row.owner is None]
    due = [row for row in free if row.wake_at is not None and row.wake_at <= now]
    mailed = [
        row for row in free
        if row.mail > 0 and not row.held and row.status not in ENDED and (row.wake_at is None or row.wake_at > now)
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
        for run, after in sorted(columns(values))
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


def _number(server: Server, row: RunRow) -> int:
    """Of the version that the run goes by."""
    return next(number for (_, number, _), version in server.numbered.items() if version == row.version_id)


def _numbered(server: Server, session: Session, values: Any) -> Answer:
    flow, number, name = values
    version = server.numbered.get((flow, number, name))
    return [(server.versions[version, name],)] if version is not None else []


def _stands(server: Server, session: Session, values: Any) -> Answer:
    return [(1,)] if tuple(values) in server.numbered else []


def _version(server: Server, session: Session, values: Any) -> Answer:
    text = server.versions.get((values[0], values[1]))
    return [(text,)] if text is not None else []


# --- the lease's ----------------------------------------------------------------------------------------------


def _advisory(server: Server, session: Session, values: Any) -> Answer:
    session.advisory.add(values[0])
    return [("",)]


def _register(server: Server, session: Session, values: Any) -> Answer:
    server.executors[values[0]] = values[1], server.clock()
    server.began[values[0]] = server.clock()
    return []


def _outlived(server: Server, session: Session, values: Any) -> Answer:
    since = server.began[values["me"]] if values["reborn"] else 0
    known = server.executors
    return [(one,) for one in values["gone"] if one not in known or known[one][1] < since]


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


STATEMENTS: Final[dict[str, Statement]] = {
    claims.NEXT_DUE: _next_due,
    claims.EVENTS: _events,
    claims.SNAPSHOTS: _snapshots,
    claims.MAIL: _mail,
    claims.OWN_MAIL: _own_mail,
    equipment.SYSTEM: lambda server, session, values: [("simulated",)],
    plans.VERSION: _version,
    plans.NUMBERED: _numbered,
    plans.STANDS: _stands,
    leases.ADVISORY: _advisory,
    leases.REGISTER: _register,
    leases.BEAT: _beat,
    leases.LIVES: lambda server, session, values: [(1,)],
    leases.GOODBYE: _goodbye,
    leases.VANISHED: _vanished,
    leases.OUTLIVED: _outlived,
    leases.FORGET: _forget,
}
CLAIMS: Final[Mapping[str, Callable[[Server, Session, Any], list[Claimed]]]] = {
    claims.READY: _claim_ready,
    claims.DUE: _claim_due,
    claims.ORPHANED: _claim_orphaned,
}
