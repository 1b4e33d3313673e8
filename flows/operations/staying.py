"""Which versions must stay, whatever a policy says: what is live or leads back to it, what runs go by, and what calls by number.

It decides by reading alone. How many versions a policy keeps and when texts go is not known here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q

from flows.models import Draft, Version
from flows.operations import documents
from flows.security.safejson import Json

# The release that answers new starts: one row of a flow for each place where it is live.
POINTERS: Final = "SELECT a.flow_id, a.release_id FROM flows_live a"

# Each says of a version `v` why it stays; `days` are the policy's, null where it has none.
BY_POINTER: Final = f"""
EXISTS (SELECT FROM ({POINTERS}) p JOIN flows_release l ON l.id = p.release_id
  WHERE p.flow_id = v.flow_id AND v.id IN (l.version_id, l.canary_id, l.previous_id))
"""
# The way back from a release: a canary's rows name the live version as the one before.
BY_WAY_BACK: Final = f"""
EXISTS (SELECT FROM ({POINTERS}) p JOIN flows_release l ON l.id = p.release_id
  WHERE p.flow_id = v.flow_id AND v.id = (
    SELECT r.version_id FROM flows_release r WHERE r.flow_id = v.flow_id AND r.environment_id = l.environment_id AND r.version_id <> l.version_id
    ORDER BY r.created_at DESC, r.id DESC LIMIT 1))
"""  # noqa: S608  # put together of constants alone
BY_RELEASE: Final = """
EXISTS (SELECT FROM flows_release r WHERE r.flow_id = v.flow_id
  AND r.created_at >= %(now)s::timestamptz - make_interval(days => policy.days)
  AND v.id IN (r.version_id, r.canary_id, r.previous_id))
"""
# What was taken out last leads back to where it was live: nothing else says there what to release again.
BY_TAKEN_OUT: Final = """
EXISTS (SELECT FROM flows_release r WHERE r.flow_id = v.flow_id AND r.version_id = v.id AND r.kind = 'take_out'
  AND NOT EXISTS (SELECT FROM flows_release n WHERE n.flow_id = r.flow_id AND n.environment_id = r.environment_id
    AND (n.created_at, n.id) > (r.created_at, r.id)))
"""
BY_PROPOSAL: Final = "EXISTS (SELECT FROM flows_proposal p WHERE p.version_id = v.id AND p.outcome = '')"
BY_RUN: Final = "EXISTS (SELECT FROM flows_run r WHERE r.version_id = v.id)"
# What a run did before it was moved to another version can't be followed without the one it left.
BY_MOVED_RUN: Final = "EXISTS (SELECT FROM flows_wentby w WHERE w.version_id = v.id)"
# Runs are on their way to it: somebody's letter asks one to go by it, or a job that isn't through yet will ask many. A
# letter is text, and what people wrote in it may be what PostgreSQL reads as no JSON.
BY_LETTER: Final = """
v.id IN (SELECT asked.version FROM (
  SELECT substring(i.payload FROM '"version_id": ?"([0-9a-f-]{36})"')::uuid AS version FROM flows_inbox i
  WHERE i.kind = 'move' AND i.consumed_at IS NULL) asked WHERE asked.version IS NOT NULL)
"""
BY_JOB: Final = """
EXISTS (SELECT FROM flows_job j JOIN flows_jobresult t ON t.job_id = j.id WHERE j.status = 'running' AND j.action = 'move'
  AND t.outcome = '' AND t.flow_id = v.flow_id AND j.options->>'to' = v.number::text)
"""
_REASONS: Final = (
    *(BY_POINTER, BY_WAY_BACK, BY_TAKEN_OUT, BY_RELEASE, BY_PROPOSAL),
    *(BY_RUN, BY_MOVED_RUN, BY_LETTER, BY_JOB),
)
STAYS: Final = " OR ".join(_REASONS)

SPEAKS: Final = Q(document__contains='"flow.call"') | Q(document__contains='"flow.rollback"')
"""Texts that may call a version by its number."""
# The drafts that test runs were frozen at, as long as these go on.
FROZEN: Final = """
SELECT DISTINCT r.flow_id, convert_from(p.data, 'UTF8') FROM flows_run r JOIN flows_payload p ON p.hash = r.document_hash
WHERE r.workspace_id = %s AND r.version_id IS NULL AND r.status <> 'succeeded' AND r.finished_at IS NULL
  AND (position('"flow.call"'::bytea IN p.data) > 0 OR position('"flow.rollback"'::bytea IN p.data) > 0)
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A version as a document names it: the flow's id or name and the number; None where only a run can tell."""

    flow: str | None
    number: int | None

    def means(self, flow: UUID, name: str, number: int) -> bool:
        return self.flow in (None, str(flow), name) and self.number in (None, number)


def named_by_number(workspace: UUID, *, but: Iterable[UUID]) -> set[Named]:
    """Every version that a draft, a test run of one that goes on, or a version that is still there, names; `but` those
    versions, which would go themselves."""
    drafts = Draft.objects.filter(SPEAKS, flow__workspace_id=workspace)
    versions = Version.objects.filter(SPEAKS, flow__workspace_id=workspace).exclude(pk__in=list(but))
    found: set[Named] = set()
    for rows in (drafts, versions):
        for flow, text in rows.values_list("flow_id", "document").iterator(chunk_size=50):
            found.update(_named_in(flow, documents.from_text(text)))
    with connection.cursor() as cursor:
        cursor.execute(FROZEN, [workspace])
        for flow, text in cursor.fetchall():
            found.update(_named_in(flow, documents.from_text(text)))
    return found


def _named_in(flow: UUID, document: Json) -> Iterator[Named]:
    nodes = document.get("nodes") if isinstance(document, dict) else None
    for node in nodes if isinstance(nodes, list) else ():
        if not isinstance(node, dict) or node.get("type") not in ("flow.call", "flow.rollback"):
            continue
        config = node.get("config")
        number = config.get("version") if isinstance(config, dict) else None
        if isinstance(config, dict) and number is not None:
            yield Named(_flow_named(config.get("flow") or str(flow)), _number(number))


def _flow_named(given: Any) -> str | None:
    return given if isinstance(given, str) and "{{" not in given else None


def _number(given: Any) -> int | None:
    return given if isinstance(given, int) else None
