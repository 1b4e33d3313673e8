"""Locks over HTTP: who holds which, who stands in line, and taking one away by hand."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.api.paging import Listing, ListQuery, listing
from flows.operations import locks
from flows.operations.access import Permission
from flows.operations.locks import Standing


class LockShape(BaseModel):
    """A place at a lock. `token`: of who holds it; `line`: of who waits, the place in line from 1.

    `due_at`: until when it waits; `released_at`, `released_by`: it was taken away by hand, and the run goes on.
    """

    id: str
    name: str
    limit: int
    run: UUID
    number: int
    flow: UUID
    flow_name: str
    step: str
    token: int | None
    line: int | None
    asked_at: datetime
    due_at: datetime | None
    granted_at: datetime | None
    released_at: datetime | None
    released_by: str


class LockQuery(ListQuery):
    name: str | None = Field(default=None, max_length=200)
    run: UUID | None = None


class Locks(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described(
        "List who holds locks and who stands in line for them, in the order of arrival",
        gives={200: Listing[LockShape]},
        query=LockQuery,
    )
    def get(self, request: Request) -> Response:
        asked = self.query(LockQuery)
        page = locks.list_locks(self.actor, name=asked.name, run=asked.run, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, lock_shape))


class ReleaseOfLock(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Take a lock away from who holds it by hand; the run goes on with a stale token", gives={200: LockShape})
    def post(self, _: Request, place: int) -> Response:
        return Response(lock_shape(locks.release_lock(self.actor, place)))


def lock_shape(standing: Standing) -> LockShape:
    place = standing.place
    return LockShape(
        id=str(place.pk),
        name=place.name,
        limit=place.limit,
        run=place.run_id,
        number=place.run.number,
        flow=place.run.flow_id,
        flow_name=place.run.flow.name,
        step=place.step,
        token=place.token,
        line=standing.line,
        asked_at=place.asked_at,
        due_at=place.due_at,
        granted_at=place.granted_at,
        released_at=place.released_at,
        released_by=place.released_by,
    )
