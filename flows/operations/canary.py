"""The canary's figures and its guards: a guard that trips ends the canary by itself and says why."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from flows.models import Alert, Flow, Release
from flows.models.base import first_id_at
from flows.operations.actor import system
from flows.operations.releases import end_canary

DEFAULT_MIN_RUNS: Final = 20
DEFAULT_MINUTES: Final = 60

# Only the canary's own runs since it began, tests left out, and of those the newest; so the cost is bounded.
FIGURES: Final = """
SELECT count(*) AS runs,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       coalesce(percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - created_at)), 0) * 1000
FROM (
  SELECT status, created_at, finished_at FROM flows_run
  WHERE flow_id = %(flow)s AND id >= %(first)s AND version_id = %(version)s AND NOT is_test
    AND finished_at IS NOT NULL AND finished_at >= %(since)s AND created_at >= %(began)s
  ORDER BY id DESC LIMIT 10000
) recent
"""


def figures_of(release: Release) -> dict[str, Any]:
    """What the canary's runs look like within the guards' window: `{runs, failed, error_rate, p99_ms}`."""
    if release.canary_id is None:
        return {}
    window = timedelta(minutes=float(release.guards.get("minutes") or DEFAULT_MINUTES))
    fields: dict[str, Any] = {
        "flow": release.flow_id,
        "version": release.canary_id,
        "began": release.created_at,
        "first": first_id_at(release.created_at),
        "since": timezone.now() - window,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, fields)
        runs, failed, p99 = cursor.fetchone()
    return {
        "runs": runs,
        "failed": failed,
        "error_rate": round(failed / runs, 4) if runs else 0.0,
        "p99_ms": round(float(p99), 1),
    }


def tripped(guards: dict[str, Any], figures: dict[str, Any]) -> str:
    """The guard that these figures break, in words; empty while all hold or too few runs have ended."""
    if figures["runs"] < (guards.get("min_runs") or DEFAULT_MIN_RUNS):
        return ""
    if "error_rate" in guards and figures["error_rate"] > guards["error_rate"]:
        return f"error_rate {figures['error_rate']} is over {guards['error_rate']} after {figures['runs']} runs"
    if "p99_ms" in guards and figures["p99_ms"] > guards["p99_ms"]:
        return f"p99_ms {figures['p99_ms']} is over {guards['p99_ms']} after {figures['runs']} runs"
    return ""


def check_canaries() -> list[UUID]:
    """Look at every running canary and end those whose guards trip; the flows concerned. Called by the tick."""
    ended = []
    for flow in Flow.objects.filter(live__canary__isnull=False, archived_at__isnull=True).select_related("live"):
        release = flow.live
        reason = tripped(release.guards, figures_of(release)) if release is not None else ""
        if reason and release is not None and _end(flow, release, reason):
            ended.append(flow.pk)
    return ended


@transaction.atomic
def _end(flow: Flow, release: Release, reason: str) -> bool:
    still = Flow.objects.select_for_update(skip_locked=True).filter(pk=flow.pk, live_id=release.pk).exists()
    if still:
        end_canary(system(flow.workspace_id, "canary guard"), flow.pk, reason=reason)
        Alert.objects.create(workspace_id=flow.workspace_id, flow=flow, code="canary_guard", message=reason)
    return still
