"""The simulated server is held to PostgreSQL: every statement of a history is played there, in the same order, with the same
answers and the same rows in the end.

Each connection of the simulation is one here; a statement that would wait here for a row that was free there fails.
Leases are left out, since they go by the server's own clock: who has vanished is part of the statement that takes a run over.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.utils import timezone

from flows.journal import flush, unneeded
from flows.journal.connection import WATCHFUL, connect_sync
from flows.models import (
    Alert,
    Approval,
    Breaker,
    Credential,
    Delivery,
    Destination,
    Event,
    Flow,
    Inbox,
    LockPlace,
    Outbox,
    Payload,
    PayloadUse,
    Run,
    Snapshot,
    Version,
    Workspace,
)
from flows.runtime import breakers, claims, equipment, leases, lines, locks, parcels, plans
from flows.runtime.simulation.keeping import OLD
from flows.runtime.simulation.play import on_its_own
from flows.runtime.simulation.server import Session
from flows.runtime.simulation.world import World

pytestmark = pytest.mark.django_db(transaction=True)

SEEDS = int(os.environ.get("MULGIL_SIMULATION_PLAYED", "24"))
PASSED_OVER = frozenset(
    {
        flush.SESSION, flush.READY, claims.SESSION, WATCHFUL, equipment.SYSTEM, plans.VERSION, leases.REGISTER,
        leases.BEAT, leases.GOODBYE, leases.VANISHED, leases.OUTLIVED, leases.FORGET,
    }
)  # fmt: skip
CLAIMED = {claims.READY, claims.DUE, claims.ORPHANED}
# What is told in an order of its own, or in none.
UNORDERED = {
    flush.ADVANCE, flush.AT_ONCE, flush.STANDING, claims.OWN_MAIL, claims.SNAPSHOTS, claims.MAIL, lines.DISPLACE,
    breakers.TROUBLED, unneeded.SWEEP,
} | CLAIMED  # fmt: skip
# The columns of what is taken of the outbox that don't go by the server's own clock, but for the delivery's id.
COMPARED = (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 18, 19, 20)
MARKS = {parcels.SENT, parcels.LATER, parcels.DEAD}
# When something is due goes by the server's own clock too: it is told which have their time.
DUE = """
UPDATE flows_delivery d SET next_try_at = now() + CASE WHEN EXISTS (
  SELECT FROM unnest(%s::uuid[], %s::uuid[]) AS x(message, destination)
  WHERE x.message = d.message_id AND x.destination IS NOT DISTINCT FROM d.destination_id
) THEN interval '-1 second' ELSE interval '1 hour' END WHERE state = 'waiting'
"""
# What answers with nothing but that it was done.
SILENT = frozenset({flush.POST, flush.CONSUME, flush.CALL, lines.LOCK, locks.ALONE, locks.BELL})


class Played:
    """The connections of a history, on PostgreSQL."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: dict[int, psycopg.Connection[Any]] = {}
        self._names: dict[UUID, UUID] = {}
        """Deliveries as they are called there and here."""

    def play(self) -> int:
        """Play every statement; how many there were."""
        try:
            return self._play()
        finally:
            for connection in self._open.values():
                connection.close()

    def _play(self) -> int:
        statements = 0
        for session, query, values, rows in self._world.trace or ():
            if query == "ended":
                self._end(session)
            elif query == "due":
                self._of(None).execute(DUE, [list(column) for column in zip(*values, strict=True)] or [[], []])
            elif query not in PASSED_OVER and not query.startswith("LISTEN "):
                statements += 1
                self._one(self._of(session), query, values, rows)
        return statements

    def _end(self, session: Session) -> None:
        connection = self._open.pop(id(session), None)
        if connection is not None:
            # At once, and not when the server comes to see that the session is over.
            connection.execute("ROLLBACK")
            connection.execute("SELECT pg_advisory_unlock_all()")
            connection.close()

    def _of(self, session: Session | None) -> psycopg.Connection[Any]:
        key = id(session) if session is not None else 0
        if key not in self._open:
            connection = connect_sync("test simulated")
            connection.execute("SET lock_timeout = '5s'")
            connection.execute(flush.SESSION.partition("SET idle")[0].encode())
            self._open[key] = connection
        return self._open[key]

    def _one(self, connection: psycopg.Connection[Any], query: str, values: Any, rows: list[Any]) -> None:
        if query == flush.COPY_EVENTS:
            with connection.cursor() as cursor, cursor.copy(query.encode()) as copy:
                copy.write(values.encode())
        else:
            if query in MARKS:
                values = values | {"id": self._names[values["id"]]}
            cursor = connection.execute(query.encode(), values)
            said = cursor.fetchall() if cursor.description else []
            if query == parcels.TAKE:
                self._names |= {row[0]: found[0] for row, found in zip(rows, said, strict=False)}
                said, rows = ([tuple(row[at] for at in COMPARED) for row in taken] for taken in (said, rows))
            self._compare(query, said, rows)

    def _compare(self, query: str, said: list[Any], rows: list[Any]) -> None:
        if query in CLAIMED:
            names = (
                "id",
                "fence",
                "seq",
                "careful",
                "mail",
                "parent_run",
                "parent_step",
                "depth",
                "awaited",
                "input",
                "trigger",
                "line",
                "priority",
            )
            # The columns of `_TAKEN`, in its order.
            at = (0, 12, 13, 14, 15, 18, 19, 20, 21, 11, 10, 17, 22)
            said = [tuple(row[place] for place in at) for row in said]
            rows = [tuple(getattr(row, name) for name in names) for row in rows]
        elif query in SILENT:
            return
        if query == flush.AT_ONCE:
            said = [row[:2] for row in said]
            rows = [row[:2] for row in rows]
        said = [tuple(bytes(one) if isinstance(one, memoryview) else one for one in row) for row in said]
        rows = [tuple(row) for row in rows]
        if query in UNORDERED:
            said, rows = sorted(said, key=repr), sorted(rows, key=repr)
        assert said == rows, query


def _house(world: World) -> None:
    for number, workspace in enumerate(world.workspaces):
        Workspace.objects.create(id=workspace, slug=f"simulated-{number}", name="simulated")
    for (workspace, name), key in world.server.credentials.items():
        per = timedelta(microseconds=key.apart)
        Credential.objects.create(
            id=key.id,
            workspace_id=workspace,
            name=name,
            kind="simulated",
            secret=key.secret,
            rate_limit=1,
            rate_per=per,
        )
    for name, (flow, _, _) in world.flows.items():
        Flow.objects.create(id=flow, workspace_id=world.workspaces[0], name=name)
    for (flow, number, digest), version in world.server.numbered.items():
        document = world.server.versions[version, digest]
        Version.objects.create(id=version, flow_id=flow, number=number, document=document, hash=digest)


def _outside(world: World) -> None:
    """Where messages go, and what was left behind by runs that are long gone."""
    for one in world.server.destinations:
        Destination.objects.create(
            id=one.id,
            workspace_id=one.workspace,
            name=one.name,
            kind="simulated",
            topics=list(one.topics),
            max_attempts=one.max_attempts,
            waits_for_dead=one.waits_for_dead,
        )
    for name, data in world.left.items():
        Payload.objects.create(hash=name, size=len(data), data=data)
    Payload.objects.update(last_used_at=timezone.now() - timedelta(microseconds=OLD))


def _went_out(world: World) -> None:
    """The outbox is the same, and what became of each delivery; large values are, and who needs them."""
    uses = PayloadUse.objects.values_list("run_id", "hash", "removed_after")
    assert {(run, name): after is not None for run, name, after in uses} == world.server.needed
    assert set(Payload.objects.values_list("hash", flat=True)) == set(world.server.payloads)
    messages = Outbox.objects.values_list("id", "run_id", "workspace_id", "step", "topic", "key", "payload", "headers")
    assert sorted(messages) == sorted(
        (one.id, one.run, one.workspace, one.step, one.topic, one.key, one.payload, one.headers)
        for one in world.server.outbox.values()
    )
    found = Delivery.objects.order_by("position").values_list(
        "position", "message_id", "destination_id", "lane", "state", "blocks", "owner", "tries", "last_error"
    )
    assert list(found) == [
        (
            at, one.message.id, one.destination.id if one.destination is not None else None, one.lane, one.state,
            one.blocks, one.owner, one.tries, one.last_error,
        )
        for at, one in sorted(world.server.deliveries.items())
    ]  # fmt: skip


def _runs(world: World) -> Iterator[tuple[Any, ...]]:
    for row in world.server.runs.values():
        yield (
            row.id, row.status, row.fence, row.seq, row.careful, row.mail, row.owner, row.output, row.error,
            row.parent_run, row.parent_step, row.depth, row.awaited, row.line, row.line_limit, row.held, row.priority,
            row.started_at, row.finished_at, row.wake_at,
        )  # fmt: skip


def _micro(instant: Any) -> int | None:
    return None if instant is None else round(instant.timestamp() * 1_000_000)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_history_played_on_postgres_gives_the_same_answers_and_the_same_journals(seed: int) -> None:
    with on_its_own(seed):
        world = World(seed)
        world.trace = []
        world.go()
        world.end()
    _house(world)
    _outside(world)
    with connect_sync("test numbers") as connection:
        connection.execute("DROP SEQUENCE IF EXISTS numbers; CREATE SEQUENCE numbers")
        for sequence in (b"flows_lock_token", b"flows_lockplace_id_seq", b"flows_delivery_position"):
            connection.execute(b"ALTER SEQUENCE %s RESTART" % sequence)
    try:
        assert Played(world).play() > 10
    finally:
        with connect_sync("test numbers") as connection:
            connection.execute("DROP SEQUENCE numbers")
    found = Run.objects.order_by("id").values_list(
        "id", "status", "fence", "seq", "careful", "mail", "owner", "output", "error", "parent_run_id", "parent_step",
        "depth", "awaited", "line", "line_limit", "held", "priority", "started_at", "finished_at", "wake_at",
    )  # fmt: skip
    assert [(*row[:17], *map(_micro, row[17:])) for row in found] == sorted(_runs(world))
    events = Event.objects.order_by("run_id", "seq").values_list("run_id", "seq", "kind", "step", "at", "data")
    server = world.server
    assert list(events) == [(run, *row) for run in sorted(server.events) for row in sorted(server.events[run])]
    letters = Inbox.objects.values_list("id", "run_id", "kind", "name", "key", "payload", "consumed_at")
    assert {(*row[:6], row[6] is not None) for row in letters} == {
        (mail.id, mail.run, mail.kind, mail.name, mail.key, mail.payload, mail.consumed)
        for mail in server.inbox.values()
    }
    assert sorted(Alert.objects.values_list("run_id", "step", "code")) == sorted(alert[:3] for alert in server.alerts)
    _went_out(world)
    asked = {(one.pk, one.run_id, one.step, one.closed_at is not None) for one in Approval.objects.all()}
    assert asked == {(one.id, one.run, one.step, one.closed) for one in server.approvals.values()}
    places = LockPlace.objects.order_by("id").values_list("id", "run_id", "step", "seed", "name", "limit", "token")
    assert list(places) == [
        (p.id, p.run, p.step, p.seed, p.name, p.limit, p.token) for _, p in sorted(server.places.items())
    ]
    watched = Breaker.objects.values_list(
        "workspace_id", "target", "state", "failures", "trips", "until", "first_failed_at"
    )
    assert {(*row[:5], *map(_micro, row[5:])) for row in watched} == {
        (*key, one.state, one.failures, one.trips, one.until, one.first_failed_at)
        for key, one in server.breakers.items()
    }
    turns = {(row.workspace_id, row.name): _micro(row.rate_at) for row in Credential.objects.all()}
    assert turns == {key: one.next_turn for key, one in server.credentials.items()}
    kept = {row.run_id: (row.seq, row.codec, bytes(row.data)) for row in Snapshot.objects.all()}
    assert kept == server.snapshots
