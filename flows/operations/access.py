"""The one permission table: which role may do which verb. What isn't written here is denied."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from flows.errors import BadInput, Forbidden
from flows.operations.actor import Actor


class Permission(StrEnum):
    """What can be allowed; a token's scopes are these same words."""

    FLOWS_READ = "flows:read"
    FLOWS_WRITE = "flows:write"
    FLOWS_PUBLISH = "flows:publish"
    RUNS_READ = "runs:read"
    RUNS_START = "runs:start"
    RUNS_STEER = "runs:steer"
    APPROVALS_DECIDE = "approvals:decide"
    CREDENTIALS_READ = "credentials:read"
    CREDENTIALS_WRITE = "credentials:write"
    TOKENS_OWN = "tokens:own"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    WORKSPACE_READ = "workspace:read"
    WORKSPACE_WRITE = "workspace:write"
    AUDIT_READ = "audit:read"
    OUTBOX_WRITE = "outbox:write"
    ENVIRONMENTS_WRITE = "environments:write"


_VIEWER: Final = frozenset(
    {
        Permission.FLOWS_READ,
        Permission.RUNS_READ,
        Permission.APPROVALS_DECIDE,
        Permission.CREDENTIALS_READ,
        Permission.TOKENS_OWN,
        Permission.MEMBERS_READ,
        Permission.WORKSPACE_READ,
    }
)
_OPERATOR: Final = _VIEWER | {Permission.RUNS_START, Permission.RUNS_STEER}
_EDITOR: Final = _OPERATOR | {Permission.FLOWS_WRITE, Permission.FLOWS_PUBLISH, Permission.CREDENTIALS_WRITE}
_ADMIN: Final = _EDITOR | {
    Permission.MEMBERS_WRITE,
    Permission.WORKSPACE_WRITE,
    Permission.AUDIT_READ,
    Permission.OUTBOX_WRITE,
    Permission.ENVIRONMENTS_WRITE,
}

PERMISSIONS: Final[Mapping[str, frozenset[Permission]]] = MappingProxyType(
    {"viewer": _VIEWER, "operator": _OPERATOR, "editor": _EDITOR, "admin": _ADMIN}
)


def allowed(actor: Actor) -> frozenset[Permission]:
    """Everything this actor may do."""
    by_role = PERMISSIONS.get(actor.role, frozenset())
    if actor.scopes is None:
        return by_role
    return frozenset(permission for permission in by_role if permission.value in actor.scopes)


def may(actor: Actor, permission: Permission) -> bool:
    return permission in allowed(actor)


def require(actor: Actor, permission: Permission) -> None:
    """Raise Forbidden unless the actor may."""
    if not may(actor, permission):
        raise Forbidden(verb=permission.value)


def read_scopes(scopes: list[str]) -> frozenset[str]:
    """The scopes named, checked. Raises BadInput for one that doesn't exist."""
    known = {permission.value for permission in Permission}
    for scope in scopes:
        if scope not in known:
            raise BadInput(reason=f"{scope!r} is not a scope; known are {', '.join(sorted(known))}")
    return frozenset(scopes)
