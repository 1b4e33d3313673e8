"""Who published messages are for: destinations that take them, lose the answer, are away, or refuse; and what must hold.

It decides what comes of a delivery, and looks on: each message arrives at everyone who takes its topic, in order for its
key as far as it is new, always with the same words, and one that was not given up arrived. What a relay does about a
failure is the product's own code.
"""

import random
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from flows.journal.outbox import NOBODY
from flows.runtime.parcels import Parcel
from flows.runtime.simulation.drawing import TOPICS
from flows.runtime.simulation.rows import Delivery, Destination
from flows.runtime.sinks import Later, Refused

if TYPE_CHECKING:
    from flows.runtime.simulation.process import Process
    from flows.runtime.simulation.world import World

SECOND: Final = 1_000_000
REFUSED: Final = "it is none of ours"


def draw_destinations(dice: random.Random, workspaces: tuple[UUID, ...], world: "World") -> list[Destination]:
    """One or two of each workspace; what nobody takes is lost, and said to be."""
    return [
        Destination(
            world.new_id(), workspace, f"to {number}", dice.choice((("*",), (TOPICS[0], "other"), ("orders.*",))),
            dice.choice((20, 20, 2)), dice.random() < 0.4,
        )
        for workspace in workspaces
        for number in range(dice.choice((1, 1, 2)))
    ]  # fmt: skip


class Receivers:
    """Those of one world."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._dice = world.dice("receivers")
        self.faults: list[str] = []
        self.arrived: Counter[int] = Counter()
        """How often each delivery arrived, by its position."""
        self._said: dict[UUID, tuple[Any, ...]] = {}
        begins = self._dice.randint(1, 8) * SECOND
        self._away = begins, begins + self._dice.choice((0, 2, 10)) * SECOND

    async def bring(self, process: "Process", parcel: Parcel) -> None:
        """What a relay does in the world, and what comes of it. Raises Later, Refused."""
        world, dice = self._world, self._dice
        fate, lasts = dice.random(), dice.choice((0, 0.001, 0.02, 0.3, 2.0))
        if self._away[0] <= world.now < self._away[1] or (world.is_troubled and fate < 0.05):
            raise Later("the receiver was away", retry_after=dice.choice((None, 0.5)))
        if parcel.target is not None and fate > 0.97:
            raise Refused(reason=REFUSED)
        await process.pause(lasts * dice.random())
        self._arrive(process, parcel)
        if world.is_troubled and fate < 0.09:
            world.kill(process)
        await process.pause(lasts * dice.random())
        if world.is_troubled and fate < 0.2:
            raise Later("the receiver's answer was lost")

    def _arrive(self, process: "Process", parcel: Parcel) -> None:
        delivery = self._world.server.deliveries[parcel.id.int]
        where = delivery.destination.name if delivery.destination is not None else "the product"
        self._world.tell(process, f"brings message {delivery.position} ({delivery.lane}) to {where}")
        said = parcel.run, parcel.step, parcel.topic, parcel.key, parcel.payload
        if self._said.setdefault(parcel.message, said) != said:
            self._fault(delivery, "arrived with other words than before")
        if not self.arrived[delivery.position]:
            self._in_order(delivery)
        self.arrived[delivery.position] += 1

    def _in_order(self, new: Delivery) -> None:
        """Who was there for everyone before this one was given its place came before it, or was given up."""
        for one in self._world.server.deliveries.values():
            if one.lane != new.lane or not new.lane or one.position >= new.position or one.came > new.drawn:
                continue
            if one.is_again or new.is_again or self.arrived[one.position]:
                continue
            if one.state != "dead" or one.blocks:
                self._fault(new, f"arrived before message {one.position}, which stood before it")

    def _fault(self, delivery: Delivery, what: str) -> None:
        self.faults.append(f"message {delivery.position} ({delivery.lane}) {what} [outbox]")

    # --- in the end -----------------------------------------------------------------------------------------------

    @property
    def are_done(self) -> bool:
        """Whether nothing is on its way that could still go."""
        server = self._world.server
        return all(
            one.state != "waiting" or is_behind_dead(server.deliveries, one) for one in server.deliveries.values()
        )

    def left_behind(self) -> Iterator[str]:
        """What did not arrive, and has no excuse."""
        server = self._world.server
        yield from self.faults
        for one in server.deliveries.values():
            where = f"message {one.position} ({one.lane})"
            if one.state == "sent" and not self.arrived[one.position]:
                yield f"{where} is marked as sent and never arrived [outbox]"
            elif one.state == "waiting" and not is_behind_dead(server.deliveries, one):
                yield f"{where} waits for ever [outbox]"
            elif one.state == "dead" and not self._may_be_dead(one):
                yield f"{where} was given up after {one.tries} tries: {one.last_error} [outbox]"
        ways = Counter((one.message.id, one.destination) for one in server.deliveries.values())
        for message in server.outbox.values():
            takers = [one for one in server.destinations if one.workspace == message.workspace]
            takes: list[Destination | None] = [one for one in takers if message.step and one.takes(message.topic)]
            if {where: ways[message.id, where] for where in takes or [None]} != dict.fromkeys(takes or [None], 1):
                yield f"message {message.topic} of run {message.run.int}, step {message.step}, is not on its ways [outbox]"

    def _may_be_dead(self, one: Delivery) -> bool:
        if one.destination is None:
            return one.last_error == NOBODY
        return REFUSED in one.last_error or one.tries >= one.destination.max_attempts


def is_behind_dead(deliveries: dict[int, Delivery], one: Delivery) -> bool:
    """Whether it waits for one that was given up, as its destination wants it."""
    return one.lane != "" and any(
        other.lane == one.lane and other.blocks and other.state == "dead" and other.position < one.position
        for other in deliveries.values()
    )
