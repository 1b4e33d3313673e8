"""What runs share of the simulated server: lines of a flow that limits how many of it go at once, and locks.

Each function is what a named statement of the product does to the tables, and is held to PostgreSQL by playing the
statement there. Who is let in is decided by the statements; that it was right is looked at by `bounds`.
"""

import json
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from flows.journal import flush
from flows.runtime import lines, locks
from flows.runtime.simulation.server import Answer, Mail, Place, RunRow, Server, Session, Statement, columns

# What starts and people send in transactions of their own, as far as the runtime looks at what they write.
START: Final = """
INSERT INTO flows_run (id, workspace_id, flow_id, version_id, document_hash, part, number, attempt, parent_step, trigger,
  input, request_hash, started_by, is_test, status, priority, queue, fence, seq, careful, mail, line, line_limit, held,
  created_at)
SELECT %(id)s, %(workspace)s, %(flow)s, %(version)s, %(hash)s, '', %(number)s, 1, '', 'start', '{}', '', '', false, 'queued',
  %(priority)s, 'default', 0, 0, false, 0, %(line)s::text, %(line_limit)s::int, %(line)s::text IS NOT NULL, now()
"""
LETTERS: Final = """
INSERT INTO flows_inbox (id, run_id, kind, name, key, payload, created_at)
SELECT x.id, x.run, 'cancel', '', 'displaced', %s, now() FROM unnest(%s::uuid[], %s::uuid[]) AS x(id, run)
"""
HOLDER: Final = "SELECT id FROM flows_run WHERE id = %s AND finished_at IS NULL FOR NO KEY UPDATE"
RELEASE: Final = """
UPDATE flows_lockplace SET released_at = now(), released_by = 'people'
WHERE id = %s AND token IS NOT NULL AND released_at IS NULL RETURNING id
"""


# --- lines ----------------------------------------------------------------------------------------------------


def _lock_lines(server: Server, session: Session, values: Any) -> Answer:
    for line in sorted(set(zip(values["flows"], values["lines"], strict=True))):
        server.lock(session, ("line", *line))
    return []


def _in_line(rows: Iterable[RunRow], flow: UUID, line: str) -> tuple[list[RunRow], int]:
    """Who stands in a line, the first first, and how many were let in."""
    live = [row for row in rows if row.flow == flow and row.line == line and row.finished_at is None]
    held = sorted((row for row in live if row.held), key=lambda row: (-row.priority, row.id))
    return held, len(live) - len(held)


def _let_in(server: Server, session: Session, values: Any) -> Answer:
    picked: list[RunRow] = []
    for flow, line in zip(values["flows"], values["lines"], strict=True):
        held, inside = _in_line(server.all_seen(session), flow, line)
        if held:
            first = held[: max(0, (held[0].line_limit or 0) - inside)]
            server.watch.let_in(first, held)
            picked += first
    for row in picked:
        server.lock(session, row.id)
    for row in picked:
        server.changed(session, row.id).held = False
    if picked:
        session.bells.append("default")
    return [("", "default")] if picked else []


def _open_lines(server: Server, session: Session, values: Any) -> Answer:
    found: Answer = []
    names = {(row.flow, row.line or "") for row in server.runs.values() if row.held}
    for flow, line in sorted(name for name in names if name > (values["flow"], values["line"]))[: values["window"]]:
        held, inside = _in_line(server.runs.values(), flow, line)
        if held:
            found.append((flow, line, inside < (held[0].line_limit or 0)))
    return found


def _live_in(server: Server, session: Session, values: Any) -> Answer:
    held, inside = _in_line(server.all_seen(session), values["flow"], values["line"])
    return [(len(held) + inside,)]


def _displace(server: Server, session: Session, values: Any) -> Answer:
    live = [
        row for row in server.all_seen(session)
        if row.flow == values["flow"] and row.line == values["line"] and row.finished_at is None
    ]  # fmt: skip
    live.sort(key=lambda row: row.id, reverse=True)
    written = {mail.run for mail in server.inbox.values() if mail.key == values["letter"]}
    told = sorted(row.id for row in live[values["limit"] :] if row.id not in written)
    for run in told:
        server.lock(session, run)
    for run in told:
        row = server.changed(session, run)
        row.mail, row.held = row.mail + 1, False
    return [(run,) for run in told]


def _start(server: Server, session: Session, values: Any) -> Answer:
    run, line = values["id"], values["line"]
    server.lock(session, run)
    session.rows[run] = RunRow(
        run, values["workspace"], values["flow"], values["version"], values["hash"], values["number"],
        priority=values["priority"], line=line, line_limit=values["line_limit"], held=line is not None,
    )  # fmt: skip
    session.bells.append("default")
    return []


def _letters(server: Server, session: Session, values: Any) -> Answer:
    payload, letters, runs = values
    sent = [Mail(letter, run, "cancel", "", "displaced", payload) for letter, run in zip(letters, runs, strict=True)]
    session.later.append(lambda: server.inbox.update({mail.id: mail for mail in sent}))
    return []


# --- locks ----------------------------------------------------------------------------------------------------


def _stand(server: Server, session: Session, values: Any) -> Answer:
    stood: list[Place] = []
    for run, step, seed, name, limit, _ in columns(values):
        server.places_drawn += 1
        row = server.seen(session, run)
        assert row is not None
        stood.append(Place(server.places_drawn, row.workspace, run, step, seed, name, limit, 0))

    def stand() -> None:
        known = {(place.run, place.step, place.seed) for place in server.places.values()}
        for place in stood:
            if (place.run, place.step, place.seed) not in known:
                place.came = server.commits
                server.places[place.id] = place

    session.later.append(stand)
    return []


def _leave(server: Server, session: Session, values: Any) -> Answer:
    left = set(columns(values))

    def leave() -> None:
        gone = [place.id for place in server.places.values() if (place.run, place.step, place.seed) in left]
        for place in gone:
            del server.places[place]

    session.later.append(leave)
    return []


def _lock_names(server: Server, session: Session, values: Any) -> Answer:
    for name in sorted(set(zip(values["workspaces"], values["names"], strict=True))):
        server.lock(session, ("lock", *name))
    return []


def _at_lock(server: Server, workspace: UUID, name: str) -> tuple[list[Place], list[Place]]:
    """Who is inside a lock, and who stands in line for it, the first first: of runs that haven't ended."""
    live = [
        place for place in server.places.values()
        if place.workspace == workspace and place.name == name and server.is_live(place.run)
    ]  # fmt: skip
    inside = [place for place in live if place.token is not None and not place.is_released]
    return inside, sorted((place for place in live if place.token is None), key=lambda place: place.id)


def pick(server: Server, session: Session, values: Any) -> Answer:
    found: Answer = []
    session.looked = server.commits + 1
    for workspace, name in zip(values["workspaces"], values["names"], strict=True):
        inside, standing = _at_lock(server, workspace, name)
        limits = [place.limit for place in inside]
        for number, place in enumerate(standing[: values["window"]], len(inside) + 1):
            limits.append(place.limit)
            if number <= min(limits):
                found.append((place.id, place.run))
    return sorted(found)


def _hold_still(server: Server, session: Session, values: Any) -> Answer:
    live = [run for run in sorted(set(values[0])) if run in server.runs and server.is_live(run)]
    for run in live:
        server.lock(session, run)
    return [(run,) for run in live]


def grant(server: Server, session: Session, values: Any) -> Answer:
    let_in: list[tuple[Place, int]] = []
    for place, letter in sorted(zip(values["places"], values["letters"], strict=True)):
        server.tokens_drawn += 1
        found = server.places.get(place)
        if found is not None and found.token is None:
            server.changed(session, found.run).mail += 1
            let_in.append((found, server.tokens_drawn))
            _tell(server, session, found, server.tokens_drawn, letter)

    def enter() -> None:
        for place, token in let_in:
            place.token = token
        server.watch.granted(session, [place for place, _ in let_in])

    session.later.append(enter)
    return []


def _tell(server: Server, session: Session, place: Place, token: int, letter: UUID) -> None:
    told = f'{{"step" : {json.dumps(place.step)}, "seed" : {place.seed}, "token" : {token}}}'
    mail = Mail(letter, place.run, "lock", place.name, str(token), told)
    session.later.append(lambda: server.inbox.update({letter: mail}))


def _open_locks(server: Server, session: Session, values: Any) -> Answer:
    found: Answer = []
    names = {(place.workspace, place.name) for place in server.places.values() if place.token is None}
    behind = values["workspace"], values["name"]
    for workspace, name in sorted(one for one in names if one > behind)[: values["window"]]:
        inside, standing = _at_lock(server, workspace, name)
        most = [place.limit for place in (*inside, *standing[:1])]
        found.append((workspace, name, len(inside) < min(most) if most else None))
    return found


def _ring(server: Server, session: Session, values: Any) -> Answer:
    session.bells.append("")
    return [("",)]


def _release(server: Server, session: Session, values: Any) -> Answer:
    found = server.places.get(values[0])
    if found is None or found.token is None or found.is_released:
        return []
    session.later.append(lambda: setattr(found, "is_released", True))
    return [(found.id,)]


STATEMENTS: Final[dict[str, Statement]] = {
    START: _start,
    LETTERS: _letters,
    HOLDER: lambda server, session, values: _hold_still(server, session, [values]),
    RELEASE: _release,
    lines.LOCK: _lock_lines,
    lines.LET_IN: _let_in,
    lines.OPEN: _open_lines,
    lines.LIVE_IN: _live_in,
    lines.DISPLACE: _displace,
    flush.STAND: _stand,
    flush.LEAVE: _leave,
    locks.ALONE: _lock_names,
    locks.PICK: pick,
    locks.HOLD_STILL: _hold_still,
    locks.GRANT: grant,
    locks.BELL: _ring,
    locks.OPEN: _open_locks,
}
