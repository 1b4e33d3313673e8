"""Members and invitations of a workspace over HTTP."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.access_shapes import (
    AcceptInvitation,
    ChangeMember,
    InvitationShape,
    Invite,
    JoinedShape,
    MemberShape,
    NewInvitationShape,
)
from flows.api.described import described
from flows.api.endpoint import Endpoint, Open
from flows.api.paging import Listing, ListQuery, listing
from flows.api.throttles import GuessThrottle
from flows.models import Invitation, Membership
from flows.operations import members
from flows.operations.access import Permission


class Members(Endpoint):
    needs: ClassVar = {"get": Permission.MEMBERS_READ}

    @described("List the members of the workspace", gives={200: Listing[MemberShape]}, query=ListQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(ListQuery)
        page = members.list_members(self.actor, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, shape))


class OneMember(Endpoint):
    needs: ClassVar = {"patch": Permission.MEMBERS_WRITE, "delete": Permission.MEMBERS_WRITE}

    @described("Give a member another role", takes=ChangeMember, gives={200: MemberShape})
    def patch(self, _: Request, member: UUID) -> Response:
        return Response(shape(members.change_role(self.actor, member, role=self.read(ChangeMember).role)))

    @described("Put a member out of the workspace", gives={204: None})
    def delete(self, _: Request, member: UUID) -> Response:
        members.deactivate(self.actor, member)
        return Response(status=204)


class Invitations(Endpoint):
    needs: ClassVar = {"get": Permission.MEMBERS_WRITE, "post": Permission.MEMBERS_WRITE}

    @described("List open invitations", gives={200: Listing[InvitationShape]}, query=ListQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(ListQuery)
        page = members.list_invitations(self.actor, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, invitation_shape))

    @described("Invite someone; the secret is shown once", takes=Invite, gives={201: NewInvitationShape})
    def post(self, _: Request) -> Response:
        asked = self.read(Invite)
        made = members.invite(self.actor, email=asked.email, role=asked.role)
        body = NewInvitationShape(**invitation_shape(made.invitation).__dict__, secret=made.secret)
        return Response(body, status=201)


class OneInvitation(Endpoint):
    needs: ClassVar = {"delete": Permission.MEMBERS_WRITE}

    @described("Withdraw an invitation", gives={204: None})
    def delete(self, _: Request, invitation: UUID) -> Response:
        members.withdraw_invitation(self.actor, invitation)
        return Response(status=204)


class Joining(Endpoint):
    needs: ClassVar = {"post": Open.ANYONE}
    throttle_classes = (GuessThrottle,)

    @described("Accept an invitation", takes=AcceptInvitation, gives={201: JoinedShape})
    def post(self, request: Request) -> Response:
        asked = self.read(AcceptInvitation)
        user = request.user.pk if request.user.is_authenticated else None
        member = members.accept_invitation(asked.secret, user=user, username=asked.username, password=asked.password)
        return Response(JoinedShape(workspace=member.workspace_id, role=member.role), status=201)


def shape(member: Membership) -> MemberShape:
    user = member.user
    return MemberShape(
        id=member.pk,
        user=user.pk,
        name=user.get_username(),
        email=user.email,
        role=member.role,
        is_active=user.is_active,
        created_at=member.created_at,
    )


def invitation_shape(invitation: Invitation) -> InvitationShape:
    return InvitationShape(
        id=invitation.pk,
        email=invitation.email,
        role=invitation.role,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )
