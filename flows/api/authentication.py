"""Who is calling: a program by its token, or a browser by its session. Rights are decided in operations."""

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from flows.operations.signing_in import BadToken, SignedIn, actor_of_token

__all__ = ["BearerAuthentication", "SessionAuthentication"]


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`; a header of another scheme is refused rather than overlooked."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, SignedIn] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise BadToken
        signed_in = actor_of_token(secret.strip(), workspace=request.META.get("HTTP_X_WORKSPACE") or None)
        return AnonymousUser(), signed_in

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
