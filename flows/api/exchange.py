"""Flows as files over HTTP: the texts of a folder out, and in by a plan, whole or not at all."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from django.utils.translation import gettext
from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint, Query
from flows.api.problems import Problem, problems_of
from flows.dsl.diff_text import diff_text
from flows.dsl.files import MAX_FILES
from flows.operations.access import Permission
from flows.operations.exchange import Entry, Plan, Taken, export_flows, import_flows, plan_import


class ExportFlows(Body):
    """Without `flows` all that are not archived; `live`: what is live instead of the drafts."""

    flows: Annotated[list[Annotated[UUID, Field(strict=False)]], Field(max_length=MAX_FILES)] | None = None
    live: bool = False


class FilesShape(BaseModel):
    """Texts by file name, `manifest.yaml` among them."""

    files: dict[str, str]


class ImportFlows(Body):
    """Texts by file name; a `manifest.yaml` among them says which count, and their hashes."""

    files: dict[str, str]
    publish: bool = False


class ImportQuery(Query):
    """`preview`: say what would change, and write nothing."""

    preview: bool = False


class PlannedShape(BaseModel):
    """`flow` is null of a new flow in a preview; `before` is the name a flow loses; `text` says what differs.

    `version` is the one that was published.
    """

    file: str
    name: str
    what: Literal["new", "changed", "same"]
    flow: UUID | None
    before: str
    text: str
    unknown_types: list[str]
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
        return Response(FilesShape(files=export_flows(self.actor, asked.flows, live=asked.live)))


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
        files = {name: text.encode() for name, text in asked.files.items()}
        plan = plan_import(self.actor, files, publish=asked.publish)
        if self.query(ImportQuery).preview:
            return Response(_shape(plan, [_planned(one) for one in plan.entries]))
        return Response(_shape(plan, [_taken(one) for one in import_flows(self.actor, plan)]))


def _shape(plan: Plan, flows: list[PlannedShape]) -> ImportShape:
    return ImportShape(
        flows=flows,
        refused=[RefusedShape(file=one.file, reason=one.reason) for one in plan.faults],
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
        problems=problems_of(entry.problems),
        publishes=entry.publishes,
        version=None,
    )
