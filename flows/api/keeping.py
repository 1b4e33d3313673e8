"""How long the runs of a flow are kept, and which of its versions, over HTTP."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.operations import pruning, retention
from flows.operations.access import Permission
from flows.operations.pruning import Policy, VersionKeeping
from flows.operations.retention import Keeping
from flows.operations.workspaces import MAX_KEPT_VERSIONS, MAX_RETENTION

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


class KeepVersions(Body):
    """`by`: as the `workspace` says, `all` of them, or by the flow's `own` policy: the `last` so many and those younger than
    so many `days`."""

    by: Literal["workspace", "all", "own"]
    last: Annotated[int, Field(ge=1, le=MAX_KEPT_VERSIONS)] | None = None
    days: Days | None = None


class PolicyShape(BaseModel):
    """Kept is what either rule keeps; both null: every version."""

    last: int | None
    days: int | None


class VersionKeepingShape(BaseModel):
    """`holds` is what follows of `by`. `would_go` are the versions whose documents the next round would take."""

    by: Literal["workspace", "all", "own"]
    own: PolicyShape
    workspace: PolicyShape
    holds: PolicyShape
    would_go: list[int]


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


class VersionsKeptOfFlow(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "put": Permission.WORKSPACE_WRITE}

    @described("Which versions of a flow are kept, and which would go", gives={200: VersionKeepingShape})
    def get(self, _: Request, flow: UUID) -> Response:
        return Response(_version_keeping_shape(pruning.version_keeping(self.actor, flow), flow))

    @described("Say which versions of a flow are kept", takes=KeepVersions, gives={200: VersionKeepingShape})
    def put(self, _: Request, flow: UUID) -> Response:
        asked = self.read(KeepVersions)
        return Response(_version_keeping_shape(pruning.keep_versions(self.actor, flow, **asked.model_dump()), flow))


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


def _version_keeping_shape(kept: VersionKeeping, flow: UUID) -> VersionKeepingShape:
    return VersionKeepingShape.model_validate(
        {
            "by": kept.by,
            "own": _policy_shape(kept.own),
            "workspace": _policy_shape(kept.workspace),
            "holds": _policy_shape(kept.holds),
            "would_go": [number for goes in pruning.would_be_pruned(flow) for number in goes.numbers],
        }
    )


def _policy_shape(policy: Policy) -> PolicyShape:
    return PolicyShape(last=policy.last, days=policy.days)
