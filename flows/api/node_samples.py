"""Samples of nodes over HTTP: kept as typed, out of a run, or caught."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.api.run_shapes import NodeId
from flows.models import NodeSample
from flows.operations import node_samples
from flows.operations.access import Permission
from flows.operations.node_samples import Given
from flows.security import safejson


class GivenShape(BaseModel):
    """The run's input, and by id what the nodes before this one put out; of a node inside a list its item."""

    input: Any = Field(default_factory=dict)
    nodes: Annotated[dict[NodeId, Any], Field(max_length=1_000)] = Field(default_factory=dict)
    item: Any = None


class KeepSample(Body):
    """One of `value`, `run` (what that run gave to the node) and `listen` (the next real run that reaches it)."""

    node: NodeId
    name: Annotated[str, Field(min_length=1, max_length=node_samples.MAX_NAME)]
    value: GivenShape | None = None
    run: Annotated[UUID, Field(strict=False)] | None = None
    listen: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> "KeepSample":
        if (self.value is not None) + (self.run is not None) + self.listen != 1:
            raise ValueError("name one of value, run and listen")
        return self


class NodeSampleShape(BaseModel):
    """`value` is null while it listens."""

    id: UUID
    node: str
    name: str
    source: Literal["typed", "run", "caught"]
    value: GivenShape | None
    run: UUID | None
    by: str
    created_at: datetime


class NodeSampleList(BaseModel):
    results: list[NodeSampleShape]


class SamplesOfNodes(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ, "post": Permission.FLOWS_WRITE}

    @described("List the samples kept for a flow's nodes", gives={200: NodeSampleList})
    def get(self, _: Request, flow: UUID) -> Response:
        return Response(NodeSampleList(results=[_shape(one) for one in node_samples.list_samples(self.actor, flow)]))

    @described(
        "Keep a sample for a node, in place of its one of that name", takes=KeepSample, gives={201: NodeSampleShape}
    )
    def post(self, _: Request, flow: UUID) -> Response:
        return Response(_shape(self._kept(flow, self.read(KeepSample))), status=201)

    def _kept(self, flow: UUID, asked: KeepSample) -> NodeSample:
        if asked.value is not None:
            given = Given(input=asked.value.input, nodes=asked.value.nodes, item=asked.value.item)
            return node_samples.keep_sample(self.actor, flow, node=asked.node, name=asked.name, given=given)
        if asked.run is not None:
            return node_samples.keep_run(self.actor, flow, node=asked.node, name=asked.name, run=asked.run)
        return node_samples.listen(self.actor, flow, node=asked.node, name=asked.name)


class OneSampleOfNode(Endpoint):
    needs: ClassVar = {"delete": Permission.FLOWS_WRITE}

    @described("Remove a sample, or stop listening", gives={204: None})
    def delete(self, _: Request, flow: UUID, sample: UUID) -> Response:
        node_samples.remove_sample(self.actor, flow, sample)
        return Response(status=204)


def _shape(sample: NodeSample) -> NodeSampleShape:
    return NodeSampleShape(
        id=sample.pk,
        node=sample.node,
        name=sample.name,
        source=sample.source,
        value=GivenShape.model_validate(safejson.loads(sample.value)) if sample.value else None,
        run=sample.run,
        by=sample.user.get_username() if sample.user else "",
        created_at=sample.created_at,
    )
