"""What the worker hosts ask of the product above them, as a Protocol; the app wiring hands it in.

Until it does, nothing is asked: schedules don't tick and messages wait in the outbox.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from flows.dsl.instants import Instant
from flows.journal.rows import ChildRow
from flows.security.safejson import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOrder:
    """What a step of `run` asks for: a run of the flow of this id or name, with this input.

    `depth`: how many runs called one another down to the one that asks; `environment`: where that one runs, None for the
    default one.
    """

    workspace: UUID
    run: UUID
    step: str
    flow: str
    version: int | None
    input: dict[str, Json]
    waits: bool
    depth: int
    priority: int
    is_test: bool
    started_by: str
    environment: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackOrder:
    """What a step of `run` asks for: another live version of the flow of this id or name; empty: its own flow.

    `key` is the step's, the same over all its attempts. Without `version`: the last good one.
    """

    run: UUID
    key: str
    flow: str
    version: int | None
    reason: str


class Verbs(Protocol):
    """Sync, called in threads."""

    def tick(self, now: Instant) -> Instant | None:
        """Start what schedules are due; the next instant something is, None where nothing ever is."""

    def deliver(self, topic: str, key: str, payload: Json) -> None:
        """Bring one message of the outbox to where it goes. Raises what keeps it from getting there."""

    def call(self, order: CallOrder) -> ChildRow:
        """The run to be made for a call. Makes nothing: the journal does, with the event that speaks of it.

        Raises MulgilError for a flow that can't be called, or not with this input.
        """

    def roll_back(self, order: RollbackOrder) -> dict[str, Json]:
        """Roll back, once for a key; `{flow, version, previous, release, missing_credentials}`. Raises MulgilError."""

    def rival(self, run: UUID, step: str, target: str, endpoint: str) -> str | None:
        """Whose deployment to this endpoint stood when that of this step was to be recorded: the number of its run,
        empty where that one is through by now; None where the step's own is recorded."""


@dataclass(slots=True)
class _Installed:
    verbs: Verbs | None = None


_installed = _Installed()


def install(verbs: Verbs) -> None:
    """Called once by the app wiring."""
    _installed.verbs = verbs


def installed() -> Verbs | None:
    return _installed.verbs
