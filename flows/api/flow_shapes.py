"""The shapes of flows, drafts, versions and releases, and how rows become them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext
from pydantic import BaseModel, Field, model_validator

from flows.api.endpoint import Body, Query
from flows.api.paging import ListQuery
from flows.api.problems import Finding, Problem
from flows.errors import MulgilError
from flows.models import Draft, Release, Version
from flows.operations.documents import check_stands, from_text
from flows.operations.foreseeing import Foreseen
from flows.operations.marks import canary_mark
from flows.operations.publishing import Published
from flows.operations.reasons import recognised
from flows.operations.saying import message_of, said

Name = Annotated[str, Field(min_length=1, max_length=200)]
EnvironmentName = Annotated[str, Field(max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]


class DraftMark(BaseModel):
    revision: int


class CanaryShape(BaseModel):
    version: int
    weight: int
    guards: dict[str, float | str]
    steps: list[int] = []
    since: datetime | None = None
    figures: dict[str, Any] = {}


class LastRun(BaseModel):
    id: UUID
    status: str
    number: int
    created_at: datetime


class SuspensionShape(BaseModel):
    """Since when the triggers stand still: the last `failed` runs failed, from `since` on; `run` is the newest."""

    at: datetime
    failed: int
    since: datetime
    run: UUID
    version: int
    code: str
    message: str


class FlowShape(BaseModel):
    """`last_run` is null where there is none, and for tokens that may not read runs."""

    id: UUID
    name: str
    live_version: int | None
    canary: CanaryShape | None
    draft: DraftMark
    last_run: LastRun | None
    active: bool
    tags: list[str]
    suspended: SuspensionShape | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class CreateFlow(Body):
    name: Name
    document: dict[str, Any] | None = None


class ChangeFlow(Body):
    """`archived: false` restores; `active` turns the triggers on and off; `tags` are all it has then."""

    name: Name | None = None
    active: bool | None = None
    archived: bool | None = None
    tags: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)] | None = None


class TagShape(BaseModel):
    """A tag, and how many flows in use have it."""

    tag: str
    flows: int


class TagList(BaseModel):
    results: list[TagShape]


class DuplicateFlow(Body):
    name: Name | None = None


class FlowsQuery(ListQuery):
    archived: bool = False
    search: str = Field(default="", max_length=200)
    tag: str = Field(default="", max_length=200)


class SaveDraft(Body):
    document: dict[str, Any]
    revision: Annotated[int, Field(ge=0, lt=2**63)]


class DraftShape(BaseModel):
    document: Any
    revision: int
    updated_at: datetime
    updated_by: str | None
    problems: list[Problem] | None = None
    findings: list[Finding] | None = None


class ValidateDocument(Body):
    document: Any


class Problems(BaseModel):
    """`problems` keep a document from being published; `findings` say what a crash would do to it."""

    problems: list[Problem]
    findings: list[Finding]


class Publish(Body):
    name: Annotated[str, Field(max_length=200)] = ""
    note: Annotated[str, Field(max_length=5_000)] = ""
    release: bool = True


class Annotate(Body):
    """What isn't given stays as it is."""

    name: Annotated[str, Field(max_length=200)] | None = None
    note: Annotated[str, Field(max_length=5_000)] | None = None


class VersionShape(BaseModel):
    """`pruned_at`: since when its document is gone by the policy of the flow; null where it is there."""

    version: int
    hash: str
    name: str
    note: str
    author: str | None
    published_at: datetime
    pruned_at: datetime | None = None


class VersionWithDocument(VersionShape):
    document: Any


class PublishedShape(VersionShape):
    """`proposal`: its release waits for a second person."""

    proposal: UUID | None = None


class RollBack(Body):
    """Without `environment`: in the default one; so for all that follows."""

    version: Annotated[int, Field(ge=1, lt=2**31)]
    reason: Annotated[str, Field(max_length=5_000)] = ""
    environment: EnvironmentName | None = None


class RollBackOrGood(Body):
    """Without `version`: to the last good one."""

    version: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    reason: Annotated[str, Field(max_length=5_000)] = ""
    environment: EnvironmentName | None = None


class RollbackQuery(Query):
    version: Annotated[int, Field(ge=1, lt=2**31)]
    environment: EnvironmentName | None = None


class InEnvironment(Query):
    environment: EnvironmentName | None = None


class ReleasesQuery(ListQuery):
    environment: EnvironmentName | None = None


class GoodShape(BaseModel):
    """`failed` of the newest `runs` of this version failed; no version is null: none is known to be good."""

    version: int | None
    runs: int
    failed: int


class ReleasedShape(BaseModel):
    live_version: int
    previous_version: int | None
    release: UUID


class MadeLiveShape(ReleasedShape):
    """`missing_credentials`, told only where there are any: what steps of the version ask for and nobody has made."""

    missing_credentials: list[str] | None = None


class Obstacle(BaseModel):
    code: str
    message: str
    hint: str


class RollbackPreviewShape(BaseModel):
    """With `obstacles` it would be refused; `missing_credentials` that are not among them hold nothing up."""

    version: int
    missing_credentials: list[str]
    obstacles: list[Obstacle]


class PublishPreviewShape(BaseModel):
    """With `obstacles` the draft can be published, but not released."""

    obstacles: list[Obstacle]


class ReleaseShape(ReleasedShape):
    """`kind` is take_out where nothing is live from then on; `live_version` is what was."""

    kind: str
    environment: str
    canary: CanaryShape | dict[str, Any] | None
    reason: str
    author: str | None
    created_at: datetime
    evidence: dict[str, Any] = {}


class Guards(Body):
    error_rate: Annotated[float, Field(ge=0, le=1)] | None = None
    p99_ms: Annotated[float, Field(ge=0)] | None = None
    min_runs: Annotated[int, Field(ge=0)] | None = None
    minutes: Annotated[float, Field(ge=0)] | None = None
    expression: Annotated[str, Field(max_length=8_192)] | None = None
    expression_rate: Annotated[float, Field(ge=0, le=1)] | None = None


class StartCanary(Body):
    """`weight` may be left out with `steps`: the weights that follow each other by themselves."""

    version: Annotated[int, Field(ge=1, lt=2**31)]
    weight: Annotated[int, Field(ge=0, le=100)] | None = None
    steps: Annotated[list[Annotated[int, Field(ge=1, le=100)]], Field(max_length=20)] = []
    guards: Guards = Guards()
    reason: Annotated[str, Field(max_length=5_000)] = ""
    environment: EnvironmentName | None = None


class EndCanary(InEnvironment):
    reason: Annotated[str, Field(max_length=5_000)] = ""


class DiffQuery(Query):
    """Versions, or environments, of which what is live is meant. `to` may be left out: the draft."""

    before: int | None = Field(default=None, alias="from", ge=1, lt=2**31)
    to: int | None = Field(default=None, ge=1, lt=2**31)
    before_environment: EnvironmentName | None = Field(default=None, alias="from_environment")
    to_environment: EnvironmentName | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> "DiffQuery":
        if (self.before is None) == (self.before_environment is None):
            raise ValueError("name either from or from_environment")
        if self.to is not None and self.to_environment is not None:
            raise ValueError("name either to or to_environment")
        return self


def draft_shape(
    draft: Draft,
    document: Any = None,
    problems: list[Problem] | None = None,
    findings: list[Finding] | None = None,
) -> DraftShape:
    return DraftShape.model_construct(
        document=from_text(draft.document) if document is None else document,
        revision=draft.revision,
        updated_at=draft.updated_at,
        updated_by=name_of(draft.updated_by),
        problems=problems,
        findings=findings,
    )


def version_shape(version: Version) -> VersionShape:
    return VersionShape.model_construct(**_version_fields(version))


def published_shape(made: Published) -> PublishedShape:
    asked = made.proposal.pk if made.proposal else None
    return PublishedShape.model_construct(**_version_fields(made.version), proposal=asked)


def version_with_document(version: Version) -> VersionWithDocument:
    """Raises VersionPruned."""
    check_stands(version)
    return VersionWithDocument.model_construct(**_version_fields(version), document=from_text(version.document))


def released_shape(release: Release) -> ReleasedShape:
    return ReleasedShape.model_construct(**_release_fields(release))


def made_live_shape(release: Release, missing: list[str]) -> ReleasedShape:
    if not missing:
        return released_shape(release)
    return MadeLiveShape.model_construct(**_release_fields(release), missing_credentials=missing)


def obstacle_shapes(errors: Sequence[MulgilError]) -> list[Obstacle]:
    return [
        Obstacle(code=one.code, message=message_of(one), hint=gettext(one.hint) if one.hint else "") for one in errors
    ]


def rollback_preview_shape(seen: Foreseen) -> RollbackPreviewShape:
    return RollbackPreviewShape(
        version=seen.version.number, missing_credentials=seen.missing, obstacles=obstacle_shapes(seen.obstacles)
    )


def publish_preview_shape(obstacles: Sequence[MulgilError]) -> PublishPreviewShape:
    return PublishPreviewShape(obstacles=obstacle_shapes(obstacles))


def release_shape(release: Release) -> ReleaseShape:
    return ReleaseShape.model_construct(
        **_release_fields(release),
        kind=release.kind,
        environment=release.environment.name,
        canary=canary_mark(release),
        reason=said(recognised(release.reason)),
        author=name_of(release.author),
        created_at=release.created_at,
        evidence=release.evidence,
    )


def name_of(user: Any) -> str | None:
    return user.get_username() if user is not None else None


def _version_fields(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "hash": version.hash,
        "name": version.name,
        "note": version.note,
        "author": name_of(version.author),
        "published_at": version.published_at,
        "pruned_at": version.pruned_at,
    }


def _release_fields(release: Release) -> dict[str, Any]:
    return {
        "live_version": release.version.number,
        "previous_version": release.previous.number if release.previous else None,
        "release": release.pk,
    }
