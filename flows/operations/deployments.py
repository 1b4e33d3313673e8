"""What was deployed where: for people, newest first, and for a step that may have come second to its endpoint. It is
written with the journal and changed by nobody."""

from uuid import UUID

from flows.models import Deployment, Run
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of


def list_deployments(
    actor: Actor,
    *,
    environment: str | None = None,
    endpoint: str | None = None,
    model: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Deployment]:
    """The workspace's; of one environment, endpoint or model alone where these are given."""
    access.require(actor, Permission.RUNS_READ)
    rows = Deployment.objects.filter(workspace_id=actor.workspace)
    wanted = {"environment": environment, "endpoint": endpoint, "model": model}
    narrowed = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    return page_of(narrowed, cursor=cursor, limit=limit)


def rival_of(run: UUID, step: str, *, target: str, endpoint: str) -> str | None:
    """The number of the run that deploys to this endpoint, where the deployment of this step wasn't recorded because
    that one stood; empty where it is through by now. None: the step's own is recorded, and stands alone."""
    standing = Deployment.objects.filter(state=Deployment.State.UNDER_WAY)
    if standing.filter(run=run, step=step).exists():
        return None
    workspace = Run.objects.values_list("workspace_id", flat=True).get(pk=run)
    other = standing.filter(workspace_id=workspace, target=target, endpoint=endpoint).first()
    return "" if other is None else str(other.number)
