"""What operators look after, over HTTP: circuit breakers."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.api.paging import Listing, ListQuery, listing
from flows.models import Breaker
from flows.operations import breakers
from flows.operations.access import Permission


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
