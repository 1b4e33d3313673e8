"""Jobs over HTTP: one thing done to many runs, counted first, followed, stopped, and told run by run."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.api.paging import Listing, ListQuery, listing
from flows.api.run_lists import RunsFilter
from flows.api.run_shapes import Reason, VersionNumber
from flows.models import Job, JobResult
from flows.operations import jobs
from flows.operations.access import Permission
from flows.operations.saying import translated


class FilterOfJob(RunsFilter, Body):
    """The filter of `GET /api/runs/`."""


class JobBody(Body):
    """To which runs: those of the filter that this can be done to, or where `runs` names some those.

    `reason` and `compensate` go with a cancel; a retry begins at the step that failed, or at the start; a move goes to
    the version `to` of the flow that the filter names.
    """

    action: Literal["retry", "cancel", "pause", "resume", "move", "delete"]
    filter: FilterOfJob | None = None
    runs: (
        Annotated[list[Annotated[UUID, Field(strict=False)]], Field(min_length=1, max_length=jobs.MAX_CHOSEN)] | None
    ) = None
    reason: Reason = ""
    compensate: bool = False
    from_: Literal["failed", "start"] = Field(default="failed", alias="from")
    to: VersionNumber | None = None

    def order(self) -> jobs.Order:
        return jobs.Order(
            action=self.action,
            filter=(self.filter or FilterOfJob()).chosen(),
            runs=self.runs or (),
            reason=self.reason,
            compensate=self.compensate,
            from_start=self.from_ == "start",
            to=self.to,
        )


class CountShape(BaseModel):
    """`count` runs would be taken, of at most `limit`; `until` in the filter keeps out those made since."""

    count: int
    limit: int
    until: datetime


class JobShape(BaseModel):
    """`done` and `refused` of `total` runs have their result. `filter` is what was asked, or how many were named."""

    id: UUID
    action: str
    status: str
    filter: dict[str, Any]
    options: dict[str, Any]
    by: str
    total: int
    done: int
    refused: int
    stopped_by: str
    created_at: datetime
    finished_at: datetime | None


class JobResultShape(BaseModel):
    """`outcome` is done, refused or pending; `made` is the run that a retry made."""

    run: UUID
    flow: UUID
    number: int
    outcome: str
    code: str
    message: str
    made: UUID | None


class ResultsQuery(ListQuery):
    outcome: Literal["done", "refused", "pending"] | None = None


class Jobs(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ, "post": Permission.RUNS_STEER}

    @described("List jobs over many runs, newest first", gives={200: Listing[JobShape]}, query=ListQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(ListQuery)
        page = jobs.list_jobs(self.actor, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, job_shape))

    @described("Do one thing to many runs", takes=JobBody, gives={201: JobShape})
    def post(self, _: Request) -> Response:
        return Response(job_shape(jobs.make_job(self.actor, self.read(JobBody).order())), status=201)


class CountOfJob(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("How many runs a job would take", takes=JobBody, gives={200: CountShape})
    def post(self, _: Request) -> Response:
        found = jobs.preview(self.actor, self.read(JobBody).order())
        return Response(CountShape(count=found.count, limit=found.limit, until=found.until))


class OneJob(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("Read a job", gives={200: JobShape})
    def get(self, _: Request, job: UUID) -> Response:
        return Response(job_shape(jobs.find_job(self.actor, job)))


class StopOfJob(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Leave the rest of a job's runs alone", gives={200: JobShape})
    def post(self, _: Request, job: UUID) -> Response:
        return Response(job_shape(jobs.stop_job(self.actor, job)))


class ResultsOfJob(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("What came of each run of a job", gives={200: Listing[JobResultShape]}, query=ResultsQuery)
    def get(self, request: Request, job: UUID) -> Response:
        asked = self.query(ResultsQuery)
        page = jobs.results_of(self.actor, job, outcome=asked.outcome, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, result_shape))


def job_shape(job: Job) -> JobShape:
    return JobShape(
        id=job.pk,
        action=job.action,
        status=job.status,
        filter=job.filter,
        options=job.options,
        by=job.actor,
        total=job.total,
        done=job.done,
        refused=job.refused,
        stopped_by=job.stopped_by,
        created_at=job.created_at,
        finished_at=job.finished_at,
    )


def result_shape(result: JobResult) -> JobResultShape:
    return JobResultShape(
        run=result.run_id,
        flow=result.flow_id,
        number=result.number,
        outcome=result.outcome or "pending",
        code=result.code,
        message=translated(result.template, result.fields) if result.template else "",
        made=result.made,
    )
