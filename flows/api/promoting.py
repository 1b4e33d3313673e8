"""Where a flow is live, over HTTP: in each environment, promoted from one to the next, taken out of one."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext
from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.change_shapes import ChangeShape, change_shapes
from flows.api.described import described
from flows.api.endpoint import Body, Endpoint, Query
from flows.api.flow_shapes import (
    CanaryShape,
    EnvironmentName,
    Obstacle,
    ReleasedShape,
    ReleaseShape,
    name_of,
    obstacle_shapes,
    release_shape,
    released_shape,
)
from flows.api.proposals import Number, ProposalShape, Words, proposal_shape
from flows.dsl.diff_text import diff_text
from flows.operations import canary, promoting, releases
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.marks import canary_mark
from flows.operations.promoting import Preview, Standing


class StandingShape(BaseModel):
    """What is live in an environment; `released_by` and `released_at` are of the release."""

    environment: str
    is_default: bool
    live_version: int | None
    canary_version: int | None
    canary: CanaryShape | None
    released_at: datetime | None
    released_by: str | None
    proposal: ProposalShape | None
    may_release: bool
    needs_second: bool


class StandingsShape(BaseModel):
    results: list[StandingShape]


class TakeOut(Query):
    reason: Words = ""


class PromoteQuery(Query):
    """Without `version` and `from`: what is live in the nearest environment before. With both: what is live in `from`, as
    long as it is this version."""

    to: EnvironmentName
    source: EnvironmentName | None = Field(default=None, alias="from")
    version: int | None = Field(default=None, ge=1, lt=2**31)


class Promote(Body):
    """As in the query; with `from` and `version` nothing is promoted but what was looked at."""

    to: EnvironmentName
    source: EnvironmentName | None = Field(default=None, alias="from")
    version: Number | None = None
    reason: Words = ""


class VariableShape(BaseModel):
    """`is_given`: the environment says so, and not the document. `before`: what it is where the version comes from."""

    name: str
    value: Any
    is_given: bool
    before: Any


class BoundShape(BaseModel):
    name: str
    credential: str | None


class PromotionShape(BaseModel):
    """What a promotion would change there; with `obstacles` it would be refused. `text` says the changes as a review does."""

    source: str | None
    target: str
    version: int
    live_version: int | None
    changes: list[ChangeShape]
    text: str
    vars: list[VariableShape]
    credentials: list[BoundShape]
    obstacles: list[Obstacle]
    needs_second: bool


class PromotedShape(BaseModel):
    """A release, or a proposal where a second person has to look first."""

    release: ReleasedShape | None
    proposal: ProposalShape | None


class EnvironmentsOfFlow(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ}

    @described("What is live of a flow in each environment", gives={200: StandingsShape})
    def get(self, _: Request, flow: UUID) -> Response:
        found = promoting.standings(self.actor, flow)
        return Response(StandingsShape(results=[standing_shape(one, self.actor) for one in found]))


class FlowInEnvironment(Endpoint):
    needs: ClassVar = {"delete": Permission.FLOWS_PUBLISH}

    @described("Take a flow out of an environment", gives={200: ReleaseShape}, query=TakeOut)
    def delete(self, _: Request, flow: UUID, name: str) -> Response:
        made = releases.take_out(self.actor, flow, environment=name, reason=self.query(TakeOut).reason)
        return Response(release_shape(made))


class PromoteFlow(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "post": Permission.FLOWS_PUBLISH}

    @described("What a promotion would change", gives={200: PromotionShape}, query=PromoteQuery)
    def get(self, _: Request, flow: UUID) -> Response:
        asked = self.query(PromoteQuery)
        seen = promoting.preview(self.actor, flow, to=asked.to, source=asked.source, version=asked.version)
        return Response(promotion_shape(seen))

    @described(
        "Make the version of one environment live in another, or propose it there",
        takes=Promote,
        gives={201: PromotedShape, 202: PromotedShape},
    )
    def post(self, _: Request, flow: UUID) -> Response:
        asked = self.read(Promote)
        done = promoting.promote(
            self.actor, flow, to=asked.to, source=asked.source, version=asked.version, reason=asked.reason
        )
        shape = PromotedShape(
            release=released_shape(done.release) if done.release else None,
            proposal=proposal_shape(done.proposal, self.actor) if done.proposal else None,
        )
        return Response(shape, status=201 if done.release else 202)


def standing_shape(found: Standing, reader: Actor) -> StandingShape:
    release = found.release
    beside = canary_mark(release, canary.figures_of(release)) if release else None
    return StandingShape(
        environment=found.environment.name,
        is_default=found.environment.is_default,
        live_version=release.version.number if release else None,
        canary_version=release.canary.number if release and release.canary else None,
        canary=CanaryShape.model_validate(beside) if beside else None,
        released_at=release.created_at if release else None,
        released_by=name_of(release.author) if release else None,
        proposal=proposal_shape(found.proposal, reader) if found.proposal else None,
        may_release=found.may_release,
        needs_second=found.environment.needs_second,
    )


def promotion_shape(seen: Preview) -> PromotionShape:
    return PromotionShape(
        source=seen.source.name if seen.source else None,
        target=seen.target.name,
        version=seen.version.number,
        live_version=seen.live.number if seen.live else None,
        changes=change_shapes(seen.changes),
        text=diff_text(seen.changes, gettext),
        vars=[VariableShape.model_validate(one, from_attributes=True) for one in seen.vars],
        credentials=[BoundShape(name=one.name, credential=one.credential) for one in seen.credentials],
        obstacles=obstacle_shapes(seen.obstacles),
        needs_second=seen.needs_second,
    )
