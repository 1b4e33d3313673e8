"""Workspaces over HTTP: one's own, and the one in use."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.access_shapes import ChangeWorkspace, CreateWorkspace, WorkspaceShape
from flows.api.described import described
from flows.api.endpoint import Endpoint, Open
from flows.api.paging import Listing
from flows.models import Workspace
from flows.operations import workspaces
from flows.operations.access import Permission
from flows.operations.signing_in import SignedIn


class Workspaces(Endpoint):
    needs: ClassVar = {"get": Open.SIGNED_IN, "post": Open.SIGNED_IN}

    @described("List the workspaces one belongs to", gives={200: Listing[WorkspaceShape]})
    def get(self, request: Request) -> Response:
        found = workspaces.workspaces_of(self.user)
        if isinstance(request.auth, SignedIn):
            # A token belongs to one workspace and is not told of the others.
            found = [one for one in found if one.workspace.pk == self.actor.workspace]
        return Response({"results": [shape(one.workspace, one.role) for one in found], "next": None})

    @described("Make a workspace; one becomes its admin", takes=CreateWorkspace, gives={201: WorkspaceShape})
    def post(self, request: Request) -> Response:
        asked = self.read(CreateWorkspace)
        if isinstance(request.auth, SignedIn):
            self.permission_denied(request)
        made = workspaces.create_workspace(self.user, name=asked.name, slug=asked.slug)
        return Response(shape(made, "admin"), status=201)


class OneWorkspace(Endpoint):
    needs: ClassVar = {"get": Permission.WORKSPACE_READ, "patch": Permission.WORKSPACE_WRITE}

    @described("Read the workspace in use", gives={200: WorkspaceShape})
    def get(self, _: Request, workspace: UUID) -> Response:
        return Response(shape(workspaces.find_workspace(self.actor, workspace), self.actor.role))

    @described("Rename the workspace, set its retention", takes=ChangeWorkspace, gives={200: WorkspaceShape})
    def patch(self, _: Request, workspace: UUID) -> Response:
        asked = self.read(ChangeWorkspace)
        changed = workspaces.change_workspace(self.actor, workspace, **asked.model_dump(include=asked.model_fields_set))
        return Response(shape(changed, self.actor.role))


def shape(workspace: Workspace, role: str) -> WorkspaceShape:
    return WorkspaceShape(
        id=workspace.pk,
        slug=workspace.slug,
        name=workspace.name,
        role=role,
        retention_days=workspace.retention_days,
        keep_versions=workspace.keep_versions,
        keep_version_days=workspace.keep_version_days,
        created_at=workspace.created_at,
    )
