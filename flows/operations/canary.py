"""The canary's figures, and what follows from them: a guard that trips rolls back by itself and says why; a step
that held for its runs and minutes gives way to the next.

Many hosts look at once; the flow's row is locked and the release compared, so each thing is done by one of them.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils import timezone

from flows.errors import MulgilError
from flows.journal.kept import run_output
from flows.models import Alert, Flow, Live, Release
from flows.models.base import first_id_at
from flows.operations.actor import system
from flows.operations.environments import hold
from flows.operations.guards import Tripped, compiled_guard, holds, least_runs, minutes_of, next_step, tripped
from flows.operations.reasons import HELD_TO_THE_END, NOT_JUDGED, NOT_RELEASED, reason
from flows.operations.releases import end_canary, put_live, step_canary
from flows.security.safejson import Json

# What ended under a guard's eye: the version's own runs since the step began, tests, cancelled ones and those that were
# moved to it left out (what they did and how long they took is two versions', and nobody drew them by the weight),
# and of those the newest, so that the cost is bounded. Of a quiet flow the window holds too little to judge by;
# there the newest `least` are looked at, however old.
RECENT: Final = """
SELECT id, number, status, created_at, finished_at, input, output FROM (
  SELECT *, row_number() OVER (ORDER BY id DESC) AS place FROM (
    SELECT id, number, status, created_at, finished_at, input, output FROM flows_run
    WHERE flow_id = %(flow)s AND id >= %(first)s AND version_id = %(version)s AND NOT is_test
      AND environment_id IS NOT DISTINCT FROM %(place)s::uuid
      AND status IN ('succeeded', 'failed') AND finished_at IS NOT NULL AND created_at >= %(began)s
      AND NOT EXISTS (SELECT FROM flows_wentby w WHERE w.run_id = flows_run.id)
    ORDER BY id DESC LIMIT 10000) newest
) placed WHERE finished_at >= %(since)s OR place <= %(least)s
"""
FIGURES: Final = f"""
SELECT count(*), count(*) FILTER (WHERE status = 'failed'),
  coalesce(percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - created_at)), 0) * 1000
FROM ({RECENT}) recent
"""  # noqa: S608  # put together of constants alone
OUTPUTS: Final = f"""
SELECT id, number, status, input, output FROM ({RECENT}) recent WHERE status = 'succeeded' ORDER BY id DESC LIMIT 200
"""  # noqa: S608  # put together of constants alone
FAILED: Final = f"SELECT id FROM ({RECENT}) recent WHERE status = 'failed' ORDER BY id DESC LIMIT %(shown)s"  # noqa: S608
SLOWEST: Final = f"SELECT id FROM ({RECENT}) recent ORDER BY finished_at - created_at DESC LIMIT %(shown)s"  # noqa: S608
SHOWN_RUNS: Final = 10
UNJUDGED: Final = "unjudged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What came of a look at all canaries: how many stand, and the flows whose guard tripped or step changed."""

    standing: int
    ended: list[UUID]
    stepped: list[UUID]


def figures_of(release: Release) -> dict[str, Any]:
    """The canary's runs under the guards' eyes: `{runs, failed, error_rate, p99_ms, expression_rate?, live}`.

    `live` holds the same figures of the version beside it, since the same moment.
    """
    if release.canary_id is None:
        return {}
    return _measured(release, release.canary_id) | {"live": _measured(release, release.version_id)}


def check_canaries() -> Looked:
    """Look at every running canary: roll back those whose guards trip, move on those that held. Called by the tick."""
    standing, ended, stepped = 0, [], []
    rows = Live.objects.filter(release__canary__isnull=False, flow__archived_at__isnull=True)
    for live in rows.select_related("flow", "release__environment", "release__canary"):
        flow, release = live.flow, live.release
        if release.canary_id is None:
            continue
        standing += 1
        found = _broken(release, release.canary_id)
        if found is not None:
            if _roll_back(flow, release, found):
                ended.append(flow.pk)
        elif _has_held(release) and _move_on(flow, release):
            stepped.append(flow.pk)
    return Looked(standing=standing, ended=ended, stepped=stepped)


def _broken(release: Release, canary: UUID) -> Tripped | None:
    """The guard that is broken. One that can't be judged takes its canary back too: nobody watches it, and a look that
    failed would keep all other canaries unwatched.
    """
    try:
        return tripped(release.guards, _measured(release, canary))
    except MulgilError as error:
        return Tripped(guard=UNJUDGED, reason=reason(NOT_JUDGED, reason=error.message))


def _fields(release: Release, version: UUID) -> dict[str, Any]:
    return {
        "flow": release.flow_id,
        "version": version,
        # A run in the default environment names none.
        "place": None if release.environment.is_default else release.environment_id,
        "began": release.created_at,
        "first": first_id_at(release.created_at),
        "since": timezone.now() - timedelta(minutes=minutes_of(release.guards)),
        "least": least_runs(release.guards),
        "shown": SHOWN_RUNS,
    }


def _query(sql: str, fields: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, fields)
        return list(cursor.fetchall())


def _measured(release: Release, version: UUID) -> dict[str, Any]:
    ((runs, failed, p99),) = _query(FIGURES, _fields(release, version))
    figures: dict[str, Any] = {
        "runs": runs,
        "failed": failed,
        "error_rate": round(failed / runs, 4) if runs else 0.0,
        "p99_ms": round(float(p99), 1),
    }
    if "expression" in release.guards:
        judged, broken = _judged(release, version)
        figures["expression_rate"] = round(len(broken) / judged, 4) if judged else 0.0
    return figures


def _judged(release: Release, version: UUID) -> tuple[int, list[UUID]]:
    """How many outputs were held against the guard's expression, and the runs for which it is not true."""
    compiled = compiled_guard(release.guards["expression"])
    rows = _query(OUTPUTS, _fields(release, version))
    broken = []
    for run, number, status, given, output in rows:
        seen: dict[str, Json] = {"id": str(run), "number": number, "status": status, "output": run_output(run, output)}
        if not holds(compiled, seen, orjson.loads(given)):
            broken.append(run)
    return len(rows), broken


def _blamed(release: Release, guard: str) -> list[str]:
    """The newest runs that broke the guard, to be looked at."""
    if release.canary_id is None:
        return []
    if guard == "expression_rate":
        return [str(run) for run in _judged(release, release.canary_id)[1][:SHOWN_RUNS]]
    statement = SLOWEST if guard == "p99_ms" else FAILED
    return [str(run) for (run,) in _query(statement, _fields(release, release.canary_id))]


def _is_still(flow: Flow, release: Release) -> bool:
    """Whether the release is still the live one, with the flow's row locked; False too where another host holds it."""
    # The pointer is asked for after the lock: what another host did to it until then is seen.
    locked = Flow.objects.select_for_update(skip_locked=True).filter(pk=flow.pk).exists()
    return locked and Live.objects.filter(flow=flow, release=release).exists()


@transaction.atomic
def _roll_back(flow: Flow, release: Release, found: Tripped) -> bool:
    if not _is_still(flow, release):
        return False
    evidence: dict[str, Any] = {"guard": found.guard}
    if found.guard != UNJUDGED:
        evidence |= {"figures": figures_of(release), "runs": _blamed(release, found.guard)}
    _take_back(flow, release, found.reason, evidence)
    return True


def _take_back(flow: Flow, release: Release, why: str, evidence: dict[str, Any]) -> None:
    guard = system(flow.workspace_id, "canary guard")
    evidence["version"] = release.canary.number if release.canary else None
    where = release.environment.name
    end_canary(guard, flow.pk, reason=why, kind=Release.Kind.GUARD, evidence=evidence, environment=where)
    runs = evidence.get("runs") or [None]
    Alert.objects.create(workspace_id=flow.workspace_id, flow=flow, run_id=runs[0], code="canary_guard", message=why)


def _has_held(release: Release) -> bool:
    """Whether a scheduled step lasted its minutes and saw its runs; those that broke a guard never come here."""
    if not release.steps or release.canary_id is None:
        return False
    lasted = timezone.now() - release.created_at >= timedelta(minutes=minutes_of(release.guards))
    is_last = next_step(release.steps, release.canary_weight) is None and release.canary_weight < 100
    return lasted and not is_last and _measured(release, release.canary_id)["runs"] >= least_runs(release.guards)


@transaction.atomic
def _move_on(flow: Flow, release: Release) -> bool:
    if not _is_still(flow, release) or release.canary is None:
        return False
    actor = system(flow.workspace_id, "canary steps")
    following = next_step(release.steps, release.canary_weight)
    if following is not None:
        step_canary(actor, flow.pk, weight=following, environment=release.environment.name)
        return True
    try:
        with transaction.atomic():
            why = reason(HELD_TO_THE_END, weight=release.canary_weight)
            where = hold(release.environment)
            put_live(actor, flow, release.canary, where, kind=Release.Kind.PUBLISH, reason=why)
    except MulgilError as error:
        _take_back(flow, release, reason(NOT_RELEASED, reason=error.message), {"guard": "release"})
    return True
