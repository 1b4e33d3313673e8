"""Filters of the lists of runs and of flows that someone keeps, over HTTP."""

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


class SaveFilter(Body):
    """`filter` is in the words of the page's address: flow, status, version, last, code, test, environment, q; or q, tag, archived."""

    name: Annotated[str, Field(min_length=1, max_length=saved_filters.MAX_NAME)]
    filter: Annotated[dict[Word, Word], Field(max_length=10)]
    shared: bool = False


class KeptFilterShape(BaseModel):
    """`mine` says whether the reader made it."""

    id: UUID
    name: str
    filter: dict[str, str]
    shared: bool
    mine: bool
    by: str


class KeptFilterList(BaseModel):
    results: list[KeptFilterShape]


class RunFilters(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ, "post": Permission.RUNS_READ}

    @described("List one's own and the shared filters of the runs list", gives={200: KeptFilterList})
    def get(self, _: Request) -> Response:
        return Response(listed(self, saved_filters.RUNS))

    @described(
        "Keep a filter of the runs list under a name, in place of one's own of that name",
        takes=SaveFilter,
        gives={200: KeptFilterShape},
    )
    def post(self, _: Request) -> Response:
        return Response(keep(self, saved_filters.RUNS))


class OneRunFilter(Endpoint):
    needs: ClassVar = {"delete": Permission.RUNS_READ}

    @described("Remove a kept filter of the runs list", gives={204: None})
    def delete(self, _: Request, kept: UUID) -> Response:
        saved_filters.remove_filter(self.actor, saved_filters.RUNS, kept)
        return Response(status=204)


class FlowFilters(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "post": Permission.FLOWS_READ}

    @described("List one's own and the shared filters of the flows list", gives={200: KeptFilterList})
    def get(self, _: Request) -> Response:
        return Response(listed(self, saved_filters.FLOWS))

    @described(
        "Keep a filter of the flows list under a name, in place of one's own of that name",
        takes=SaveFilter,
        gives={200: KeptFilterShape},
    )
    def post(self, _: Request) -> Response:
        return Response(keep(self, saved_filters.FLOWS))


class OneFlowFilter(Endpoint):
    needs: ClassVar = {"delete": Permission.FLOWS_READ}

    @described("Remove a kept filter of the flows list", gives={204: None})
    def delete(self, _: Request, kept: UUID) -> Response:
        saved_filters.remove_filter(self.actor, saved_filters.FLOWS, kept)
        return Response(status=204)


def listed(endpoint: Endpoint, of: saved_filters.FilteredList) -> KeptFilterList:
    found = saved_filters.list_filters(endpoint.actor, of)
    return KeptFilterList(results=[filter_shape(one, endpoint.actor.user) for one in found])


def keep(endpoint: Endpoint, of: saved_filters.FilteredList) -> KeptFilterShape:
    asked = endpoint.read(SaveFilter)
    made = saved_filters.save_filter(endpoint.actor, of, name=asked.name, said=asked.filter, is_shared=asked.shared)
    return filter_shape(made, endpoint.actor.user)


def filter_shape(kept: SavedFilter, reader: int | None) -> KeptFilterShape:
    return KeptFilterShape(
        id=kept.pk,
        name=kept.name,
        filter=kept.filter,
        shared=kept.is_shared,
        mine=kept.user_id == reader,
        by=kept.user.get_username(),
    )
