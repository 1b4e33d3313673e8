"""Rates of credentials: how often what it opens may be asked, kept to by all workers together.

Each attempt reserves its turn by one write of the credential's row: turns lie evenly, `per / limit` apart, so no
window of `per` ever holds more than `limit`. An attempt whose turn is later is put off until then and comes back
with its turn reserved; it never fails of it and is no try. Credentials without a rate cost nothing.
"""

from typing import Final
from uuid import UUID

from flows.dsl.instants import Instant
from flows.engine.events import ErrorInfo
from flows.engine.outcomes import Postponed
from flows.runtime.equipment import Reading

CODE: Final = "rate_limited"

_AT: Final = "timestamptz 'epoch' + %s * interval '1 microsecond'"

# The turn that is reserved: when the one before it has passed, now at the earliest.
RESERVE: Final = f"""
UPDATE flows_credential SET rate_at = greatest(rate_at, {_AT}) + rate_per / rate_limit
WHERE workspace_id = %s AND name = %s AND rate_limit IS NOT NULL
RETURNING (extract(epoch FROM rate_at - rate_per / rate_limit) * 1000000)::bigint
"""  # noqa: S608  # put together of constants alone


class Rates:
    """One per executor process."""

    def __init__(self, read: Reading) -> None:
        self._read = read

    async def put_off(self, workspace: UUID, credential: str, now: Instant) -> Postponed | None:
        """Reserve a turn: None where it is now, else until when the attempt has to wait."""
        rows = await self._read(RESERVE, (now, workspace, credential))
        if not rows or rows[0][0] <= now:
            return None
        error = ErrorInfo(
            code=CODE,
            message=f"The credential {credential} is asked as often as its rate allows",
            klass="recoverable",
            hint="It goes on by itself at its turn; raise the credential's rate if the other side allows more.",
        )
        return Postponed(error, rows[0][0])
