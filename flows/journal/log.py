"""One run's end of the journal, as its driver holds it.

It decides the order and the numbers of a run's events; when and how they are committed is the writer's business.
"""

import asyncio
from collections.abc import Mapping
from typing import Final, Protocol
from uuid import UUID

from flows.engine.events import Event
from flows.errors import MulgilError
from flows.journal.codec import encode, refs_of, stamped
from flows.journal.rows import (
    AlertRow,
    ApprovalEnd,
    ApprovalRow,
    ApprovalStage,
    Batch,
    ChildRow,
    DeploymentRow,
    FailedItemsRow,
    LetterRow,
    Message,
    MovedRow,
    Payload,
    PlaceRow,
    Projection,
    Row,
    SnapshotRow,
)
from flows.security.safejson import Json

BACKLOG: Final = 10_000
"""Events of one run that may wait to be written; a flush takes about a thousand."""


class Source(Protocol):
    """What the writer asks a driver at the moment of writing: the state after all that was put."""

    def projection(self) -> Projection: ...
    def snapshot(self) -> SnapshotRow | None: ...


class Desk(Protocol):
    """Where logs hand in their events: the writer, or its double in memory."""

    def dirty(self, log: "RunLog") -> None:
        """This log has something to write, within the flush timer."""

    def hurry(self) -> None:
        """Someone waits: write now."""


class RunLog:
    """The events of one run, from `seq` on, under one fence. Not thread-safe; lives on one loop."""

    __slots__ = (
        "_alerts", "_asked", "_children", "_closed", "_consumed", "_deployments", "_desk", "_given_up", "_left", "_letters", "_messages", "_moved",
        "_named", "_payloads", "_places", "_queued", "_rows", "_source", "_staged", "_waiters", "committed", "failure", "fence", "run", "seq",
    )  # fmt: skip

    def __init__(self, desk: Desk, source: Source, run: UUID, fence: int, seq: int) -> None:
        self.run = run
        self.fence = fence
        self.seq = self.committed = seq
        self.failure: MulgilError | None = None
        self._desk = desk
        self._source = source
        self._waiters: list[asyncio.Future[None]] = []
        self._clear()

    def _clear(self) -> None:
        self._rows: list[Row] = []
        self._consumed: list[UUID] = []
        self._messages: list[Message] = []
        self._alerts: list[AlertRow] = []
        self._children: list[ChildRow] = []
        self._letters: list[LetterRow] = []
        self._payloads: list[Payload] = []
        self._named: list[str] = []
        self._asked: list[ApprovalRow] = []
        self._staged: list[ApprovalStage] = []
        self._closed: list[ApprovalEnd] = []
        self._places: list[PlaceRow] = []
        self._given_up: list[FailedItemsRow] = []
        self._deployments: list[DeploymentRow] = []
        self._left: list[tuple[str, int]] = []
        self._moved: MovedRow | None = None
        self._queued = False

    def touch(self) -> None:
        """Have the projection written, even if no event is queued."""
        if not self._queued:
            self._queued = True
            self._desk.dirty(self)

    def put(self, event: Event, seen: Mapping[str, Json] | None = None) -> None:
        """Queue one event; it is committed by the flush timer, or before the next barrier returns."""
        row = encode(event, self.seq + 1, seen)
        self._rows.append(row)
        if '"refs"' in row.data:
            self._named += refs_of(event)
        self.seq += 1
        if not self._queued:
            self._queued = True
            self._desk.dirty(self)

    def keep(self, payload: Payload | None) -> None:
        """Keep a large value in the same transaction as the event that refers to it."""
        if payload is not None:
            self._payloads.append(payload)

    def consume(self, message: UUID) -> None:
        """Take a message of the inbox in the same transaction."""
        self._consumed.append(message)

    def send(self, message: Message) -> None:
        """Put a message for the world into the same transaction."""
        self._messages.append(message)

    def alert(self, alert: AlertRow) -> None:
        self._alerts.append(alert)

    def bear(self, child: ChildRow) -> None:
        """Put a run called by this one into the same transaction."""
        self._children.append(child)

    def post(self, letter: LetterRow) -> None:
        """Put a letter to another run into the same transaction."""
        self._letters.append(letter)

    def ask(self, approval: ApprovalRow) -> None:
        """Ask people in the same transaction."""
        self._asked.append(approval)

    def escalate(self, stage: ApprovalStage) -> None:
        """Ask further people too, in the same transaction."""
        self._staged.append(stage)

    def close(self, end: ApprovalEnd) -> None:
        """Ask them no longer, in the same transaction."""
        self._closed.append(end)

    def stand(self, place: PlaceRow) -> None:
        """Stand in line for a lock in the same transaction."""
        self._places.append(place)

    def leave(self, step: str, seed: int) -> None:
        """Leave the line, or let the lock go, in the same transaction."""
        self._left.append((step, seed))

    def give_up(self, items: FailedItemsRow | None) -> None:
        """Tell people in the same transaction of items that a step goes on without."""
        if items is not None:
            self._given_up.append(items)

    def move(self, moved: MovedRow) -> None:
        """Have the run's row name the version that its last event moved it to, in the same transaction."""
        self._moved = moved

    def deploy(self, deployment: DeploymentRow) -> None:
        """Tell people in the same transaction what became of a deployment."""
        self._deployments.append(deployment)

    @property
    def is_settled(self) -> bool:
        """Whether all that was put is committed."""
        return self.committed == self.seq and not self._queued

    async def keep_up(self) -> None:
        """Let the others have their turn, and wait where so much is still to be written that memory would feel it: a
        database that is slow for a while holds up who writes, and nothing piles up before it. Raises as `barrier`."""
        if self.seq - self.committed > BACKLOG:
            await self.barrier()
        else:
            await asyncio.sleep(0)

    async def barrier(self) -> None:
        """Return when everything put so far is committed. Raises RunLost, JournalStopped or what refused it."""
        if self.failure is not None:
            raise self.failure
        if self.is_settled:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._desk.hurry()
        await waiter

    def take(self) -> tuple[Batch, list[asyncio.Future[None]]]:
        """For the writer: all that is queued, and who waits for it."""
        rows = self._rows
        if rows:
            rows[0] = stamped(rows[0], self.fence)
        batch = Batch(
            run=self.run,
            fence=self.fence,
            was=self.seq - len(rows),
            rows=rows,
            projection=self._source.projection(),
            consumed=self._consumed,
            messages=self._messages,
            alerts=self._alerts,
            children=self._children,
            letters=self._letters,
            payloads=self._payloads,
            snapshot=self._source.snapshot(),
            asked=self._asked,
            staged=self._staged,
            closed=self._closed,
            places=self._places,
            given_up=self._given_up,
            deployments=self._deployments,
            left=self._left,
            named=self._named,
            moved=self._moved,
        )
        waiters, self._waiters = self._waiters, []
        self._clear()
        return batch, waiters

    def settled(self, batch: Batch) -> None:
        """For the writer: this batch is committed."""
        self.committed = batch.seq
        if self.is_settled:
            # Who asked while it was being written, and put nothing since, is in no batch.
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def part(self) -> None:
        """Nothing more is put. Who is asked and the log hold each other: without this they would wait for the collector."""
        del self._source

    def fail(self, failure: MulgilError) -> None:
        """For the writer: nothing of this run is written any more."""
        self.failure = failure
        for waiter in self._waiters:
            refuse(waiter, failure)
        self._waiters = []


def refuse(waiter: "asyncio.Future[None]", failure: MulgilError) -> None:
    """Hand the failure to one who waits, unless it has gone."""
    if not waiter.done():
        waiter.set_exception(failure)
