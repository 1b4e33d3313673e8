"""Approvals over HTTP: what one is asked, and what one says."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.api.paging import Listing, ListQuery, listing
from flows.operations import approvals
from flows.operations.access import Permission


class VoteShape(BaseModel):
    by: str
    decision: str
    comment: str
    form: Any
    at: str


class StageShape(BaseModel):
    """Who is asked too where it is still open by `at`."""

    after: str
    at: str
    users: list[str]
    roles: list[str]
    groups: list[str]


class ApprovalShape(BaseModel):
    """`state`: open, approved, rejected, timeout or cancelled; `default`: approved, rejected or empty.

    `stage`: how many stages of the escalation were reached. `remaining`: how many of those asked can still answer;
    `lacking`: how many too few they are for the quorum.
    """

    id: UUID
    run: UUID
    run_number: int
    flow_name: str
    step: str
    title: str
    message: str
    users: list[str]
    roles: list[str]
    groups: list[str]
    escalation: list[StageShape]
    stage: int
    remaining: int
    lacking: int
    quorum: int
    needs_comment: bool
    form: dict[str, Any]
    due_at: str | None
    default: str
    created_at: str
    closed_at: str | None
    state: str
    by_default: bool
    votes: list[VoteShape]
    may_decide: bool


class ApprovalsQuery(ListQuery):
    mine: bool = True
    closed: bool = False


class Decide(Body):
    decision: Literal["approved", "rejected"]
    comment: Annotated[str, Field(max_length=approvals.MAX_COMMENT)] = ""
    form: dict[str, Any] | None = None


class Approvals(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("List what people are asked, newest first", gives={200: Listing[ApprovalShape]}, query=ApprovalsQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(ApprovalsQuery)
        page = approvals.list_approvals(
            self.actor, mine=asked.mine, closed=asked.closed, cursor=asked.cursor, limit=asked.limit
        )
        return Response(listing(request, page, lambda row: approvals.approval_shape(self.actor, row)))


class OneApproval(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("Read an approval", gives={200: ApprovalShape})
    def get(self, _: Request, approval: UUID) -> Response:
        return Response(approvals.approval_shape(self.actor, approvals.read_approval(self.actor, approval)))


class DecisionOfApproval(Endpoint):
    needs: ClassVar = {"post": Permission.APPROVALS_DECIDE}

    @described("Approve or reject", takes=Decide, gives={202: ApprovalShape})
    def post(self, _: Request, approval: UUID) -> Response:
        asked = self.read(Decide)
        found = approvals.decide(self.actor, approval, asked.decision, comment=asked.comment, form=asked.form)
        return Response(approvals.approval_shape(self.actor, found), status=202)
