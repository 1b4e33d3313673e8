"""OpenAPI of the API, for anyone who writes a client."""

from functools import lru_cache
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from rest_framework.request import Request

from flows.api.endpoint import Endpoint, Open


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its registration is unannotated
    """How a program says who it is; it registers itself by being defined."""

    target_class = "flows.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class Schema(Endpoint):
    authentication_classes = ()
    # The second of each is the same under the plain name of its form, which most clients ask for.
    renderer_classes = (  # type: ignore[assignment]  # in place of ours
        OpenApiJsonRenderer,
        OpenApiJsonRenderer2,
        OpenApiYamlRenderer,
        OpenApiYamlRenderer2,
    )
    schema = None
    needs: ClassVar = {"get": Open.ANYONE}

    def get(self, request: Request) -> HttpResponse:
        chosen = request.accepted_renderer
        return HttpResponse(_rendered(str(chosen.format), get_language()), content_type=str(chosen.media_type))


def openapi() -> dict[str, Any]:
    """The document, made of the endpoints' declarations."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # unannotated
    assert isinstance(schema, dict)
    return schema


@lru_cache(maxsize=8)
def _rendered(form: str, _language: str | None) -> str | bytes:
    # Anyone may ask, and the making takes its time: it is made once.
    renderer = next(one for one in Schema.renderer_classes if one.format == form)
    made: str | bytes = renderer().render(openapi(), renderer_context={})
    return made
