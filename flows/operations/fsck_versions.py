"""Whether versions are what their hashes say, and what is in use is whole.

It reads. A version that was pruned has no text and keeps all else; none is live, leads back from what is, or is named as
a canary. What its runs need of it is seen when they are looked through.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from django.db import connection

from flows.operations.staying import BY_POINTER

NOT_ITS_TEXT: Final = """
SELECT v.id, f.name, v.number FROM flows_version v JOIN flows_flow f ON f.id = v.flow_id
WHERE v.document <> '' AND encode(sha256(convert_to(v.document, 'UTF8')), 'hex') <> v.hash
"""
IN_USE: Final = f"""
SELECT v.id, f.name, v.number FROM flows_version v JOIN flows_flow f ON f.id = v.flow_id
WHERE v.pruned_at IS NOT NULL AND {BY_POINTER}
"""  # noqa: S608  # put together of constants alone


def faults() -> Iterator[tuple[UUID, str]]:
    """Of every version that isn't as it must be: its id, and what is wrong."""
    for version, flow, number in _query(NOT_ITS_TEXT):
        yield version, f"version {number} of {flow} is not what its hash says"
    for version, flow, number in _query(IN_USE):
        yield version, f"version {number} of {flow} was pruned, and the release that is live names it"


def _query(sql: str) -> list[tuple[UUID, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
