"""Flows as files over HTTP: the texts of a folder out, or one archive of them, and in by a plan, whole or not at all."""

import base64
import binascii
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from django.utils.translation import gettext
from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint, Query
from flows.api.problems import Problem, problems_of
from flows.dsl.archives import NotAnArchive, pack, unpack
from flows.dsl.diff_text import diff_text
from flows.dsl.files import MAX_FILES
from flows.errors import BadInput, phrase
from flows.operations.access import Permission
from flows.operations.exchange import Entry, Plan, Taken, export_flows, import_flows, plan_import
from flows.operations.saying import said


class ExportFlows(Body):
    """Without `flows` all that are not archived; `live`: what is live instead of the drafts; `archive`: as one zip too."""

    flows: Annotated[list[Annotated[UUID, Field(strict=False)]], Field(max_length=MAX_FILES)] | None = None
    live: bool = False
    archive: bool = False


class FilesShape(BaseModel):
    """Texts by file name, `manifest.yaml` among them; `archive` is the same as a zip in base64, where it was asked for."""

    files: dict[str, str]
    archive: str | None


class ImportFlows(Body):
    """Texts by file name, or a zip of such files in base64 as `archive`; a `manifest.yaml` among them says which count, and
    their hashes."""

    files: dict[str, str] | None = None
    archive: str | None = None
    publish: bool = False


class ImportQuery(Query):
    """`preview`: say what would change, and write nothing."""

    preview: bool = False


class PlannedShape(BaseModel):
    """`flow` is null of a new flow in a preview; `before` is the name a flow loses; `text` says what differs.

    `version` is the one that was published; `unbound` are credentials that it names and the workspace doesn't have.
    """

    file: str
    name: str
    what: Literal["new", "changed", "same"]
    flow: UUID | None
    before: str
    text: str
    unknown_types: list[str]
    unbound: list[str]
    problems: list[Problem]
    publishes: bool
    version: int | None


class RefusedShape(BaseModel):
    file: str
    reason: str


class ImportShape(BaseModel):
    """`left_out` are files that the manifest doesn't list. Where any is refused, nothing is taken in."""

    flows: list[PlannedShape]
    refused: list[RefusedShape]
    left_out: list[str]
    changes: int


class ExportOfFlows(Endpoint):
    needs: ClassVar = {"post": Permission.FLOWS_READ}

    @described("Write flows as files with a manifest", takes=ExportFlows, gives={200: FilesShape})
    def post(self, _: Request) -> Response:
        asked = self.read(ExportFlows)
        files = export_flows(self.actor, asked.flows, live=asked.live)
        archive = base64.b64encode(pack(files)).decode() if asked.archive else None
        return Response(FilesShape(files=files, archive=archive))


class ImportOfFlows(Endpoint):
    needs: ClassVar = {"post": Permission.FLOWS_WRITE}

    @described(
        "Take flows in from files, whole or not at all; with `preview` only say what would change",
        takes=ImportFlows,
        gives={200: ImportShape},
        query=ImportQuery,
    )
    def post(self, _: Request) -> Response:
        asked = self.read(ImportFlows)
        plan = plan_import(self.actor, _files(asked), publish=asked.publish)
        if self.query(ImportQuery).preview:
            return Response(_shape(plan, [_planned(one) for one in plan.entries]))
        return Response(_shape(plan, [_taken(one) for one in import_flows(self.actor, plan)]))


def _files(asked: ImportFlows) -> dict[str, bytes]:
    if (asked.files is None) == (asked.archive is None):
        raise BadInput(reason=phrase("either files are given, or an archive of them"))
    if asked.archive is None:
        return {name: text.encode() for name, text in (asked.files or {}).items()}
    try:
        data = base64.b64decode(asked.archive, validate=True)
    except (binascii.Error, ValueError):
        raise NotAnArchive(reason=phrase("it is not written in base64")) from None
    return unpack(data)


def _shape(plan: Plan, flows: list[PlannedShape]) -> ImportShape:
    return ImportShape(
        flows=flows,
        refused=[RefusedShape(file=one.file, reason=said(one.reason)) for one in plan.faults],
        left_out=list(plan.left_out),
        changes=plan.changes,
    )


def _taken(one: Taken) -> PlannedShape:
    return _planned(one.entry).model_copy(update={"flow": one.flow, "version": one.version})


def _planned(entry: Entry) -> PlannedShape:
    return PlannedShape(
        file=entry.file,
        name=entry.name,
        what=entry.what,
        flow=entry.flow,
        before=entry.before,
        text=diff_text(entry.differences, gettext) if entry.differences else "",
        unknown_types=list(entry.unknown_types),
        unbound=list(entry.unbound),
        problems=problems_of(entry.problems),
        publishes=entry.publishes,
        version=None,
    )
