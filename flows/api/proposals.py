"""Releases that wait for a second person, over HTTP: proposed, listed, approved, rejected."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.api.flow_shapes import EnvironmentName, Guards, ReleasedShape, released_shape
from flows.api.paging import Listing, ListQuery, listing
from flows.models import Proposal
from flows.operations import proposals
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.reasons import recognised
from flows.operations.saying import said

Number = Annotated[int, Field(ge=1, lt=2**31)]
Words = Annotated[str, Field(max_length=5_000)]


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


def proposal_shape(proposal: Proposal, reader: Actor) -> ProposalShape:
    return ProposalShape(
        id=proposal.pk,
        environment=proposal.environment.name,
        version=proposal.version.number,
        kind=proposal.kind,
        canary=proposal.canary,
        reason=said(recognised(proposal.reason)),
        proposer=proposal.proposer,
        created_at=proposal.created_at,
        outcome=proposal.outcome,
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        comment=proposal.comment,
        mine=reader.user is not None and reader.user == proposal.proposed_by_id,
    )
