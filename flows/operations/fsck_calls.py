"""The rows of runs that call one another, read for what their journals must say of them. It judges nothing itself."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db import connection

from flows.runtime.family import CHILD
from flows.runtime.kinship import Calls, Child, kin_holds

CHILDREN: Final = """
SELECT c.parent_run_id, c.id::text, c.parent_step, c.status, md5(c.output), c.awaited,
  EXISTS (SELECT 1 FROM flows_inbox i WHERE i.run_id = c.id AND i.kind = 'cancel')
FROM flows_run c WHERE c.parent_run_id = ANY(%s)
"""
LETTERS: Final = "SELECT run_id, name FROM flows_inbox WHERE run_id = ANY(%s) AND kind = %s AND consumed_at IS NULL"


def faults(
    runs: Sequence[UUID], told: Mapping[UUID, Calls], ended: Mapping[UUID, bool]
) -> Iterator[tuple[UUID, str, str]]:
    """Run, step and sentence of whatever the rows of called runs and the journals of their callers say differently."""
    children: dict[UUID, dict[str, Child]] = defaultdict(dict)
    letters: dict[UUID, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(CHILDREN, [list(runs)])
        for run, child, step, status, output, awaited, is_recalled in cursor.fetchall():
            children[run][child] = Child(
                step=step, status=status, output=output, awaited=awaited, is_recalled=is_recalled
            )
        cursor.execute(LETTERS, [list(runs), CHILD])
        for run, name in cursor.fetchall():
            letters[run].add(name)
    for run in runs:
        for step, sentence in kin_holds(told[run], children[run], letters[run], has_ended=ended[run]):
            yield run, step, sentence
