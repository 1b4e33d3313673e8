"""Exactly once in somebody's PostgreSQL: the note that a step was done, in the transaction that did it.

The notes are rows of a table in the target database. It decides when a statement was done already, and what it
answered then; the statement itself it never sees.
"""

from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from flows.nodes.base import Json, Permanent
from flows.security.safejson import dumps, loads

TABLE: Final = r"^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$"

# The columns are named, so that a table somebody made beforehand may have more of them.
MAKE: Final = sql.SQL("""
CREATE TABLE IF NOT EXISTS {table} (key text PRIMARY KEY, answer text, done_at timestamptz NOT NULL DEFAULT now())
""")
IS_THERE: Final = "SELECT to_regclass($1) IS NOT NULL AS it"
# IF NOT EXISTS alone lets two who come at once both try, and the later one fails.
ALONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended('mulgil:' || $1, 0))"
# Another attempt of the same step that is not over yet is waited for here: then its note stands, or nothing of it does.
NOTE: Final = sql.SQL("INSERT INTO {table} (key) VALUES ($1) ON CONFLICT (key) DO NOTHING RETURNING key")
KNOWN: Final = sql.SQL("SELECT answer FROM {table} WHERE key = $1")
KEEP: Final = sql.SQL("UPDATE {table} SET answer = $2 WHERE key = $1")


class NotesUnusable(Permanent):
    """The table {table}, which notes what was done, can't be used: {reason}"""

    code = "once_table_unusable"
    hint = "Let the credential's user create it, or make it: (key text PRIMARY KEY, answer text, done_at timestamptz)."


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes in one table, as one connection sees them."""

    connection: psycopg.AsyncConnection[Any]
    table: str

    async def make(self) -> None:
        """See that the table is there. Raises psycopg.Error, NotesUnusable."""
        try:
            if not (await self._rows(IS_THERE, self.table))[0]["it"]:
                await self._rows(ALONE, self.table)
                await self._rows(MAKE)
            await self.connection.commit()
        except psycopg.ProgrammingError as error:
            raise NotesUnusable(table=self.table, reason=str(error).split("\n")[0]) from error

    async def begin(self, key: str) -> Json:
        """Begin the transaction that does it; what it answered, where it was done before. Raises as `make` does."""
        try:
            if await self._rows(NOTE, key):
                return None
            known = await self._rows(KNOWN, key)
        except psycopg.ProgrammingError as error:
            raise NotesUnusable(table=self.table, reason=str(error).split("\n")[0]) from error
        if not known or known[0]["answer"] is None:
            raise NotesUnusable(table=self.table, reason=f"the note of {key} is there without its answer")
        return loads(known[0]["answer"])

    async def keep(self, key: str, answer: Json) -> None:
        """Note the answer, in the same transaction."""
        await self._rows(KEEP, key, dumps(answer))

    async def _rows(self, statement: str | sql.SQL, *values: Any) -> list[dict[str, Any]]:
        named = statement
        if isinstance(statement, sql.SQL):
            named = statement.format(table=sql.Identifier(*self.table.split(".")))  # type: ignore[assignment]  # composed
        async with psycopg.AsyncRawCursor(self.connection, row_factory=psycopg.rows.dict_row) as cursor:
            await cursor.execute(named, values)
            return await cursor.fetchall() if cursor.description else []
