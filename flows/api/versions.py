"""Versions and releases of a flow over HTTP."""

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.change_shapes import DiffShape, change_shapes
from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.api.flow_shapes import (
    Annotate,
    DiffQuery,
    EndCanary,
    GoodShape,
    InEnvironment,
    MadeLiveShape,
    Publish,
    PublishedShape,
    PublishPreviewShape,
    ReleasedShape,
    ReleaseShape,
    ReleasesQuery,
    RollBack,
    RollBackOrGood,
    RollbackPreviewShape,
    RollbackQuery,
    StartCanary,
    VersionShape,
    VersionWithDocument,
    made_live_shape,
    publish_preview_shape,
    published_shape,
    release_shape,
    released_shape,
    rollback_preview_shape,
    version_shape,
    version_with_document,
)
from flows.api.paging import Listing, ListQuery, listing
from flows.dsl.diff_text import diff_text
from flows.operations import good, promoting, publishing, releases, versions
from flows.operations.access import Permission
from flows.operations.foreseeing import Foreseen, foresee, foresee_canary, foresee_publishing


class PublishFlow(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "post": Permission.FLOWS_PUBLISH}

    @described("What would refuse the release of the draft that publishing it makes", gives={200: PublishPreviewShape})
    def get(self, _: Request, flow: UUID) -> Response:
        return Response(publish_preview_shape(foresee_publishing(self.actor, flow)))

    @described("Publish the draft as the next version, and release it", takes=Publish, gives={201: PublishedShape})
    def post(self, _: Request, flow: UUID) -> Response:
        asked = self.read(Publish)
        made = publishing.publish(self.actor, flow, name=asked.name, note=asked.note, release=asked.release)
        return Response(published_shape(made), status=201)


class VersionsOfFlow(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ}

    @described("List the versions, newest first", gives={200: Listing[VersionShape]}, query=ListQuery)
    def get(self, request: Request, flow: UUID) -> Response:
        asked = self.query(ListQuery)
        page = versions.list_versions(self.actor, flow, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, version_shape))


class OneVersion(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "patch": Permission.FLOWS_PUBLISH}

    @described("Read a version with its document", gives={200: VersionWithDocument})
    def get(self, _: Request, flow: UUID, number: int) -> Response:
        return Response(version_with_document(versions.find_version(self.actor, flow, number)))

    @described("Name a version, or write its note anew", takes=Annotate, gives={200: VersionShape})
    def patch(self, _: Request, flow: UUID, number: int) -> Response:
        asked = self.read(Annotate)
        return Response(version_shape(versions.annotate(self.actor, flow, number, name=asked.name, note=asked.note)))


class DiffOfFlow(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ}

    @described(
        "What changed between two versions, environments, or one and the draft", gives={200: DiffShape}, query=DiffQuery
    )
    def get(self, _: Request, flow: UUID) -> Response:
        asked = self.query(DiffQuery)
        before, after = self._live(flow, asked.before_environment), self._live(flow, asked.to_environment)
        changes = versions.compare(self.actor, flow, before=before or asked.before or 0, after=after or asked.to)
        return Response(DiffShape.model_construct(changes=change_shapes(changes), text=diff_text(changes, gettext)))

    def _live(self, flow: UUID, environment: str | None) -> int | None:
        return promoting.live_number(self.actor, flow, environment) if environment is not None else None


class ReleasesOfFlow(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ}

    @described("List the releases, newest first", gives={200: Listing[ReleaseShape]}, query=ReleasesQuery)
    def get(self, request: Request, flow: UUID) -> Response:
        asked = self.query(ReleasesQuery)
        page = releases.list_releases(
            self.actor, flow, environment=asked.environment, cursor=asked.cursor, limit=asked.limit
        )
        return Response(listing(request, page, release_shape))


class Foretelling(Endpoint):
    """What making a version live in an environment, or trying it there, would meet."""

    def foretold(self, flow: UUID, by: Callable[..., Foreseen]) -> Response:
        asked = self.query(RollbackQuery)
        seen = by(self.actor, flow, version=asked.version, environment=asked.environment)
        return Response(rollback_preview_shape(seen))


class RollBackFlow(Foretelling):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "post": Permission.FLOWS_PUBLISH}

    @described(
        "What a rollback to a version, or its release, would meet: what would refuse it, and what its steps would lack",
        gives={200: RollbackPreviewShape},
        query=RollbackQuery,
    )
    def get(self, _: Request, flow: UUID) -> Response:
        return self.foretold(flow, foresee)

    @described(
        "Make an older version live again; the last good one without a version",
        takes=RollBackOrGood,
        gives={201: MadeLiveShape},
    )
    def post(self, _: Request, flow: UUID) -> Response:
        asked = self.read(RollBackOrGood)
        if asked.version is None:
            made = good.roll_back_to_last_good(self.actor, flow, reason=asked.reason, environment=asked.environment)
        else:
            made = releases.roll_back(
                self.actor, flow, version=asked.version, reason=asked.reason, environment=asked.environment
            )
        return Response(made_live_shape(made, releases.lacking_credentials(made)), status=201)


class LastGoodOfFlow(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ}

    @described(
        "The version that a rollback without a version goes to, and what speaks for it",
        gives={200: GoodShape},
        query=InEnvironment,
    )
    def get(self, _: Request, flow: UUID) -> Response:
        try:
            found = good.last_good(self.actor, flow, environment=self.query(InEnvironment).environment)
        except good.NoGoodVersion:
            return Response(GoodShape(version=None, runs=0, failed=0))
        return Response(GoodShape(version=found.version.number, runs=found.runs, failed=found.failed))


class ReleaseFlow(Endpoint):
    needs: ClassVar = {"post": Permission.FLOWS_PUBLISH}

    @described("Make a published version live", takes=RollBack, gives={201: MadeLiveShape})
    def post(self, _: Request, flow: UUID) -> Response:
        asked = self.read(RollBack)
        made = releases.release(
            self.actor, flow, version=asked.version, reason=asked.reason, environment=asked.environment
        )
        return Response(made_live_shape(made, releases.lacking_credentials(made)), status=201)


class CanaryOfFlow(Foretelling):
    needs: ClassVar = {
        "get": Permission.FLOWS_READ,
        "post": Permission.FLOWS_PUBLISH,
        "delete": Permission.FLOWS_PUBLISH,
    }

    @described(
        "What beginning a canary of a version would meet: what would refuse it",
        gives={200: RollbackPreviewShape},
        query=RollbackQuery,
    )
    def get(self, _: Request, flow: UUID) -> Response:
        return self.foretold(flow, foresee_canary)

    @described("Send a share of new starts to another version", takes=StartCanary, gives={201: ReleaseShape})
    def post(self, _: Request, flow: UUID) -> Response:
        asked = self.read(StartCanary)
        guards = asked.guards.model_dump(exclude_none=True)
        made = releases.start_canary(
            self.actor,
            flow,
            version=asked.version,
            weight=asked.weight,
            guards=guards,
            steps=asked.steps,
            reason=asked.reason,
            environment=asked.environment,
        )
        return Response(release_shape(made), status=201)

    @described("End the canary", gives={200: ReleasedShape}, query=EndCanary)
    def delete(self, _: Request, flow: UUID) -> Response:
        asked = self.query(EndCanary)
        made = releases.end_canary(self.actor, flow, reason=asked.reason, environment=asked.environment)
        return Response(released_shape(made))
