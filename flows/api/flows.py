"""Flows over HTTP."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.api.flow_shapes import (
    ChangeFlow,
    CreateFlow,
    DuplicateFlow,
    FlowShape,
    FlowsQuery,
    TagList,
    TagShape,
)
from flows.api.paging import Listing, listing
from flows.models import Flow
from flows.operations import canary, flows, suspending
from flows.operations.access import Permission
from flows.operations.marks import flow_mark
from flows.security.safejson import Json


class Flows(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "post": Permission.FLOWS_WRITE}

    @described("List the flows of the workspace", gives={200: Listing[FlowShape]}, query=FlowsQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(FlowsQuery)
        page = flows.list_flows(
            self.actor,
            archived=asked.archived,
            search=asked.search,
            tag=asked.tag,
            cursor=asked.cursor,
            limit=asked.limit,
        )
        return Response(listing(request, page, flow_mark))

    @described("Create a flow", takes=CreateFlow, gives={201: FlowShape})
    def post(self, _: Request) -> Response:
        asked = self.read(CreateFlow)
        made = flows.create_flow(self.actor, name=asked.name, document=asked.document)
        return Response(flow_mark(made), status=201)


class TagsOfFlows(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ}

    @described("List the tags of the flows in use", gives={200: TagList})
    def get(self, _: Request) -> Response:
        return Response(TagList(results=[TagShape(tag=tag, flows=count) for tag, count in flows.list_tags(self.actor)]))


class OneFlow(Endpoint):
    needs: ClassVar = {
        "get": Permission.FLOWS_READ,
        "patch": Permission.FLOWS_WRITE,
        "delete": Permission.FLOWS_WRITE,
    }

    @described("Read a flow", gives={200: FlowShape})
    def get(self, _: Request, flow: UUID) -> Response:
        return Response(self._shape(flows.find_flow(self.actor, flow)))

    @described(
        "Rename a flow, tag it, restore it, or turn its triggers on or off", takes=ChangeFlow, gives={200: FlowShape}
    )
    def patch(self, _: Request, flow: UUID) -> Response:
        asked = self.read(ChangeFlow)
        if asked.archived is not None:
            (flows.archive_flow if asked.archived else flows.restore_flow)(self.actor, flow)
        if asked.name is not None:
            flows.rename_flow(self.actor, flow, name=asked.name)
        if asked.tags is not None:
            flows.tag_flow(self.actor, flow, tags=asked.tags)
        if asked.active is not None:
            flows.switch_triggers(self.actor, flow, active=asked.active)
        return Response(self._shape(flows.find_flow(self.actor, flow)))

    @described("Archive a flow", gives={204: None})
    def delete(self, _: Request, flow: UUID) -> Response:
        flows.archive_flow(self.actor, flow)
        return Response(status=204)

    def _shape(self, flow: Flow) -> dict[str, Json]:
        return flow_mark(flow, canary.figures_of(flow.live) if flow.live else None)


class DuplicateOfFlow(Endpoint):
    needs: ClassVar = {"post": Permission.FLOWS_WRITE}

    @described("Make a new flow from a flow's draft", takes=DuplicateFlow, gives={201: FlowShape})
    def post(self, _: Request, flow: UUID) -> Response:
        made = flows.duplicate_flow(self.actor, flow, name=self.read(DuplicateFlow).name)
        return Response(flow_mark(made), status=201)


class RestoreOfFlow(Endpoint):
    needs: ClassVar = {"post": Permission.FLOWS_WRITE}

    @described("Restore an archived flow", gives={200: FlowShape})
    def post(self, _: Request, flow: UUID) -> Response:
        flows.restore_flow(self.actor, flow)
        return Response(flow_mark(flows.find_flow(self.actor, flow)))


class ResumeOfFlow(Endpoint):
    needs: ClassVar = {"post": Permission.FLOWS_PUBLISH}

    @described("Let the triggers of a suspended flow start it again", gives={200: FlowShape})
    def post(self, _: Request, flow: UUID) -> Response:
        suspending.resume_flow(self.actor, flow)
        return Response(flow_mark(flows.find_flow(self.actor, flow)))
