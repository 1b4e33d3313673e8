"""Pruning of versions: by a policy that somebody set, the texts of old documents go; all else of a version stays.

Nothing is pruned where nobody asked for it. It happens in two rounds: the first closes a version to every new use, the
second, when whatever had begun before must long have shown itself, takes the text, or opens the version again where it is
needed after all. Which versions stay whatever the policy says is decided in `staying`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from flows.errors import BadInput, NotFound, phrase
from flows.models import Flow, Version
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor, system
from flows.operations.flows import lock_flow
from flows.operations.staying import STAYS, named_by_number
from flows.operations.workspaces import check_versions_kept

SETTLES: Final = timedelta(minutes=50)
"""Between the rounds: longer than any statement or transaction that had found the version open, shorter than the hourly
round of the worker hosts."""

# A policy keeps what either of its rules keeps; the flow's own stands in the place of the workspace's.
POLICY: Final = """
SELECT f.id AS flow, f.workspace_id AS workspace, f.name,
  CASE f.version_policy WHEN 'own' THEN f.keep_versions WHEN 'workspace' THEN w.keep_versions END AS last,
  CASE f.version_policy WHEN 'own' THEN f.keep_version_days WHEN 'workspace' THEN w.keep_version_days END AS days
FROM flows_flow f JOIN flows_workspace w ON w.id = f.workspace_id
WHERE (%(flow)s::uuid IS NULL OR f.id = %(flow)s::uuid)
  AND (%(beside)s::uuid IS NULL OR w.id = (SELECT o.workspace_id FROM flows_flow o WHERE o.id = %(beside)s::uuid))
"""
PAST: Final = f"""
(policy.last IS NOT NULL OR policy.days IS NOT NULL) AND v.name = '' AND v.note = ''
  AND (policy.last IS NULL
    OR v.number <= (SELECT max(n.number) FROM flows_version n WHERE n.flow_id = v.flow_id) - policy.last)
  AND (policy.days IS NULL OR v.published_at < %(now)s::timestamptz - make_interval(days => policy.days))
  AND NOT ({STAYS})
"""  # noqa: S608  # put together of constants alone
OPEN: Final = f"""
SELECT policy.workspace, policy.flow, policy.name, v.id, v.number
FROM ({POLICY}) policy JOIN flows_version v ON v.flow_id = policy.flow
WHERE v.pruned_at IS NULL AND {PAST} ORDER BY 1, 2, 5
"""  # noqa: S608  # as above
CLOSED: Final = f"""
SELECT policy.workspace, policy.flow, policy.name, v.id, v.number, ({PAST}) AS is_past
FROM ({POLICY}) policy JOIN flows_version v ON v.flow_id = policy.flow
WHERE v.pruned_at < %(settled)s::timestamptz AND v.document <> '' ORDER BY 1, 2, 5
"""  # noqa: S608  # as above


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Versions are kept that are among the `last` so many or younger than so many `days`; with neither, all are."""

    last: int | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionKeeping:
    """Which policy a flow goes by: the workspace's, its own, or `all`; `holds` is what follows of it."""

    by: str
    own: Policy
    workspace: Policy

    @property
    def holds(self) -> Policy:
        return {Flow.KeptBy.OWN: self.own, Flow.KeptBy.WORKSPACE: self.workspace}.get(Flow.KeptBy(self.by), Policy())


@dataclass(frozen=True, slots=True, kw_only=True)
class Goes:
    """Versions of a flow whose texts would go, or went."""

    workspace: UUID
    flow: UUID
    name: str
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Row:
    workspace: UUID
    flow: UUID
    name: str
    id: UUID
    number: int
    is_past: bool = True


def version_keeping(actor: Actor, flow: UUID) -> VersionKeeping:
    """Raises NotFound."""
    access.require(actor, Permission.FLOWS_READ)
    row = Flow.objects.filter(pk=flow, workspace_id=actor.workspace).select_related("workspace").first()
    if row is None:
        raise NotFound(thing="flow")
    return VersionKeeping(
        by=row.version_policy,
        own=Policy(last=row.keep_versions, days=row.keep_version_days),
        workspace=Policy(last=row.workspace.keep_versions, days=row.workspace.keep_version_days),
    )


@transaction.atomic
def keep_versions(
    actor: Actor, flow: UUID, *, by: str, last: int | None = None, days: int | None = None
) -> VersionKeeping:
    """Say which versions of a flow are kept. It takes who may say so for the workspace. Raises NotFound, BadInput."""
    access.require(actor, Permission.WORKSPACE_WRITE)
    check_versions_kept(last, days)
    if (by == Flow.KeptBy.OWN) == (last is None and days is None):
        raise BadInput(
            reason=phrase("a policy of the flow's own says a number of versions, of days, or both; the others neither")
        )
    found = lock_flow(actor, flow)
    said = {"version_policy": by, "keep_versions": last, "keep_version_days": days}
    if any(getattr(found, name) != value for name, value in said.items()):
        for name, value in said.items():
            setattr(found, name, value)
        found.save(update_fields=[*said, "updated_at"])
        audit.record(
            actor, "set which versions are kept of", f"flow {found.name}", flow=str(flow), by=by, last=last, days=days
        )
    return version_keeping(actor, flow)


def would_be_pruned(flow: UUID | None = None, *, now: datetime | None = None) -> list[Goes]:
    """What the next round would close, by flow, without touching anything; of one flow, as the round over all would."""
    found = _gathered(_unnamed(_rows(OPEN, now or timezone.now(), beside=flow)))
    return [goes for goes in found if flow in (None, goes.flow)]


def prune(now: datetime | None = None) -> list[Goes]:
    """Take the texts of what was closed before and is settled, then close what is past its policy; what was closed."""
    moment = now or timezone.now()
    _take_texts(moment)
    return [goes for each in would_be_pruned(now=moment) if (goes := _close(each, moment)) is not None]


@transaction.atomic
def _close(goes: Goes, moment: datetime) -> Goes | None:
    # Releases of the flow wait, and what they made live before is seen here; starts don't wait.
    if not Flow.objects.select_for_update(no_key=True).filter(pk=goes.flow).exists():
        return None
    rows = [row for row in _rows(OPEN, moment, flow=goes.flow) if row.number in goes.numbers]
    if not rows:
        return None
    Version.objects.filter(pk__in=[row.id for row in rows]).update(pruned_at=moment)
    closed = _goes(rows)
    told = {"flow": str(closed.flow), "versions": list(closed.numbers)}
    audit.record(system(closed.workspace, "retention"), "pruned", f"flow {closed.name}", **told)
    return closed


@transaction.atomic
def _take_texts(moment: datetime) -> None:
    """The second round: what is still past its policy and needed by nobody loses its text, all else is opened again."""
    rows = _rows(CLOSED, moment)
    gone = {row.id for row in _unnamed([row for row in rows if row.is_past])}
    Version.objects.filter(pk__in=[row.id for row in rows if row.id not in gone]).update(pruned_at=None)
    Version.objects.filter(pk__in=gone).update(document="")


def _unnamed(rows: Sequence[_Row]) -> list[_Row]:
    """Without those that another document names by number: one that stays, or one that stays because it is named."""
    left: list[_Row] = []
    for workspace, some in groupby(rows, key=lambda row: row.workspace):
        own, before = list(some), 0
        while len(own) != before:
            before = len(own)
            named = named_by_number(workspace, but=[row.id for row in own])
            own = [row for row in own if not any(one.means(row.flow, row.name, row.number) for one in named)]
        left += own
    return left


def _gathered(rows: Iterable[_Row]) -> list[Goes]:
    by_flow: dict[UUID, list[_Row]] = defaultdict(list)
    for row in rows:
        by_flow[row.flow].append(row)
    return [_goes(some) for some in by_flow.values()]


def _goes(rows: Sequence[_Row]) -> Goes:
    first = rows[0]
    return Goes(workspace=first.workspace, flow=first.flow, name=first.name, numbers=[row.number for row in rows])


def _rows(sql: str, moment: datetime, *, flow: UUID | None = None, beside: UUID | None = None) -> list[_Row]:
    """Of all flows, of one, or of all that stand beside one in its workspace."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"flow": flow, "beside": beside, "now": moment, "settled": moment - SETTLES})
        return [_Row(*row) for row in cursor.fetchall()]
