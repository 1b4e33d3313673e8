"""The catalogue of node types, and the JSON Schema of documents, over HTTP."""

from typing import Any, ClassVar

from django.utils.translation import gettext
from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Endpoint, Open
from flows.dsl.schema import document_schema
from flows.nodes.catalogue import describe
from flows.nodes.installed import catalogue
from flows.operations.access import Permission


class NodeTypes(BaseModel):
    results: list[dict[str, Any]]
    next: None = None


class NodeTypeList(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ}

    @described("The catalogue: schema, ports, effect class, icon and docs of every node type", gives={200: NodeTypes})
    def get(self, _: Request) -> Response:
        return Response({"results": [describe(one, gettext) for one in catalogue()], "next": None})


class DocumentSchema(Endpoint):
    needs: ClassVar = {"get": Open.ANYONE}

    @described("The JSON Schema of a flow's document", gives={200: None})
    def get(self, _: Request) -> Response:
        return Response(document_schema(catalogue()))
