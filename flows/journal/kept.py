"""Large values beside the journal: kept with the events that name them, needed by runs, and read back.

How long a run needs them, and what becomes of those that nobody needs, is decided elsewhere.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from django.db import connection

from flows.journal.rows import Batch
from flows.security.safejson import Json

KEEP: Final = """
INSERT INTO flows_payload (hash, size, data, last_used_at)
SELECT x.hash, length(x.data), x.data, now() FROM unnest(%s::text[], %b::bytea[]) AS x(hash, data)
ON CONFLICT (hash) DO UPDATE SET last_used_at = excluded.last_used_at
"""

# What a run's events name, and what its letters speak of to other runs, is needed by those until their time is over.
# A run that is gone needs nothing.
NEED: Final = """
INSERT INTO flows_payloaduse (run_id, hash)
SELECT r.id, x.hash FROM unnest(%s::uuid[], %s::text[]) AS x(run, hash) JOIN flows_run r ON r.id = x.run
ON CONFLICT DO NOTHING
"""

VALUE: Final = """
SELECT p.data, u.removed_after
FROM (SELECT %s::uuid AS run, %s AS hash) AS asked
LEFT JOIN flows_payloaduse u ON u.run_id = asked.run AND u.hash = asked.hash
LEFT JOIN flows_payload p ON p.hash = asked.hash AND u.removed_after IS NULL
"""
VALUES: Final = """
SELECT p.hash, p.data FROM flows_payload p WHERE p.hash = ANY(%s) AND NOT EXISTS
  (SELECT FROM flows_payloaduse u WHERE u.run_id = %s AND u.hash = p.hash AND u.removed_after IS NOT NULL)
"""

OMITTED: Final = "$omitted"


async def keep(line: psycopg.AsyncConnection[Any], batches: Sequence[Batch]) -> None:
    """Write the values of these batches, and which runs need which, in the transaction of their events."""
    kept = {payload.hash: payload.data for batch in batches for payload in batch.payloads}
    if kept:
        await line.execute(KEEP, [list(column) for column in zip(*sorted(kept.items()), strict=True)])
    needed = {(batch.run, name) for batch in batches for name in batch.named}
    needed |= {(letter.to, letter.names) for batch in batches for letter in batch.letters if letter.names is not None}
    if needed:
        await line.execute(NEED, [list(column) for column in zip(*sorted(needed), strict=True)])


def run_output(run: UUID, text: str | None) -> Json:
    """A run's output as its column holds it: JSON, or `@` and the hash of what stands beside."""
    if text is None:
        return None
    return kept_value(run, text[1:]) if text.startswith("@") else orjson.loads(text)


def kept_value(run: UUID, name: str) -> Json:
    """The value of this run kept beside the journal by this hash, or a word on why it isn't there.

    `{"$omitted": "removed", "after_days": 7}` once its time was over; `"missing"` where nobody knows why.
    """
    with connection.cursor() as cursor:
        cursor.execute(VALUE, [run, name])
        ((data, after),) = cursor.fetchall()
    if data is not None:
        return orjson.loads(bytes(data))  # type: ignore[no-any-return]  # whatever JSON it is
    return {OMITTED: "missing"} if after is None else {OMITTED: "removed", "after_days": after}


def is_omitted(value: Json) -> bool:
    """Whether a value stands in the place of one that is no longer there."""
    return isinstance(value, dict) and value.get(OMITTED) in ("removed", "missing")


def kept_values(run: UUID, names: Sequence[str]) -> dict[str, Json]:
    """The values of this run kept beside the journal by these hashes, those that are there."""
    with connection.cursor() as cursor:
        cursor.execute(VALUES, [list(names), run])
        return {name: orjson.loads(bytes(data)) for name, data in cursor.fetchall()}
