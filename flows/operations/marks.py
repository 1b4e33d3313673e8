"""Runs and flows in a line each, as lists and live views tell them alike."""

from datetime import datetime
from uuid import UUID

import orjson

from flows.models import Flow, Proposal, Release, Run, Version
from flows.security.safejson import Json


def run_mark(run: Run) -> dict[str, Json]:
    """A run in a list; its `flow`, `version` and `environment` must have been read with it."""
    return {
        "id": str(run.pk),
        "flow": str(run.flow_id),
        "flow_name": run.flow.name,
        "version": run.version.number if run.version else None,
        "number": run.number,
        "attempt": run.attempt,
        "status": run.status,
        "trigger": run.trigger or None,
        "is_test": run.is_test,
        "error": orjson.loads(run.error) if run.error else None,
        "created_at": moment(run.created_at),
        "started_at": moment(run.started_at),
        "finished_at": moment(run.finished_at),
        "rerun_of": str(run.rerun_of_id) if run.rerun_of_id else None,
        "started_by": run.started_by,
        "environment": run.environment.name if run.environment else None,
        "seq": run.seq,
    }


def flow_mark(flow: Flow, figures: dict[str, Json] | None = None) -> dict[str, Json]:
    """A flow in a list; what is live of it (`with_lives`) and its draft must have been read with it."""
    live = flow.live
    return {
        "id": str(flow.pk),
        "name": flow.name,
        "live_version": live.version.number if live else None,
        "canary": canary_mark(live, figures) if live else None,
        "draft": {"revision": flow.draft.revision},
        "last_run": _last_run(flow),
        "active": flow.active,
        "tags": list(flow.tags),
        "suspended": {"at": moment(flow.suspended_at), **flow.suspension} if flow.suspended_at else None,
        "created_at": moment(flow.created_at),
        "updated_at": moment(flow.updated_at),
        "archived_at": moment(flow.archived_at),
    }


def releases_mark(flow: UUID) -> str:
    """What changes whenever a version of the flow is published, released, taken out, proposed or decided on, and never else."""
    release = Release.objects.filter(flow=flow).order_by("-pk").values_list("pk", flat=True).first()
    proposal = Proposal.objects.filter(flow=flow).order_by("-pk").values_list("pk", "outcome").first()
    version = Version.objects.filter(flow=flow).order_by("-number").values_list("number", flat=True).first()
    return f"{version} {release} {proposal}"


def _last_run(flow: Flow) -> Json:
    """The newest run, where the flow was read with it; a flow just made has none."""
    newest: dict[str, Json] | None = getattr(flow, "last_run", None)
    if newest is None:
        return None
    return {**newest, "created_at": moment(datetime.fromisoformat(str(newest["created_at"])))}


def canary_mark(release: Release, figures: dict[str, Json] | None = None) -> dict[str, Json] | None:
    if release.canary is None:
        return None
    return {
        "version": release.canary.number,
        "weight": release.canary_weight,
        "guards": release.guards,
        "steps": release.steps,
        "since": moment(release.created_at),
        "figures": figures or {},
    }


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC with `Z`."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
