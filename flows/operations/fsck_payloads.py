"""Whether the large values that journals name are there, as far as their runs still need them.

Every value an event names is written down as needed by its run; what is needed is there; and only a run that has ended
lets anything go. It reads; it refuses to know what is in a value.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db import connection

NEEDED: Final = """
SELECT u.run_id, u.hash, u.removed_after IS NOT NULL, r.finished_at IS NULL,
  EXISTS (SELECT FROM flows_payload p WHERE p.hash = u.hash)
FROM flows_payloaduse u JOIN flows_run r ON r.id = u.run_id WHERE u.run_id = ANY(%s)
"""
DOCUMENTS: Final = """
SELECT r.id, r.document_hash FROM flows_run r WHERE r.id = ANY(%s) AND r.version_id IS NULL
  AND NOT EXISTS (SELECT FROM flows_payloaduse u WHERE u.run_id = r.id AND u.hash = r.document_hash)
"""
ORPHANS: Final = """
SELECT u.run_id, count(*) FROM flows_payloaduse u
WHERE NOT EXISTS (SELECT FROM flows_run r WHERE r.id = u.run_id) GROUP BY 1 LIMIT 100
"""


def faults(runs: Sequence[UUID], named: Mapping[UUID, set[str]]) -> Iterator[tuple[UUID, str]]:
    """Run and sentence of whatever doesn't hold."""
    written: dict[UUID, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(NEEDED, [list(runs)])
        rows = cursor.fetchall()
        cursor.execute(DOCUMENTS, [list(runs)])
        documents = cursor.fetchall()
    for run, name, is_removed, goes_on, is_there in rows:
        written[run].add(name)
        if is_removed and goes_on:
            yield run, f"the value {name} was let go while the run goes on"
        elif not is_removed and not is_there:
            yield run, f"the value {name} that it needs is gone"
    for run, name in documents:
        yield run, f"nothing says that its frozen document {name} is needed"
    for run, names in named.items():
        for name in sorted(names - written[run]):
            yield run, f"its journal names the value {name}, and nothing says that it is needed"


def orphans() -> Iterator[tuple[UUID, str]]:
    """Values that runs need which aren't there any more: they would stay for ever."""
    with connection.cursor() as cursor:
        cursor.execute(ORPHANS)
        for run, count in cursor.fetchall():
            yield run, f"{count} values are kept for this run, and it is gone"
