"""What the worker hosts ask of the product above them, as a Protocol; the app wiring hands it in.

Until it does, nothing is asked: schedules don't tick and messages wait in the outbox.
"""

from dataclasses import dataclass
from typing import Protocol

from flows.dsl.instants import Instant
from flows.security.safejson import Json


class Verbs(Protocol):
    """Sync, called in threads."""

    def tick(self, now: Instant) -> Instant | None:
        """Start what schedules are due; the next instant something is, None where nothing ever is."""

    def deliver(self, topic: str, key: str, payload: Json) -> None:
        """Bring one message of the outbox to where it goes. Raises what keeps it from getting there."""


@dataclass(slots=True)
class _Installed:
    verbs: Verbs | None = None


_installed = _Installed()


def install(verbs: Verbs) -> None:
    """Called once by the app wiring."""
    _installed.verbs = verbs


def installed() -> Verbs | None:
    return _installed.verbs
