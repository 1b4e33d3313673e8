"""Circuit breakers: a target that fails again and again is left alone for a while, by all workers together.

Decides when a target is left alone, for how long, and who tries first. Failures are counted in PostgreSQL, one
write each; success writes nothing unless the target had failed before. What is known of the targets in trouble is
read once a second at most, and only while there are effects to perform. A step that meets an open breaker is put
off; it is no try of the step.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from uuid_utils.compat import uuid7

from flows.dsl.effects import Effect
from flows.dsl.instants import Instant
from flows.engine.commands import StartAttempt
from flows.engine.events import ErrorInfo
from flows.engine.outcomes import Failed, Outcome, Postponed, Succeeded, TimedOut
from flows.journal.values import clean
from flows.runtime.equipment import Reading
from flows.security.safejson import Json

THRESHOLD: Final = 10
"""Failures in a row, of all workers, that open a breaker."""
WINDOW: Final = 60_000_000
"""Microseconds within which they must fall."""
PAUSE: Final = 15_000_000
"""Microseconds a breaker stays open at first; doubled each time the try after it fails."""
LONGEST: Final = 300_000_000
TRY: Final = 60_000_000
"""Microseconds the one try has to tell what became of it, before another is let through."""
AGAIN: Final = 3_000_000
"""Microseconds after which the others look again while one tries."""
FRESH: Final = 1.0
"""Seconds for which what was read of the targets in trouble is believed."""

_AT: Final = "timestamptz 'epoch' + %s * interval '1 microsecond'"

TROUBLED: Final = """
SELECT workspace_id, target, state, (extract(epoch FROM until) * 1000000)::bigint FROM flows_breaker
WHERE state <> 'closed' OR failures > 0
"""

COUNT: Final = f"""
INSERT INTO flows_breaker AS b (id, workspace_id, target, state, failures, first_failed_at, trips, last_error, changed_at)
VALUES (%s, %s, %s, 'closed', 1, {_AT}, 0, %s, {_AT})
ON CONFLICT (workspace_id, target) DO UPDATE SET
    failures = CASE WHEN b.failures = 0 OR b.first_failed_at < excluded.first_failed_at - interval '{WINDOW} microseconds'
        THEN 1 ELSE b.failures + 1 END,
    first_failed_at = CASE WHEN b.failures = 0
        OR b.first_failed_at < excluded.first_failed_at - interval '{WINDOW} microseconds'
        THEN excluded.first_failed_at ELSE b.first_failed_at END,
    last_error = excluded.last_error
RETURNING b.state, b.failures
"""  # noqa: S608  # put together of constants alone

# A half open one opens at its first failure; the pause doubles from one to the next.
OPEN: Final = f"""
UPDATE flows_breaker SET state = 'open', trips = trips + 1, changed_at = {_AT},
    until = {_AT} + greatest(%s, least({LONGEST}, {PAUSE} * 2 ^ least(trips, 10))) * interval '1 microsecond'
WHERE workspace_id = %s AND target = %s AND (state = 'half_open' OR (state = 'closed' AND failures >= {THRESHOLD}))
RETURNING (extract(epoch FROM until) * 1000000)::bigint
"""  # noqa: S608  # put together of constants alone

# Who gets the row tries; the others see it half open.
TRY_FIRST: Final = f"""
UPDATE flows_breaker SET state = 'half_open', until = {_AT} + interval '{TRY} microseconds', changed_at = {_AT}
WHERE workspace_id = %s AND target = %s AND state <> 'closed' AND until <= {_AT} RETURNING target
"""  # noqa: S608  # put together of constants alone

CLOSE: Final = f"""
UPDATE flows_breaker SET state = 'closed', failures = 0, trips = 0, until = NULL, changed_at = {_AT}
WHERE workspace_id = %s AND target = %s AND state <> 'open' RETURNING target
"""  # noqa: S608  # put together of constants alone


@dataclass(frozen=True, slots=True)
class _Trouble:
    state: str
    until: Instant | None


def target_of(command: StartAttempt, resolved: Json) -> str | None:
    """What an attempt's effect is aimed at: the host of its address, else its credential; None for neither."""
    if command.effect is Effect.PURE or command.purpose != "run":
        return None
    url = resolved.get("url") if isinstance(resolved, dict) else None
    if isinstance(url, str):
        try:
            host = urlsplit(url).netloc.rpartition("@")[2].lower()
        except ValueError:
            host = ""
        if host:
            return f"host:{clean(host)}"[:300]
    name = command.node.node.credential
    return f"credential:{name}" if name else None


class Breakers:
    """One per executor process."""

    def __init__(self, read: Reading) -> None:
        self._read = read
        self._known: dict[tuple[UUID, str], _Trouble] = {}
        self._fresh_until = float("-inf")

    async def put_off(self, workspace: UUID, target: str, now: Instant) -> Postponed | None:
        """Until when an attempt on this target has to wait; None where it may go on."""
        if asyncio.get_running_loop().time() >= self._fresh_until:
            await self._look()
        trouble = self._known.get((workspace, target))
        if trouble is None or trouble.state == "closed" or trouble.until is None:
            return None
        if trouble.until > now:
            due = trouble.until if trouble.state == "open" else min(trouble.until, now + AGAIN)
            return _postponed(target, due)
        if await self._read(TRY_FIRST, (now, now, workspace, target, now)):
            return None
        self._fresh_until = float("-inf")
        return _postponed(target, now + AGAIN)

    async def learn(self, workspace: UUID, target: str, outcome: Outcome, now: Instant) -> None:
        """Count what became of an attempt on this target."""
        key = workspace, target
        match outcome:
            case Failed(error=error) if error.klass == "recoverable" and not _is_busy(error):
                await self._count(workspace, target, error.message, outcome.retry_after or 0, now)
            case TimedOut():
                await self._count(workspace, target, "The step took longer than its timeout", 0, now)
            case Succeeded() if key in self._known:
                await self._read(CLOSE, (now, workspace, target))
                self._fresh_until = float("-inf")
            case Failed(error=error) if key in self._known and _status(error) is not None:
                # Whoever answers at all is there, be it to refuse.
                await self._read(CLOSE, (now, workspace, target))
                self._fresh_until = float("-inf")
            case _:
                pass

    async def _count(self, workspace: UUID, target: str, message: str, wait: int, now: Instant) -> None:
        rows = await self._read(COUNT, (uuid7(), workspace, target, now, clean(message)[:1_000], now))
        state, failures = rows[0]
        until: Instant | None = None
        if state == "half_open" or (state == "closed" and failures >= THRESHOLD):
            opened = await self._read(OPEN, (now, now, wait, workspace, target))
            if not opened:  # another was faster, of this process perhaps: what it did stands
                self._fresh_until = float("-inf")
                return
            state, until = "open", opened[0][0]
        if state != "closed" and until is None:
            self._fresh_until = float("-inf")
        else:
            self._known[workspace, target] = _Trouble(state, until)

    async def _look(self) -> None:
        rows = await self._read(TROUBLED, ())
        self._known = {(workspace, target): _Trouble(state, until) for workspace, target, state, until in rows}
        self._fresh_until = asyncio.get_running_loop().time() + FRESH


def _is_busy(error: ErrorInfo) -> bool:
    """Whether the other side asked to be asked less often: it is there, and its own word says when."""
    return _status(error) == 429


def _status(error: ErrorInfo) -> Json:
    return error.details.get("status") if isinstance(error.details, Mapping) else None


def _postponed(target: str, due: Instant) -> Postponed:
    error = ErrorInfo(
        code="breaker_open",
        message=f"{target.partition(':')[2]} failed again and again and is left alone for a while",
        klass="recoverable",
        hint="It goes on by itself when one try succeeds; an operator can close the breaker before.",
    )
    return Postponed(error, due)
