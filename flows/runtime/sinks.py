"""What brings published messages into the world: the contract of a sink, and which sinks this installation has.

A Django project brings its own by `MULGIL["sinks"]` (`{"kafka": "shop.sinks.Kafka"}`), a package by the entry point
group `mulgil.sinks`. When a message goes, how often, and what a failure means is the relay's business, not a sink's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Final, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from flows.errors import BadInput, MulgilError
from flows.security.credentials import Credential
from flows.security.safejson import Json

GROUP: Final = "mulgil.sinks"
HTTP: Final = "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A published message. `id` is the same however often it is delivered: receivers know it again by that.

    `body` is the payload as JSON bytes; `attempt` counts from 1 and starts anew when a person has it tried again.
    """

    id: UUID
    topic: str
    key: str
    payload: Json
    body: bytes
    headers: Mapping[str, str]
    run: UUID | None
    step: str
    published_at: datetime
    attempt: int


class Refused(MulgilError):
    """The message is refused for good: {reason}"""

    code = "message_refused"


class Later(MulgilError):
    """{reason}"""

    code = "not_delivered"

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        """`retry_after`: seconds the receiver wants to be left alone."""
        self.retry_after = retry_after
        super().__init__(reason=reason)


class Sink(Protocol):
    """Made once per relay process, without arguments; `deliver` is called in threads, several at a time."""

    def deliver(self, message: Outgoing, config: Mapping[str, Any], credential: Credential | None) -> None:
        """Return when the message has safely arrived.

        Raises Refused for a message that will never be taken, Later (or anything else) for one to be tried again.
        """


class UnknownSink(BadInput):
    """There is no kind of destination {kind} here; known are {known}."""

    code = "unknown_sink"


def kinds() -> list[str]:
    """The kinds of destinations that this installation can deliver to."""
    return [HTTP, *sorted(_paths())]


def require_kind(kind: str) -> None:
    """Raises UnknownSink."""
    if kind not in kinds():
        raise UnknownSink(kind=kind, known=", ".join(kinds()))


def sink_named(kind: str) -> Sink:
    """The sink a project or a package brings. Raises UnknownSink, ImportError."""
    known = _paths()
    if kind not in known:
        raise UnknownSink(kind=kind, known=", ".join(kinds()))
    return _made(known[kind])


def _paths() -> dict[str, str]:
    packaged = {point.name: point.value.replace(":", ".") for point in entry_points(group=GROUP)}
    return packaged | dict(settings.MULGIL.get("sinks", {}))


@cache
def _made(path: str) -> Sink:
    made: Sink = import_string(path)()
    return made
