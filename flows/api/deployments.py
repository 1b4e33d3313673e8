"""Deployments of models, over HTTP: listed."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.api.paging import Listing, ListQuery, listing
from flows.models import Deployment
from flows.operations.access import Permission
from flows.operations.deployments import list_deployments


class DeploymentShape(BaseModel):
    """`share`: per cent of the requests that `version` was given; `previous`: the version it came after, if any.
    `run` and `step` began it; the run may be gone by now. Of one that is `abandoned` nobody put anything back: the
    shares at the target stand as they were when its step ended."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    run: UUID
    number: int
    step: str
    environment: str
    endpoint: str
    target: str
    model: str
    version: str
    previous: str
    strategy: str
    variant: str
    share: int
    state: Literal["under_way", "succeeded", "failed", "abandoned"]
    reason: str
    created_at: datetime
    changed_at: datetime


class DeploymentQuery(ListQuery):
    environment: str | None = Field(default=None, max_length=63)
    endpoint: str | None = Field(default=None, max_length=250)
    model: str | None = Field(default=None, max_length=250)


class Deployments(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("List deployments of models, newest first", gives={200: Listing[DeploymentShape]}, query=DeploymentQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(DeploymentQuery)
        page = list_deployments(
            self.actor,
            environment=asked.environment,
            endpoint=asked.endpoint,
            model=asked.model,
            cursor=asked.cursor,
            limit=asked.limit,
        )
        return Response(listing(request, page, _shape))


def _shape(row: Deployment) -> DeploymentShape:
    return DeploymentShape.model_validate(row)
