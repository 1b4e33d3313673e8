"""What was deployed where, for people: newest first. It is written with the journal and changed by nobody."""

from flows.models import Deployment
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
