"""Filters of the runs list that someone keeps, over HTTP."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.models import SavedFilter
from flows.operations import saved_filters
from flows.operations.access import Permission

Word = Annotated[str, Field(max_length=200)]


class SaveRunFilter(Body):
    """`filter` is in the words of the runs page: flow, status, version, last, code, test."""

    name: Annotated[str, Field(min_length=1, max_length=saved_filters.MAX_NAME)]
    filter: Annotated[dict[Word, Word], Field(max_length=10)]
    shared: bool = False


class RunFilterShape(BaseModel):
    """`mine` says whether the reader made it."""

    id: UUID
    name: str
    filter: dict[str, str]
    shared: bool
    mine: bool
    by: str


class RunFilterList(BaseModel):
    results: list[RunFilterShape]


class RunFilters(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ, "post": Permission.RUNS_READ}

    @described("List one's own and the shared filters of the runs list", gives={200: RunFilterList})
    def get(self, _: Request) -> Response:
        kept = saved_filters.list_filters(self.actor)
        return Response(RunFilterList(results=[filter_shape(one, self.actor.user) for one in kept]))

    @described(
        "Keep a filter under a name, in place of one's own of that name",
        takes=SaveRunFilter,
        gives={200: RunFilterShape},
    )
    def post(self, _: Request) -> Response:
        asked = self.read(SaveRunFilter)
        kept = saved_filters.save_filter(self.actor, name=asked.name, said=asked.filter, is_shared=asked.shared)
        return Response(filter_shape(kept, self.actor.user))


class OneRunFilter(Endpoint):
    needs: ClassVar = {"delete": Permission.RUNS_READ}

    @described("Remove a kept filter", gives={204: None})
    def delete(self, _: Request, kept: UUID) -> Response:
        saved_filters.remove_filter(self.actor, kept)
        return Response(status=204)


def filter_shape(kept: SavedFilter, reader: int | None) -> RunFilterShape:
    return RunFilterShape(
        id=kept.pk,
        name=kept.name,
        filter=kept.filter,
        shared=kept.is_shared,
        mine=kept.user_id == reader,
        by=kept.user.get_username(),
    )
