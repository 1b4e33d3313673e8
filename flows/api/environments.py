"""Environments over HTTP: what there is, what each gives to runs, and how versions go from one to the next."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
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
    Guards,
    ReleasedShape,
    ReleaseShape,
    name_of,
    release_shape,
    released_shape,
)
from flows.api.paging import Listing, ListQuery, listing
from flows.dsl.diff_text import diff_text
from flows.models import Environment, Proposal
from flows.operations import canary, environments, promoting, proposals, releases
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.environments import Releasers, vars_of
from flows.operations.marks import canary_mark
from flows.operations.promoting import Preview, Standing
from flows.operations.saying import message_of

Names = Annotated[list[Annotated[str, Field(max_length=150)]], Field(max_length=500)]
Number = Annotated[int, Field(ge=1, lt=2**31)]
Words = Annotated[str, Field(max_length=5_000)]


class ReleasersShape(Body):
    """Who may release there; nobody named: whoever may publish."""

    users: Names = []
    roles: Names = []
    groups: Names = []


class EnvironmentShape(BaseModel):
    """`vars` are laid over those that a document declares; `credentials`: which one a name in a document means there."""

    name: str
    place: int
    is_default: bool
    vars: dict[str, Any]
    credentials: dict[str, str]
    releasers: ReleasersShape
    needs_second: bool


class CreateEnvironment(Body):
    name: EnvironmentName
    place: int | None = None


class ChangeEnvironment(Body):
    """What isn't given stays as it is; `vars`, `credentials` and `releasers` are whole."""

    place: int | None = None
    vars: dict[str, Any] | None = None
    credentials: dict[str, str] | None = None
    releasers: ReleasersShape | None = None
    needs_second: bool | None = None


class ProposedCanary(Body):
    weight: Annotated[int, Field(ge=0, le=100)] | None = None
    steps: Annotated[list[Annotated[int, Field(ge=1, le=100)]], Field(max_length=20)] = []
    guards: Guards = Guards()


class Propose(Body):
    """`canary`: to begin as one instead of being live at once."""

    version: Number
    environment: EnvironmentName | None = None
    reason: Words = ""
    canary: ProposedCanary | None = None


class ProposalShape(BaseModel):
    """`outcome` is empty while it waits. `mine`: the caller proposed it, and may withdraw it."""

    id: UUID
    environment: str
    version: int
    kind: str
    canary: dict[str, Any]
    reason: str
    proposer: str
    created_at: datetime
    outcome: str
    decided_by: str
    decided_at: datetime | None
    comment: str
    mine: bool


class ProposalsQuery(ListQuery):
    open: bool = False


class Decide(Body):
    comment: Words = ""


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


class Obstacle(BaseModel):
    code: str
    message: str
    hint: str


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


class Environments(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "post": Permission.ENVIRONMENTS_WRITE}

    @described("List the environments, in the order versions go through them", gives={200: Listing[EnvironmentShape]})
    def get(self, _: Request) -> Response:
        found = environments.list_environments(self.actor)
        return Response({"results": [environment_shape(one) for one in found], "next": None})

    @described("Make an environment", takes=CreateEnvironment, gives={201: EnvironmentShape})
    def post(self, _: Request) -> Response:
        asked = self.read(CreateEnvironment)
        made = environments.create_environment(self.actor, name=asked.name, place=asked.place)
        return Response(environment_shape(made), status=201)


class OneEnvironment(Endpoint):
    needs: ClassVar = {
        "get": Permission.FLOWS_READ,
        "patch": Permission.ENVIRONMENTS_WRITE,
        "delete": Permission.ENVIRONMENTS_WRITE,
    }

    @described("Read an environment", gives={200: EnvironmentShape})
    def get(self, _: Request, name: str) -> Response:
        return Response(environment_shape(environments.find_environment(self.actor, name)))

    @described(
        "Change what an environment gives to runs, and who may release there",
        takes=ChangeEnvironment,
        gives={200: EnvironmentShape},
    )
    def patch(self, _: Request, name: str) -> Response:
        asked = self.read(ChangeEnvironment)
        changed = environments.change_environment(
            self.actor,
            name,
            place=asked.place,
            vars=asked.vars,
            credentials=asked.credentials,
            releasers=Releasers(**asked.releasers.model_dump()) if asked.releasers else None,
            needs_second=asked.needs_second,
        )
        return Response(environment_shape(changed))

    @described("Delete an environment of which no history speaks", gives={204: None})
    def delete(self, _: Request, name: str) -> Response:
        environments.delete_environment(self.actor, name)
        return Response(status=204)


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


class ProposalsOfFlow(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "post": Permission.FLOWS_PUBLISH}

    @described("List proposed releases, newest first", gives={200: Listing[ProposalShape]}, query=ProposalsQuery)
    def get(self, request: Request, flow: UUID) -> Response:
        asked = self.query(ProposalsQuery)
        page = proposals.list_proposals(self.actor, flow, open_only=asked.open, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, lambda one: proposal_shape(one, self.actor)))

    @described("Propose a release to a second person", takes=Propose, gives={201: ProposalShape})
    def post(self, _: Request, flow: UUID) -> Response:
        asked = self.read(Propose)
        beside = asked.canary.model_dump(exclude_none=True) if asked.canary else None
        made = proposals.propose(
            self.actor,
            flow,
            version=asked.version,
            environment=asked.environment,
            reason=asked.reason,
            canary=None if beside is None else {"weight": None, **beside},
        )
        return Response(proposal_shape(made, self.actor), status=201)


class ApprovalOfProposal(Endpoint):
    needs: ClassVar = {"post": Permission.FLOWS_PUBLISH}

    @described("Approve a proposed release, which makes it", takes=Decide, gives={201: ReleasedShape})
    def post(self, _: Request, flow: UUID, proposal: UUID) -> Response:
        made = proposals.approve(self.actor, flow, proposal, comment=self.read(Decide).comment)
        return Response(released_shape(made), status=201)


class RejectionOfProposal(Endpoint):
    needs: ClassVar = {"post": Permission.FLOWS_PUBLISH}

    @described("Reject a proposed release, or withdraw one's own", takes=Decide, gives={200: ProposalShape})
    def post(self, _: Request, flow: UUID, proposal: UUID) -> Response:
        ended = proposals.reject(self.actor, flow, proposal, comment=self.read(Decide).comment)
        return Response(proposal_shape(ended, self.actor))


def environment_shape(environment: Environment) -> EnvironmentShape:
    setting = environment.setting
    return EnvironmentShape(
        name=environment.name,
        place=environment.place,
        is_default=environment.is_default,
        vars=vars_of(setting),
        credentials=setting.credentials if setting else {},
        releasers=ReleasersShape(users=environment.users, roles=environment.roles, groups=environment.groups),
        needs_second=environment.needs_second,
    )


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
        obstacles=[
            Obstacle(code=error.code, message=message_of(error), hint=gettext(error.hint) if error.hint else "")
            for error in seen.obstacles
        ],
        needs_second=seen.needs_second,
    )


def proposal_shape(proposal: Proposal, reader: Actor) -> ProposalShape:
    return ProposalShape(
        id=proposal.pk,
        environment=proposal.environment.name,
        version=proposal.version.number,
        kind=proposal.kind,
        canary=proposal.canary,
        reason=proposal.reason,
        proposer=proposal.proposer,
        created_at=proposal.created_at,
        outcome=proposal.outcome,
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        comment=proposal.comment,
        mine=reader.user is not None and reader.user == proposal.proposed_by_id,
    )
