"""Groups of people over HTTP: whom flows ask by one name."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.api.paging import Listing, ListQuery, listing
from flows.models import Group
from flows.operations import groups
from flows.operations.access import Permission


class GroupMemberShape(BaseModel):
    """`id` is that of the membership, as the list of members tells it."""

    id: UUID
    name: str
    is_active: bool


class GroupShape(BaseModel):
    id: UUID
    name: str
    members: list[GroupMemberShape]
    created_at: datetime


class MakeGroup(Body):
    name: Annotated[str, Field(min_length=1, max_length=groups.MAX_NAME)]
    members: Annotated[list[Annotated[UUID, Field(strict=False)]], Field(max_length=1_000)] = []


class Groups(Endpoint):
    needs: ClassVar = {"get": Permission.MEMBERS_READ, "post": Permission.MEMBERS_WRITE}

    @described("List the groups of people in the workspace", gives={200: Listing[GroupShape]}, query=ListQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(ListQuery)
        page = groups.list_groups(self.actor, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, shape))

    @described("Make a group of members", takes=MakeGroup, gives={201: GroupShape})
    def post(self, _: Request) -> Response:
        asked = self.read(MakeGroup)
        return Response(shape(groups.create_group(self.actor, name=asked.name, members=asked.members)), status=201)


class OneGroup(Endpoint):
    needs: ClassVar = {"get": Permission.MEMBERS_READ, "delete": Permission.MEMBERS_WRITE}

    @described("Read a group", gives={200: GroupShape})
    def get(self, _: Request, group: UUID) -> Response:
        return Response(shape(groups.read_group(self.actor, group)))

    @described("Remove a group that no open approval asks", gives={204: None})
    def delete(self, _: Request, group: UUID) -> Response:
        groups.delete_group(self.actor, group)
        return Response(status=204)


class MemberOfGroup(Endpoint):
    needs: ClassVar = {"put": Permission.MEMBERS_WRITE, "delete": Permission.MEMBERS_WRITE}

    @described("Put a member into a group", gives={200: GroupShape})
    def put(self, _: Request, group: UUID, member: UUID) -> Response:
        return Response(shape(groups.put_in(self.actor, group, member)))

    @described("Take a member out of a group", gives={200: GroupShape})
    def delete(self, _: Request, group: UUID, member: UUID) -> Response:
        return Response(shape(groups.take_out(self.actor, group, member)))


def shape(group: Group) -> GroupShape:
    people = sorted(group.members.all(), key=lambda one: one.user.get_username())
    return GroupShape(
        id=group.pk,
        name=group.name,
        members=[
            GroupMemberShape(id=one.pk, name=one.user.get_username(), is_active=one.user.is_active) for one in people
        ],
        created_at=group.created_at,
    )
