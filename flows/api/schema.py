"""OpenAPI of the API, for anyone who writes a client."""

from typing import Any, ClassVar

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.endpoint import Endpoint, Open


class Schema(Endpoint):
    authentication_classes = ()
    renderer_classes = (OpenApiJsonRenderer, OpenApiYamlRenderer)  # type: ignore[assignment]  # in place of ours
    schema = None
    needs: ClassVar = {"get": Open.ANYONE}

    def get(self, _: Request) -> Response:
        return Response(openapi())


def openapi() -> dict[str, Any]:
    """The document, made of the endpoints' declarations."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # unannotated
    assert isinstance(schema, dict)
    return schema
