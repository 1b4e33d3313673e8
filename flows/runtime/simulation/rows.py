"""Rows of what goes out and of what stands beside the journal, as far as relays, journals and sweeps look at them."""

from dataclasses import dataclass
from uuid import UUID

from flows.dsl.instants import Instant


@dataclass(frozen=True, slots=True)
class Destination:
    """A row of `flows_destination`. `topics`: as they are written there, perhaps with a star behind."""

    id: UUID
    workspace: UUID
    name: str
    topics: tuple[str, ...]
    max_attempts: int
    waits_for_dead: bool

    def takes(self, topic: str) -> bool:
        return any(topic.startswith(one[:-1]) if one.endswith("*") else topic == one for one in self.topics)


@dataclass(frozen=True, slots=True)
class Message:
    """A row of `flows_outbox`."""

    id: UUID
    run: UUID
    workspace: UUID
    step: str
    topic: str
    key: str
    payload: str
    headers: str


@dataclass(slots=True)
class Delivery:
    """A row of `flows_delivery`; its `position` is its name."""

    position: int
    message: Message
    destination: Destination | None
    lane: str
    state: str
    blocks: bool
    since: Instant
    next_try_at: Instant
    drawn: int
    """After so many commits it was given its position, and after so many it was there for everyone."""
    came: int = 0
    owner: int | None = None
    tries: int = 0
    last_error: str = ""
    is_again: bool = False
    """Whether people had it sent again, perhaps behind later ones."""

    @property
    def id(self) -> UUID:
        return UUID(int=self.position)


@dataclass(slots=True)
class Kept:
    """A row of `flows_payload`."""

    data: bytes
    last_used: Instant
