"""A flow that only fails is suspended: its triggers stand still until a person resumes it.

It decides which flows and says why, by what runs in the default environment alone. Starts by hand and by programs go on, so that a mend can be tried. Many hosts
look at once; the flow's row is locked and its figures read again, so that each suspension is done by one of them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils import timezone

from flows.models import Alert, Flow, Outbox
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.activation import pause_triggers, resume_triggers
from flows.operations.actor import Actor, system
from flows.operations.facts import facts_of_version
from flows.operations.flows import lock_flow, tell_watchers
from flows.operations.marks import moment
from flows.operations.messages import lay_down

LOOK_BACK: Final = timedelta(minutes=10)
# Only what something outside starts is looked at: of any other flow nothing would stand still.
CANDIDATES: Final = """
SELECT f.id FROM flows_flow f WHERE f.suspended_at IS NULL AND f.archived_at IS NULL
  AND EXISTS (SELECT FROM flows_live l WHERE l.flow_id = f.id)
  AND EXISTS (SELECT FROM flows_trigger t WHERE t.flow_id = f.id AND t.active)
  AND EXISTS (SELECT FROM flows_run r WHERE r.flow_id = f.id AND r.status = 'failed' AND NOT r.is_test
              AND r.environment_id IS NULL
              AND r.finished_at >= %(recent)s)
"""
# The newest failures since the release went live or a person resumed the flow, and no success after the oldest of them.
STREAK: Final = """
WITH failures AS (
  SELECT id, finished_at, error FROM flows_run
  WHERE flow_id = %(flow)s AND status = 'failed' AND NOT is_test AND version_id IS NOT NULL AND environment_id IS NULL
    AND finished_at >= %(since)s AND created_at >= %(since)s
  ORDER BY finished_at DESC LIMIT %(most)s
), oldest AS (SELECT min(id::text)::uuid AS id, min(finished_at) AS at, count(*) AS failed FROM failures)
SELECT oldest.failed, oldest.at, newest.id, newest.error FROM oldest
CROSS JOIN LATERAL (SELECT id, error FROM failures ORDER BY finished_at DESC LIMIT 1) newest
WHERE oldest.failed >= %(most)s AND NOT EXISTS (
  SELECT FROM (SELECT status, finished_at FROM flows_run WHERE flow_id = %(flow)s AND id >= oldest.id
    AND NOT is_test AND environment_id IS NULL AND status = 'succeeded' ORDER BY id) later WHERE later.finished_at >= oldest.at)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """So many runs that ended one after the other, all failed; `run` is the newest and `error` what it says."""

    failed: int
    since: datetime
    run: UUID
    error: dict[str, Any]


def suspend_failing() -> list[UUID]:
    """Suspend every flow of which so many runs failed in a row as its settings say; those suspended. For the tick."""
    with connection.cursor() as cursor:
        cursor.execute(CANDIDATES, {"recent": timezone.now() - LOOK_BACK})
        candidates = [flow for (flow,) in cursor.fetchall()]
    found = Flow.objects.filter(pk__in=candidates)
    return [flow.pk for flow in found if streak_of(flow) is not None and _suspend(flow)]


def streak_of(flow: Flow) -> Streak | None:
    """The failures for which the flow is to be suspended; None while there is reason to go on."""
    live = flow.live
    most = facts_of_version(live.version_id).suspend_after if live is not None else 0
    if live is None or not most:
        return None
    since = max(live.created_at, flow.resumed_at) if flow.resumed_at is not None else live.created_at
    with connection.cursor() as cursor:
        cursor.execute(STREAK, {"flow": flow.pk, "since": since, "most": most})
        row = cursor.fetchone()
    if row is None:
        return None
    failed, began, run, error = row
    return Streak(failed=failed, since=began, run=run, error=orjson.loads(error) if error else {})


@transaction.atomic
def resume_flow(actor: Actor, flow: UUID) -> Flow:
    """Let a suspended flow's triggers start it again, and count its failures anew. Raises NotFound, PathTaken."""
    access.require(actor, Permission.FLOWS_PUBLISH)
    found = lock_flow(actor, flow)
    if found.suspended_at is not None:
        was, found.suspension = found.suspension, {}
        found.suspended_at, found.resumed_at = None, timezone.now()
        found.save(update_fields=["suspended_at", "suspension", "resumed_at", "updated_at"])
        resume_triggers(found)
        audit.record(actor, "resumed", f"flow {found.name}", flow=str(flow), suspension=was)
        tell_watchers(found.pk)
    return found


@transaction.atomic
def _suspend(flow: Flow) -> bool:
    # A start refers to the flow's row and must not wait for this, hence no full lock.
    rows = Flow.objects.select_for_update(skip_locked=True, no_key=True)
    found = rows.filter(pk=flow.pk, suspended_at=None, archived_at=None).first()
    streak = streak_of(found) if found is not None else None
    live = found.live if found is not None else None
    if found is None or streak is None or live is None:
        return False
    found.suspended_at = timezone.now()
    found.suspension = {
        "failed": streak.failed,
        "since": moment(streak.since),
        "run": str(streak.run),
        "version": live.version.number,
        "code": streak.error.get("code", ""),
        "message": streak.error.get("message", ""),
    }
    found.save(update_fields=["suspended_at", "suspension", "updated_at"])
    pause_triggers(found)
    actor = system(found.workspace_id, "suspension")
    audit.record(actor, "suspended", f"flow {found.name}", flow=str(found.pk), suspension=found.suspension)
    _alert(found, streak)
    tell_watchers(found.pk)
    return True


def _alert(flow: Flow, streak: Streak) -> None:
    said = (
        f"{flow.name} is suspended: its last {streak.failed} runs failed. The newest: {streak.error.get('message', '')}"
    )
    Alert.objects.create(
        workspace_id=flow.workspace_id, flow=flow, run_id=streak.run, code="flow_suspended", message=said
    )
    told = {"run": str(streak.run), "step": None, "reason": "flow_suspended", "error": streak.error | {"message": said}}
    payload = orjson.dumps(told).decode()
    lay_down(
        [Outbox(run_id=streak.run, workspace_id=flow.workspace_id, topic="alert", key=str(flow.pk), payload=payload)]
    )
