"""Who else has a flow open, and where they are on it: what a client may say of itself, and what is known of others.

It decides what a client's word is held to, how often it may speak, and when somebody is gone. A client says where it
is and nothing else: who it is comes from the door. Nothing is stored. It refuses to know sockets and channels.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flows.dsl.document import NodeId
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.security.safejson import Json

MAX_SELECTED: Final = 20
MAX_HERE: Final = 4 * 1024
"""Bytes of one word of a client about itself."""
MAX_PEERS: Final = 50
FAR: Final = 1_000_000
PER_SECOND: Final = 20.0
BURST: Final = 60.0
PATIENCE: Final = 200.0
"""Words beyond its rate after which a client is let go; until then they are heard and not told on."""
GONE_AFTER: Final = 20.0
"""Seconds after which somebody who gave no sign of life is gone. With the looks between, it stays under 30."""
COLOURS: Final = 8

_WORD: Final = re.compile(r"[^\W_]+")


class Pointer(BaseModel):
    """A place on the canvas, in the canvas's own measure."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    x: int = Field(ge=-FAR, le=FAR)
    y: int = Field(ge=-FAR, le=FAR)


class Here(BaseModel):
    """All that a client may say of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    type: Literal["here"]
    selected: Annotated[list[NodeId], Field(max_length=MAX_SELECTED)] = Field(default_factory=list)
    pointer: Pointer | None = None


class Peer(TypedDict):
    """One open window of somebody, as all others are told. `key` is the window's, `person` the user's."""

    key: str
    person: int
    name: str
    initials: str
    colour: int
    writes: bool
    selected: list[str]
    pointer: dict[str, int] | None


def read_here(message: Json) -> Here | None:
    """The message checked; None for what is none."""
    try:
        return Here.model_validate(message)
    except ValidationError:
        return None


def initials(name: str) -> str:
    """Up to two characters that stand for a name in a small circle."""
    words: list[str] = _WORD.findall(name)
    if not words:
        return "?"
    return (words[0][0] + words[1][0] if len(words) > 1 else words[0][:2]).upper()


def peer(key: str, actor: Actor, here: Here) -> Peer:
    """What others are told: the name and the rights are the actor's, the place the client's."""
    person = actor.user or 0
    return {
        "key": key,
        "person": person,
        "name": actor.name,
        "initials": initials(actor.name),
        "colour": person % COLOURS,
        "writes": access.may(actor, Permission.FLOWS_WRITE),
        "selected": list(here.selected),
        "pointer": here.pointer.model_dump() if here.pointer is not None else None,
    }


class Pace:
    """How often a client speaks: a purse that fills by the second."""

    __slots__ = ("_at", "_left")

    def __init__(self, now: float) -> None:
        self._at, self._left = now, BURST

    def spend(self, now: float) -> None:
        self._left = min(BURST, self._left + (now - self._at) * PER_SECOND) - 1
        self._at = now

    @property
    def is_over(self) -> bool:
        """Spoke too often: no other shall be troubled with it."""
        return self._left < 0

    @property
    def is_flood(self) -> bool:
        return self._left < -PATIENCE


class Peers:
    """The others, as one window knows them, and what of that its client hasn't been told yet."""

    __slots__ = ("_changed", "_gone", "_heard", "_now", "_peers")

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._peers: dict[str, Peer] = {}
        self._heard: dict[str, float] = {}
        self._changed: set[str] = set()
        self._gone: set[str] = set()

    def hear(self, peer: Peer) -> None:
        """A sign of life, with or without news. Beyond the number that is shown, newcomers wait for a place."""
        key = peer["key"]
        if key not in self._peers and len(self._peers) >= MAX_PEERS:
            return
        self._heard[key] = self._now()
        if self._peers.get(key) != peer:
            self._peers[key] = peer
            self._changed.add(key)
            self._gone.discard(key)

    def leave(self, key: str) -> None:
        if self._peers.pop(key, None) is not None:
            del self._heard[key]
            self._changed.discard(key)
            self._gone.add(key)

    def forget_silent(self) -> None:
        """Whoever gave no sign of life is gone, whatever cut them off."""
        limit = self._now() - GONE_AFTER
        for key in [key for key, heard in self._heard.items() if heard <= limit]:
            self.leave(key)

    def news(self) -> dict[str, Any] | None:
        """What changed since this was asked last; None for nothing."""
        if not self._changed and not self._gone:
            return None
        told = {"here": [self._peers[key] for key in sorted(self._changed)], "gone": sorted(self._gone)}
        self._changed, self._gone = set(), set()
        return told
