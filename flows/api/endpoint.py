"""What every address of the API is made of: who calls is known, what they need is declared, errors are problems.

Default deny: a method that declares nothing is refused for everyone, and a test walks all routes for it.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar, TypeVar

from drf_spectacular.openapi import AutoSchema
from pydantic import BaseModel, ConfigDict, ValidationError
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.schemas.inspectors import ViewInspector
from rest_framework.views import APIView

from flows.api import problems
from flows.api.authentication import BearerAuthentication, SessionAuthentication
from flows.api.wire import JsonParser, JsonRenderer
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.signing_in import SignedIn, actor_of_session

M = TypeVar("M", bound=BaseModel)


class Open(Enum):
    """What needs no permission, said aloud."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"


class Body(BaseModel):
    """The body of a request: types are what they say, fields we don't know are refused by name."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Query(BaseModel):
    """The query of a request: texts, read as what they should be."""

    model_config = ConfigDict(extra="ignore")


class Endpoint(APIView):
    """A view with a declared need per method."""

    needs: ClassVar[Mapping[str, Permission | Open]] = {}

    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    authentication_classes: Sequence[type[BaseAuthentication]] = (BearerAuthentication, SessionAuthentication)
    parser_classes = (JsonParser,)
    renderer_classes = (JsonRenderer,)
    schema: ViewInspector | None = AutoSchema()
    _actor: Actor | None = None

    @property
    def actor(self) -> Actor:
        """Who calls, in the workspace named. Raises as signing in does."""
        if self._actor is None:
            self._actor = self._find_actor()
        return self._actor

    @property
    def user(self) -> int:
        """The user's id, for what belongs to a user and to no workspace."""
        signed_in = self.request.auth
        if isinstance(signed_in, SignedIn) and signed_in.actor.user is not None:
            return signed_in.actor.user
        if self.request.user.is_authenticated and self.request.user.pk is not None:
            return int(self.request.user.pk)
        raise exceptions.NotAuthenticated

    def check_permissions(self, request: Request) -> None:
        method = (request.method or "").lower()
        need = self.needs.get("get" if method == "head" else method)
        if need is Open.ANYONE:
            return
        if method not in self.http_method_names or not hasattr(self, method):
            raise exceptions.MethodNotAllowed(request.method or "")
        _ = self.user
        if need is None:
            raise exceptions.PermissionDenied
        if isinstance(need, Permission):
            access.require(self.actor, need)

    def check_throttles(self, request: Request) -> None:
        for throttle in self.get_throttles():
            if not throttle.allow_request(request, self):
                raise exceptions.Throttled(throttle.wait())

    def read(self, model: type[M]) -> M:
        """The body as this model. Raises BadBody with every place that doesn't fit, NotJson, TooDeep."""
        return validated(model, self.request.data)

    def query(self, model: type[M]) -> M:
        """The query as this model. Raises BadBody."""
        return validated(model, {name: self.request.query_params[name] for name in self.request.query_params})

    def get_exception_handler(self) -> Any:
        return problems.answer

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        made: Response = super().finalize_response(request, response, *args, **kwargs)
        made.headers.setdefault("Cache-Control", "no-store")
        return made

    def _find_actor(self) -> Actor:
        signed_in = self.request.auth
        if isinstance(signed_in, SignedIn):
            return signed_in.actor
        workspace = self.request.META.get("HTTP_X_WORKSPACE") or None
        return actor_of_session(self.user, workspace=workspace)


def validated(model: type[M], data: Any) -> M:
    """Raises BadBody."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise problems.shape_problems(error) from None
