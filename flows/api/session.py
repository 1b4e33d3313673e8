"""Who am I, and what I set for myself: what the editor asks first."""

from typing import Annotated, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model, update_session_auth_hash
from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint, Open
from flows.api.throttles import GuessThrottle
from flows.operations import access, profiles, workspaces
from flows.operations.signing_in import SignedIn

# The keys of the editor's commands, by the command's id; an empty list is a command without keys.
Chords = Annotated[list[Annotated[str, Field(max_length=48)]], Field(max_length=4)]
Keys = Annotated[dict[Annotated[str, Field(max_length=64)], Chords], Field(max_length=200)]


class UserShape(BaseModel):
    id: int
    name: str
    email: str
    is_staff: bool


class WorkspaceMark(BaseModel):
    id: UUID
    slug: str
    name: str
    role: str


class SessionShape(BaseModel):
    """`permissions` are those in `workspace`, narrowed by the token's scopes; `language` is empty when not chosen.

    `keys` are those of the editor's commands that the user changed, by the command's id.
    """

    user: UserShape
    workspace: WorkspaceMark
    workspaces: list[WorkspaceMark]
    role: str
    permissions: list[str]
    language: str
    languages: list[str]
    theme: str
    keys: Keys


class ChangePreferences(Body):
    language: Annotated[str, Field(max_length=8)] | None = None
    theme: Annotated[str, Field(max_length=8)] | None = None
    keys: Keys | None = None


class ChangePassword(Body):
    old: Annotated[str, Field(max_length=4096)]
    new: Annotated[str, Field(max_length=4096)]


class Session(Endpoint):
    needs: ClassVar = {"get": Open.SIGNED_IN, "patch": Open.SIGNED_IN}

    @described("Who am I, where, and what may I do", gives={200: SessionShape})
    def get(self, _: Request) -> Response:
        return Response(self._shape())

    @described("Set one's language, theme and keys", takes=ChangePreferences, gives={200: SessionShape})
    def patch(self, _: Request) -> Response:
        asked = self.read(ChangePreferences)
        profiles.set_preferences(self.user, language=asked.language, theme=asked.theme, keys=asked.keys)
        response = Response(self._shape())
        if asked.language is not None:
            # Pages that are drawn before the profile is known read this cookie, as Django's own middleware does.
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, asked.language, samesite="Lax", max_age=31_536_000)
        return response

    def _shape(self) -> SessionShape:
        user, actor, profile = get_user_model().objects.get(pk=self.user), self.actor, profiles.profile_of(self.user)
        marks = [
            WorkspaceMark(id=one.workspace.pk, slug=one.workspace.slug, name=one.workspace.name, role=one.role)
            for one in workspaces.workspaces_of(self.user)
            # A token belongs to one workspace and is not told of the others.
            if not isinstance(self.request.auth, SignedIn) or one.workspace.pk == actor.workspace
        ]
        return SessionShape(
            user=UserShape(
                id=user.pk, name=user.get_username(), email=user.email, is_staff=getattr(user, "is_staff", False)
            ),
            workspace=next(mark for mark in marks if mark.id == actor.workspace),
            workspaces=marks,
            role=actor.role,
            permissions=sorted(access.allowed(actor)),
            language=profile.language,
            languages=[code for code, _ in settings.LANGUAGES],
            theme=profile.theme,
            keys=profile.keys,
        )


class Password(Endpoint):
    """For people alone: a token is no way to become its user."""

    needs: ClassVar = {"post": Open.SIGNED_IN}
    throttle_classes = (GuessThrottle,)

    @described("Change one's own password; other sessions end", takes=ChangePassword, gives={204: None})
    def post(self, request: Request) -> Response:
        asked = self.read(ChangePassword)
        if isinstance(request.auth, SignedIn):
            self.permission_denied(request)
        profiles.change_password(self.user, old=asked.old, new=asked.new)
        update_session_auth_hash(request, get_user_model().objects.get(pk=self.user))
        return Response(status=204)
