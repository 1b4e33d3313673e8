"""Tokens of programs over HTTP."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.access_shapes import CreateToken, NewTokenShape, TokenShape
from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.api.paging import Listing, ListQuery, listing
from flows.models import Token
from flows.operations import tokens
from flows.operations.access import Permission
from flows.operations.signing_in import SignedIn


class Tokens(Endpoint):
    needs: ClassVar = {"get": Permission.TOKENS_OWN, "post": Permission.TOKENS_OWN}

    @described("List tokens: one's own, for an admin everyone's", gives={200: Listing[TokenShape]}, query=ListQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(ListQuery)
        page = tokens.list_tokens(self.actor, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, shape))

    @described("Make a token; it is shown once", takes=CreateToken, gives={201: NewTokenShape})
    def post(self, request: Request) -> Response:
        asked = self.read(CreateToken)
        by = request.auth.token if isinstance(request.auth, SignedIn) else None
        made = tokens.create_token(self.actor, name=asked.name, scopes=asked.scopes, days=asked.days, by=by)
        return Response(NewTokenShape(**shape(made.token).__dict__, token=made.secret), status=201)


class OneToken(Endpoint):
    needs: ClassVar = {"delete": Permission.TOKENS_OWN}

    @described("Revoke a token", gives={204: None})
    def delete(self, _: Request, token: UUID) -> Response:
        tokens.revoke_token(self.actor, token)
        return Response(status=204)


def shape(token: Token) -> TokenShape:
    return TokenShape(
        id=token.pk,
        name=token.name,
        hint=token.hint,
        user=token.user.get_username(),
        scopes=token.scopes,
        created_at=token.created_at,
        last_used_at=token.last_used_at,
        expires_at=token.expires_at,
    )
