"""What operators look after, over HTTP: circuit breakers and dead letters."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.api.paging import Listing, ListQuery, listing
from flows.api.run_shapes import RunMark
from flows.models import Breaker
from flows.operations import breakers, dead_letters
from flows.operations.access import Permission
from flows.operations.marks import run_mark
from flows.operations.saying import message_of


class BreakerShape(BaseModel):
    """`until`: while open, when one attempt tries again; while half open, until when that attempt has to answer."""

    id: UUID
    target: str
    state: str
    failures: int
    trips: int
    until: datetime | None
    last_error: str
    changed_at: datetime


class Breakers(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described(
        "List the circuit breakers of targets that have failed", gives={200: Listing[BreakerShape]}, query=ListQuery
    )
    def get(self, request: Request) -> Response:
        asked = self.query(ListQuery)
        page = breakers.list_breakers(self.actor, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, breaker_shape))


class ResetOfBreaker(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Close a circuit breaker by hand", gives={200: BreakerShape})
    def post(self, _: Request, breaker: UUID) -> Response:
        return Response(breaker_shape(breakers.reset_breaker(self.actor, breaker)))


class LetterQuery(ListQuery):
    flow: UUID | None = None


class Chosen(Body):
    runs: Annotated[list[Annotated[UUID, Field(strict=False)]], Field(min_length=1, max_length=dead_letters.MAX_CHOSEN)]


class Retried(BaseModel):
    run: UUID
    rerun: UUID


class NotRetried(BaseModel):
    run: UUID
    code: str
    message: str


class RetriedShape(BaseModel):
    retried: list[Retried]
    refused: list[NotRetried]


class DismissedShape(BaseModel):
    dismissed: int


class DeadLetters(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("List failed runs that nobody has dealt with", gives={200: Listing[RunMark]}, query=LetterQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(LetterQuery)
        page = dead_letters.list_dead_letters(self.actor, flow=asked.flow, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, run_mark))


class RetryOfDeadLetters(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_START}

    @described("Run dead letters again from the step that failed", takes=Chosen, gives={200: RetriedShape})
    def post(self, _: Request) -> Response:
        done = dead_letters.retry(self.actor, self.read(Chosen).runs)
        return Response(
            RetriedShape(
                retried=[Retried(run=run, rerun=again) for run, again in done.retried],
                refused=[
                    NotRetried(run=run, code=error.code, message=message_of(error)) for run, error in done.refused
                ],
            )
        )


class DismissalOfDeadLetters(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Say that nothing more is to be done about dead letters", takes=Chosen, gives={200: DismissedShape})
    def post(self, _: Request) -> Response:
        return Response(DismissedShape(dismissed=dead_letters.dismiss(self.actor, self.read(Chosen).runs)))


def breaker_shape(breaker: Breaker) -> BreakerShape:
    return BreakerShape(
        id=breaker.pk,
        target=breaker.target,
        state=breaker.state,
        failures=breaker.failures,
        trips=breaker.trips,
        until=breaker.until,
        last_error=breaker.last_error,
        changed_at=breaker.changed_at,
    )
