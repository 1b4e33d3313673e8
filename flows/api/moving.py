"""Moving runs to another version over HTTP: looked at first, then asked for. How many at once are moved, see the jobs."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint, Query
from flows.api.run_shapes import Accepted, Reason, VersionNumber
from flows.api.steering import accepted
from flows.engine.obstacles import Obstacle
from flows.engine.transplant import Standing
from flows.journal.steps_seen import instant_text
from flows.operations import moving
from flows.operations.access import Permission
from flows.operations.saying import translated


class MoveRun(Body):
    version: VersionNumber
    reason: Reason = ""


class MoveQuery(Query):
    preview: bool = False


class ObstacleShape(BaseModel):
    """`code` is stable; `node` is empty where it is the run as a whole."""

    code: str
    node: str
    message: str


class StandingShape(BaseModel):
    """A step that waits, is tried again or is uncertain and stays so, with the settings it began with.

    `changed`: the node has other settings in the new version.
    """

    step: str
    node: str
    status: str
    waits_on: str | None
    ref: str | None
    due: str | None
    changed: bool


class MovePreview(BaseModel):
    """What a move would do. `matched` have begun and stay; `begins` would begin at once; with `obstacles` nothing is done."""

    was: int
    version: int
    obstacles: list[ObstacleShape]
    matched: list[str]
    new: list[str]
    gone: list[str]
    begins: list[str]
    stands: list[StandingShape]
    deadline: str | None


class MoveOfRun(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described(
        "Have a run go on by another version; with `preview` only say what would become of it",
        takes=MoveRun,
        gives={202: Accepted, 200: MovePreview},
        query=MoveQuery,
    )
    def post(self, _: Request, run: UUID) -> Response:
        asked = self.read(MoveRun)
        if self.query(MoveQuery).preview:
            return Response(preview_shape(moving.preview_move(self.actor, run, asked.version)))
        return accepted(moving.move(self.actor, run, asked.version, reason=asked.reason))


def preview_shape(move: moving.Move) -> MovePreview:
    fit = move.fit
    return MovePreview(
        was=move.was,
        version=move.version,
        obstacles=[_obstacle(one) for one in fit.obstacles],
        matched=list(fit.matched),
        new=list(fit.new),
        gone=list(fit.gone),
        begins=list(fit.begins),
        stands=[_standing(one) for one in fit.stands],
        deadline=instant_text(fit.deadline),
    )


def _obstacle(one: Obstacle) -> ObstacleShape:
    fields: dict[str, Any] = dict(one.said.fields)
    return ObstacleShape(code=one.why, node=one.node, message=translated(one.said.template, fields))


def _standing(one: Standing) -> StandingShape:
    on, ref = one.waits if one.waits is not None else (None, None)
    return StandingShape(
        step=one.step,
        node=one.node,
        status=one.status,
        waits_on=on,
        ref=ref or None,
        due=instant_text(one.due),
        changed=one.is_changed,
    )
