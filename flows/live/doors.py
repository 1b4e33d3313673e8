"""Who may open a socket: the origin of the page, and the actor behind the session or the token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.http.request import split_domain_port, validate_host

from flows.errors import MulgilError
from flows.operations.actor import Actor
from flows.operations.signing_in import actor_of_session, actor_of_token

_PORTS = {"http": "80", "https": "443"}


class ForeignOrigin(MulgilError):
    """A page of {origin} may not open a socket here."""

    code = "foreign_origin"
    status = 403


class NotSignedIn(MulgilError):
    """Sign in, or send a token as `Authorization: Bearer …`."""

    code = "not_authenticated"
    status = 401


def headers_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """The request's headers, by lower-case name; of a name that stands twice, all of it."""
    found: dict[str, str] = {}
    for name, value in scope.get("headers", ()):
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]},{text}" if key in found else text
    return found


def check_origin(scope: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """A page's origin must be ours; none at all is a program's, which must show a token. Raises ForeignOrigin."""
    origin = headers.get("origin")
    if origin is None:
        if "authorization" not in headers:
            raise ForeignOrigin(origin="nowhere")
        return
    if _own(origin, str(scope.get("scheme", "ws")), headers.get("host", "")):
        return
    raise ForeignOrigin(origin=origin)


def enter(scope: Mapping[str, Any], headers: Mapping[str, str], workspace: str | None) -> Actor:
    """Who opens it. Raises NotSignedIn, BadToken, NoWorkspace, NotFound for a foreign workspace."""
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            raise NotSignedIn
        return actor_of_token(secret.strip(), workspace=workspace).actor
    user = scope.get("user")
    if user is None or not user.is_authenticated or not _stands(scope["session"]):
        raise NotSignedIn
    return actor_of_session(user.pk, workspace=workspace)


@dataclass(frozen=True, slots=True)
class _Asking:
    """What Django's `get_user` wants of a request."""

    session: Any


def _stands(session: Any) -> bool:
    """Whether the session is neither signed out nor ended by a change of the password, in this moment."""
    return session.exists(session.session_key) and get_user(_Asking(session)).is_authenticated  # type: ignore[arg-type]  # it looks at nothing else


def _own(origin: str, scheme: str, host: str) -> bool:
    public = settings.MULGIL.get("public_url")
    if public and _normal(origin) is not None and _normal(origin) == _normal(public):
        return True
    domain, _ = split_domain_port(host)
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    given = _normal(origin)
    return given is not None and given == _normal(f"{'https' if scheme in ('wss', 'https') else 'http'}://{host}")


def _normal(origin: str) -> tuple[str, str, str] | None:
    """Scheme, host and port; None for what isn't an origin (`null`, an address with a path)."""
    try:
        url = urlsplit(origin.strip().lower())
        port = str(url.port) if url.port is not None else _PORTS.get(url.scheme, "")
    except ValueError:
        return None
    if url.scheme not in _PORTS or not url.hostname or url.path.strip("/") or url.query or url.username:
        return None
    return url.scheme, url.hostname, port
