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
    """Null: as long as the workspace says, and failed runs as long as any other. `payload_days`: after how many days a run
    that has ended lets its values over 32 KiB go; null: with the run."""

    days: Days | None
    failed_days: Days | None
    payload_days: Days | None = None


class KeepingShape(BaseModel):
    """`days`, `failed_days` and `payload_days` are the flow's own, null where it has none; `keeps`, `keeps_failed` and
    `keeps_payloads` are what holds, the last null where large values stay as long as their run."""

    days: int | None
    failed_days: int | None
    payload_days: int | None
    workspace_days: int
    keeps: int
    keeps_failed: int
    keeps_payloads: int | None


class RetentionOfFlow(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "put": Permission.WORKSPACE_WRITE}

    @described("How many days runs of a flow are kept", gives={200: KeepingShape})
    def get(self, _: Request, flow: UUID) -> Response:
        return Response(keeping_shape(retention.keeping_of(self.actor, flow)))

    @described("Say how many days runs of a flow are kept", takes=KeepRuns, gives={200: KeepingShape})
    def put(self, _: Request, flow: UUID) -> Response:
        asked = self.read(KeepRuns)
        kept = retention.keep(self.actor, flow, **asked.model_dump())
        return Response(keeping_shape(kept))


def keeping_shape(kept: Keeping) -> KeepingShape:
    return KeepingShape(
        days=kept.own,
        failed_days=kept.own_failed,
        payload_days=kept.own_payload,
        workspace_days=kept.workspace,
        keeps=kept.days,
        keeps_failed=kept.failed_days,
        keeps_payloads=kept.payload_days,
    )
