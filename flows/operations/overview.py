"""What needs an administrator's eye: how the newest runs went, what fails, what waits for people, what was released.

Counts are of the newest runs alone, so that the page costs the same beside ten million of them.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from flows.models import Alert, Approval, Flow, Release, Run, Workspace

NEWEST_RUNS: Final = 1_000
SHOWN: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """`states` counts the newest runs by state; `failing` are flows with their failures among them, most first."""

    runs: int
    states: dict[str, int]
    failing: list[tuple[Flow, int]]
    approvals: int
    alerts: list[Alert]
    releases: list[Release]


def overview(workspaces: QuerySet[Workspace]) -> Overview:
    """The state of things in these workspaces, newest first."""
    newest = Run.objects.filter(workspace__in=workspaces, is_test=False).order_by("-id")
    seen = list(newest.values_list("status", "flow")[:NEWEST_RUNS])
    failures: Counter[UUID] = Counter(flow for status, flow in seen if status == "failed")
    worst = failures.most_common(SHOWN)
    flows = Flow.objects.in_bulk([flow for flow, _ in worst])
    return Overview(
        runs=len(seen),
        states=dict(Counter(status for status, _ in seen)),
        failing=[(flows[flow], count) for flow, count in worst if flow in flows],
        approvals=Approval.objects.filter(workspace__in=workspaces, closed_at__isnull=True).count(),
        alerts=list(Alert.objects.filter(workspace__in=workspaces, seen_at__isnull=True).order_by("-id")[:SHOWN]),
        releases=list(
            Release.objects.filter(flow__workspace__in=workspaces)
            .select_related("flow", "version", "previous", "author", "environment")
            .order_by("-id")[:SHOWN]
        ),
    )
