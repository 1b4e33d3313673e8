"""How long the runs of a flow are kept, over HTTP."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.operations import retention
from flows.operations.access import Permission
from flows.operations.retention import Keeping
from flows.operations.workspaces import MAX_RETENTION

Days = Annotated[int, Field(ge=1, le=MAX_RETENTION)]


class KeepRuns(Body):
    """Null: as long as the workspace says, and failed runs as long as any other."""

    days: Days | None
    failed_days: Days | None


class KeepingShape(BaseModel):
    """`days` and `failed_days` are the flow's own, null where it has none; `keeps` and `keeps_failed` are what holds."""

    days: int | None
    failed_days: int | None
    workspace_days: int
    keeps: int
    keeps_failed: int


class RetentionOfFlow(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "put": Permission.WORKSPACE_WRITE}

    @described("How many days runs of a flow are kept", gives={200: KeepingShape})
    def get(self, _: Request, flow: UUID) -> Response:
        return Response(keeping_shape(retention.keeping_of(self.actor, flow)))

    @described("Say how many days runs of a flow are kept", takes=KeepRuns, gives={200: KeepingShape})
    def put(self, _: Request, flow: UUID) -> Response:
        asked = self.read(KeepRuns)
        kept = retention.keep(self.actor, flow, days=asked.days, failed_days=asked.failed_days)
        return Response(keeping_shape(kept))


def keeping_shape(kept: Keeping) -> KeepingShape:
    return KeepingShape(
        days=kept.own,
        failed_days=kept.own_failed,
        workspace_days=kept.workspace,
        keeps=kept.days,
        keeps_failed=kept.failed_days,
    )
