"""What a new run needs beside the journal from its first moment: its frozen document, and values it takes over.

A run that takes over a value locks it first, says that it needs it once it is there itself, and so the purge,
which passes over what is locked and what was used within its last day, never takes a value from under a start.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection

from flows.dsl.canonical import canonical
from flows.dsl.document import Document
from flows.errors import MulgilError
from flows.journal.rows import Payload

# The mark of last use keeps the purge from what a run still needs.
KEEP: Final = """
INSERT INTO flows_payload (hash, size, data, last_used_at) VALUES (%s, %s, %s, now())
ON CONFLICT (hash) DO UPDATE SET last_used_at = excluded.last_used_at
"""
TOUCH: Final = """
WITH wanted AS (SELECT hash FROM flows_payload WHERE hash = ANY(%s) ORDER BY hash FOR NO KEY UPDATE)
UPDATE flows_payload p SET last_used_at = now() FROM wanted WHERE p.hash = wanted.hash RETURNING p.hash
"""
NEED: Final = """
INSERT INTO flows_payloaduse (run_id, hash) SELECT %s, hash FROM unnest(%s::text[]) AS hash ORDER BY hash
ON CONFLICT DO NOTHING
"""
# What a run has let go is not taken over from it, even while another run still needs the same content.
LACKING: Final = """
SELECT x.hash, u.removed_after FROM unnest(%s::text[]) AS x(hash)
LEFT JOIN flows_payloaduse u ON u.run_id = %s AND u.hash = x.hash
WHERE u.removed_after IS NOT NULL OR NOT EXISTS (SELECT FROM flows_payload p WHERE p.hash = x.hash)
"""


class ContentRemoved(MulgilError):
    """What {step} returned was removed {days} days after its run had ended."""

    code = "content_removed"
    status = 410
    hint = "Run the flow again from the start."


class ContentMissing(ContentRemoved):
    """What {step} returned is no longer there."""


def freeze(document: Document) -> str:
    """Keep the document, in the transaction of the run that goes by it; its hash."""
    data = canonical(document)
    name = hashlib.sha256(data).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [name, len(data), data])
    return name


def keep(payload: Payload) -> str:
    """Keep a large value, in the transaction of the run that begins with it; its hash."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [payload.hash, len(payload.data), payload.data])
    return payload.hash


def take_over(old: UUID | None, given: Sequence[dict[str, Any]]) -> list[str]:
    """Hold the values a new run takes over from the old one until this transaction ends; their hashes.

    Raises ContentRemoved.
    """
    hashes = [name for name, _ in _named(given)]
    if hashes:
        with connection.cursor() as cursor:
            cursor.execute(TOUCH, [hashes])
        for refused in lacking(old, given):
            raise refused
    return hashes


def lacking(old: UUID | None, given: Sequence[dict[str, Any]]) -> list[ContentRemoved]:
    """Why steps can't be taken over: their values are there no more."""
    named = _named(given)
    if not named:
        return []
    with connection.cursor() as cursor:
        cursor.execute(LACKING, [[name for name, _ in named], old])
        gone = dict(cursor.fetchall())
    return [
        ContentMissing(step=step) if gone[name] is None else ContentRemoved(step=step, days=gone[name])
        for name, step in named
        if name in gone
    ]


def need(run: UUID, hashes: Iterable[str]) -> None:
    """Write down that the run needs these, in the transaction that makes it."""
    with connection.cursor() as cursor:
        cursor.execute(NEED, [run, list(hashes)])


def _named(given: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one[name]["$payload"], one["step"]) for one in given for name in one.get("refs", ())]
