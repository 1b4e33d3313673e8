"""The tick: what every worker host does on the side, often. Hosts may do it at once; rows and locks keep them apart."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import close_old_connections

from flows.dsl.instants import Instant
from flows.journal.rows import ChildRow
from flows.operations import approval_letters
from flows.operations.alerts import send_alert
from flows.operations.approval_alerts import alert_of_too_few
from flows.operations.approval_letters import address_letters, send_letter
from flows.operations.calling import called
from flows.operations.canary import check_canaries
from flows.operations.carrying import carry_jobs
from flows.operations.deployments import rival_of
from flows.operations.retention import purge
from flows.operations.rolling_back import rolled_back
from flows.operations.suspending import suspend_failing
from flows.runtime.verbs import CallOrder, RollbackOrder
from flows.security.safejson import Json
from flows.triggers.schedule import start_due

GUARDS_EVERY: Final = 1.0
JOBS_EVERY: Final = 1_000_000
"""Microseconds after which a job that nobody carries on yet is seen."""
SUSPEND_EVERY: Final = 2.0
PURGE_EVERY: Final = 3_600.0
PURGE_AGAIN: Final = 60.0
"""After a purge that failed. Not at once: what comes behind it in a tick waits for the next."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Done:
    """When this process last did what needn't be done at each tick, by the monotonic clock."""

    guards: float = float("-inf")
    suspend: float = float("-inf")
    purge: float = float("-inf")
    standing: int = 0


class ProductVerbs:
    """What the worker hosts ask of the product; satisfies `flows.runtime.verbs.Verbs`."""

    def __init__(self) -> None:
        self._done = _Done()

    def tick(self, now: Instant) -> Instant | None:
        """Start due schedules, look after canaries and flows that only fail, purge, carry jobs on; the next instant something is due."""
        close_old_connections()
        try:
            next_at = start_due(EPOCH + timedelta(microseconds=now))
            passed = time.monotonic()
            if passed - self._done.guards >= GUARDS_EVERY:
                self._done.guards = passed
                self._done.standing = check_canaries().standing
            if passed - self._done.suspend >= SUSPEND_EVERY:
                self._done.suspend = passed
                suspend_failing()
            if passed - self._done.purge >= PURGE_EVERY:
                self._done.purge = passed - PURGE_EVERY + PURGE_AGAIN
                purge()
                self._done.purge = passed
            due = [now if carry_jobs() else now + JOBS_EVERY]
        finally:
            close_old_connections()
        if next_at is not None:
            due.append((next_at - EPOCH) // timedelta(microseconds=1))
        if self._done.standing:
            due.append(now + int(GUARDS_EVERY * 1_000_000))
        return min(due)

    def call(self, order: CallOrder) -> ChildRow:
        """The run to be made for a call of another flow."""
        close_old_connections()
        try:
            return called(order)
        finally:
            close_old_connections()

    def roll_back(self, order: RollbackOrder) -> dict[str, Json]:
        """Make an older version live, as a step asks for."""
        close_old_connections()
        try:
            return rolled_back(order)
        finally:
            close_old_connections()

    def rival(self, run: UUID, step: str, target: str, endpoint: str) -> str | None:
        """Who deploys to an endpoint beside a step."""
        close_old_connections()
        try:
            return rival_of(run, step, target=target, endpoint=endpoint)
        finally:
            close_old_connections()

    def deliver(self, topic: str, key: str, payload: Json) -> None:
        """Bring a message of the outbox to where it goes."""
        match topic:
            case "alert":
                send_alert(payload)
            case "approval":
                alert_of_too_few(payload)
                address_letters(payload)
            case approval_letters.LETTER:
                send_letter(payload)
