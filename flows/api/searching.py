"""Searching over HTTP: one question over all that the caller may read."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Endpoint, Open, Query
from flows.operations import searching


class FoundShape(BaseModel):
    """One thing found. `id`: of a node its id in the flow, of a version its number; else the id of the thing.

    `detail`: a run's status, a node's type, a credential's kind, a version's note. `began`: of a run alone.
    """

    kind: Literal["flow", "run", "node", "credential", "version"]
    id: str
    name: str
    flow: UUID | None
    flow_name: str
    detail: str
    began: datetime | None


class FoundList(BaseModel):
    results: list[FoundShape]


class SearchQuery(Query):
    """`limit`: how many of each kind."""

    q: str = Field(max_length=200)
    limit: int = Field(default=6, ge=1, le=searching.MOST)


class Search(Endpoint):
    # Each kind has a need of its own: who may read none of them finds nothing.
    needs: ClassVar = {"get": Open.SIGNED_IN}

    @described(
        "Find flows, nodes in them, runs by id or number, credentials and versions by words, of what one may read",
        gives={200: FoundList},
        query=SearchQuery,
    )
    def get(self, _: Request) -> Response:
        asked = self.query(SearchQuery)
        found = searching.search(self.actor, asked.q, limit=asked.limit)
        return Response(FoundList(results=[_shape(one) for one in found]))


def _shape(found: searching.Found) -> FoundShape:
    return FoundShape(
        kind=found.kind,
        id=found.id,
        name=found.name,
        flow=found.flow,
        flow_name=found.flow_name,
        detail=found.detail,
        began=found.began,
    )
