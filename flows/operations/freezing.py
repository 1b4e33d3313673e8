"""A document that is no version, frozen for one run: kept by its content's hash beside the journal."""

import hashlib
from typing import Any, Final

from django.db import connection

from flows.dsl.canonical import canonical
from flows.dsl.document import Document
from flows.journal.rows import Payload

# The mark of last use keeps the purge from what a run still needs.
KEEP: Final = """
INSERT INTO flows_payload (hash, size, data, last_used_at) VALUES (%s, %s, %s, now())
ON CONFLICT (hash) DO UPDATE SET last_used_at = excluded.last_used_at
"""
TOUCH: Final = "UPDATE flows_payload SET last_used_at = now() WHERE hash = ANY(%s)"


def freeze(document: Document) -> str:
    """Keep the document, in the transaction of the run that goes by it; its hash."""
    data = canonical(document)
    name = hashlib.sha256(data).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [name, len(data), data])
    return name


def keep(payload: Payload) -> None:
    """Keep a large value, in the transaction of the run that begins with it."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [payload.hash, len(payload.data), payload.data])


def keep_alive(given: list[dict[str, Any]], document: str | None = None) -> None:
    """Mark the values a new run takes over, and its document, as used now."""
    hashes = [one[name]["$payload"] for one in given for name in one.get("refs", ())]
    if document is not None:
        hashes.append(document)
    if hashes:
        with connection.cursor() as cursor:
            cursor.execute(TOUCH, [hashes])
