"""Environments over HTTP: what there is, what each gives to runs, and who may release there."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.api.flow_shapes import EnvironmentName
from flows.api.paging import Listing
from flows.models import Environment
from flows.operations import environments
from flows.operations.access import Permission
from flows.operations.environments import Releasers, vars_of

Names = Annotated[list[Annotated[str, Field(max_length=150)]], Field(max_length=500)]


class ReleasersShape(Body):
    """Who may release there; nobody named: whoever may publish."""

    users: Names = []
    roles: Names = []
    groups: Names = []


class EnvironmentShape(BaseModel):
    """`vars` are laid over those that a document declares; `credentials`: which one a name in a document means there."""

    name: str
    place: int
    is_default: bool
    vars: dict[str, Any]
    credentials: dict[str, str]
    releasers: ReleasersShape
    needs_second: bool


class CreateEnvironment(Body):
    name: EnvironmentName
    place: int | None = None


class ChangeEnvironment(Body):
    """What isn't given stays as it is; `vars`, `credentials` and `releasers` are whole."""

    place: int | None = None
    vars: dict[str, Any] | None = None
    credentials: dict[str, str] | None = None
    releasers: ReleasersShape | None = None
    needs_second: bool | None = None


class Environments(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "post": Permission.ENVIRONMENTS_WRITE}

    @described("List the environments, in the order versions go through them", gives={200: Listing[EnvironmentShape]})
    def get(self, _: Request) -> Response:
        found = environments.list_environments(self.actor)
        return Response({"results": [environment_shape(one) for one in found], "next": None})

    @described("Make an environment", takes=CreateEnvironment, gives={201: EnvironmentShape})
    def post(self, _: Request) -> Response:
        asked = self.read(CreateEnvironment)
        made = environments.create_environment(self.actor, name=asked.name, place=asked.place)
        return Response(environment_shape(made), status=201)


class OneEnvironment(Endpoint):
    needs: ClassVar = {
        "get": Permission.FLOWS_READ,
        "patch": Permission.ENVIRONMENTS_WRITE,
        "delete": Permission.ENVIRONMENTS_WRITE,
    }

    @described("Read an environment", gives={200: EnvironmentShape})
    def get(self, _: Request, name: str) -> Response:
        return Response(environment_shape(environments.find_environment(self.actor, name)))

    @described(
        "Change what an environment gives to runs, and who may release there",
        takes=ChangeEnvironment,
        gives={200: EnvironmentShape},
    )
    def patch(self, _: Request, name: str) -> Response:
        asked = self.read(ChangeEnvironment)
        changed = environments.change_environment(
            self.actor,
            name,
            place=asked.place,
            vars=asked.vars,
            credentials=asked.credentials,
            releasers=Releasers(**asked.releasers.model_dump()) if asked.releasers else None,
            needs_second=asked.needs_second,
        )
        return Response(environment_shape(changed))

    @described("Delete an environment of which no history speaks", gives={204: None})
    def delete(self, _: Request, name: str) -> Response:
        environments.delete_environment(self.actor, name)
        return Response(status=204)


def environment_shape(environment: Environment) -> EnvironmentShape:
    setting = environment.setting
    return EnvironmentShape(
        name=environment.name,
        place=environment.place,
        is_default=environment.is_default,
        vars=vars_of(setting),
        credentials=setting.credentials if setting else {},
        releasers=ReleasersShape(users=environment.users, roles=environment.roles, groups=environment.groups),
        needs_second=environment.needs_second,
    )
