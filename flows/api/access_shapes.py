"""The shapes of credentials, tokens, members, invitations, workspaces, triggers, alerts and the audit."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from flows.api.endpoint import Body
from flows.api.paging import ListQuery

Name = Annotated[str, Field(min_length=1, max_length=200)]
Host = Annotated[str, Field(min_length=1, max_length=255)]
Hosts = Annotated[list[Host], Field(max_length=50)]


class RateShape(Body):
    """How often what the credential opens may be asked: `limit` times in `per`, such as 1s, 1m, 1h."""

    limit: Annotated[int, Field(ge=1, le=1_000_000)]
    per: Annotated[str, Field(min_length=2, max_length=20)]


class CredentialShape(BaseModel):
    """Never its values: they can be replaced, not read."""

    id: UUID
    name: str
    kind: str
    hosts: list[str]
    rate: RateShape | None
    created_at: datetime
    updated_at: datetime
    last_used_at: datetime | None


class CredentialKind(BaseModel):
    """A kind, the JSON Schema of its values, and the texts of their choices, in the reader's language."""

    model_config = ConfigDict(protected_namespaces=())

    name: str
    label: str
    schema_: dict[str, Any] = Field(alias="schema")
    labels: dict[str, str]


class CreateCredential(Body):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    kind: Annotated[str, Field(min_length=1, max_length=40)]
    values: dict[str, Any]
    hosts: Hosts = []
    rate: RateShape | None = None


class ChangeCredential(Body):
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    values: dict[str, Any] | None = None
    hosts: Hosts | None = None
    rate: RateShape | None = None


class TokenShape(BaseModel):
    """`hint` is its beginning."""

    id: UUID
    name: str
    hint: str
    user: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class NewTokenShape(TokenShape):
    """`token` is shown here once and never again."""

    token: str


class CreateToken(Body):
    name: Name
    scopes: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=50)] = []
    days: Annotated[int, Field(ge=1, le=3_650)] | None = None


class MemberShape(BaseModel):
    id: UUID
    user: int
    name: str
    email: str
    role: str
    is_active: bool
    created_at: datetime


class ChangeMember(Body):
    role: Annotated[str, Field(max_length=16)]


class InvitationShape(BaseModel):
    id: UUID
    email: str
    role: str
    created_at: datetime
    expires_at: datetime


class NewInvitationShape(InvitationShape):
    """`secret` is shown here once; whoever has it may join."""

    secret: str


class Invite(Body):
    email: Annotated[str, Field(min_length=3, max_length=254)]
    role: Annotated[str, Field(max_length=16)]


class AcceptInvitation(Body):
    """Signed in, the secret is enough; otherwise a name and password for the new user."""

    secret: Annotated[str, Field(min_length=1, max_length=200)]
    username: Annotated[str, Field(max_length=150)] = ""
    password: Annotated[str, Field(max_length=4096)] = ""


class JoinedShape(BaseModel):
    workspace: UUID
    role: str


class WorkspaceShape(BaseModel):
    """`keep_versions` and `keep_version_days`: of each flow the newest so many versions are kept and those younger than so
    many days; both null: all of them."""

    id: UUID
    slug: str
    name: str
    role: str
    retention_days: int
    keep_versions: int | None = None
    keep_version_days: int | None = None
    created_at: datetime


class CreateWorkspace(Body):
    name: Name
    slug: Annotated[str, Field(max_length=63)] = ""


class ChangeWorkspace(Body):
    """What isn't given stays as it is; null for `keep_versions` and `keep_version_days` takes that rule away."""

    name: Name | None = None
    retention_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    keep_versions: Annotated[int, Field(ge=1, le=100_000)] | None = None
    keep_version_days: Annotated[int, Field(ge=1, le=36_500)] | None = None


class TriggerShape(BaseModel):
    """`path` is set for webhooks, `next_at` for schedules."""

    id: UUID
    flow: UUID
    flow_name: str
    version: int
    node: str
    kind: str
    environment: str
    active: bool
    path: str | None
    next_at: datetime | None
    config: Any


class AlertsQuery(ListQuery):
    seen: bool = False


class AlertShape(BaseModel):
    id: UUID
    flow: UUID | None
    run: UUID | None
    step: str
    code: str
    message: str
    created_at: datetime
    seen_at: datetime | None


class AuditShape(BaseModel):
    """`sentence`: the verb and the subject in the reader's language; those two are the same in every language."""

    id: UUID
    actor: str
    verb: str
    subject: str
    sentence: str
    details: dict[str, Any]
    at: datetime
