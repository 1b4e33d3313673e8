"""Starting runs over HTTP: of versions and drafts, one or ten thousand, and again."""

from dataclasses import asdict, replace
from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.api.run_lists import RunListing, RunsQuery, run_listing
from flows.api.run_shapes import (
    BatchShape,
    ItemsAgain,
    PreviewShape,
    Rerun,
    RerunQuery,
    StartBatch,
    StartedShape,
    StartRun,
    started_shape,
)
from flows.engine.part import Part
from flows.operations import batches, draft_runs, flows, rerunning, runs, starting
from flows.operations.access import Permission
from flows.operations.starting import Started

KEY_HEADER = {"Idempotency-Key": "The same key again is answered with the same run"}


class RunsOfFlow(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ, "post": Permission.RUNS_START}

    @described("List a flow's runs, newest first", gives={200: RunListing}, query=RunsQuery)
    def get(self, request: Request, flow: UUID) -> Response:
        asked = self.query(RunsQuery)
        flows.find_flow(self.actor, flow)
        chosen = replace(asked.chosen(), flow=flow)
        page = runs.list_runs(self.actor, chosen, cursor=asked.cursor, limit=asked.limit)
        return Response(run_listing(request, page))

    @described("Start a run", takes=StartRun, gives={201: StartedShape, 200: StartedShape}, headers=KEY_HEADER)
    def post(self, request: Request, flow: UUID) -> Response:
        asked = self.read(StartRun)
        key = request.META.get("HTTP_IDEMPOTENCY_KEY")
        started = self._start_draft(flow, asked, key) if asked.draft else self._start(flow, asked, key)
        return Response(started_shape(started.run), status=201 if started.created else 200)

    def _start(self, flow: UUID, asked: StartRun, key: str | None) -> Started:
        return starting.start(
            self.actor,
            flow,
            input=asked.input,
            version=asked.version,
            trigger=asked.trigger,
            priority=asked.priority,
            idempotency_key=key,
            is_told_later=getattr(self.request, "is_told_later", False),
            environment=asked.environment,
        )

    def _start_draft(self, flow: UUID, asked: StartRun, key: str | None) -> Started:
        order = draft_runs.DraftOrder(
            part=_part(asked),
            use_pins=asked.use_pins,
            given=asked.given or {},
            item=(asked.item,) if asked.only is not None and "item" in asked.model_fields_set else None,
            input=asked.input,
            trigger=asked.trigger,
            priority=asked.priority,
            key=key,
            breakpoints=asked.breakpoints or {},
            environment=asked.environment,
        )
        return draft_runs.start_draft(self.actor, flow, order)


class BatchOfRuns(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_START}

    @described("Start up to 10,000 runs in one transaction", takes=StartBatch, gives={201: BatchShape, 200: BatchShape})
    def post(self, _: Request, flow: UUID) -> Response:
        asked = self.read(StartBatch)
        made = batches.start_batch(
            self.actor,
            flow,
            inputs=list(asked.inputs),
            idempotency_prefix=asked.idempotency_prefix,
            priority=asked.priority,
            environment=asked.environment,
        )
        shape = BatchShape(count=made.count, created=made.created, first=made.first, last=made.last)
        return Response(shape, status=201 if made.created else 200)


class RerunOfRun(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_START}

    @described(
        "Run again, from the start or from a step; with `preview` only say what would be reused",
        takes=Rerun,
        gives={201: StartedShape, 200: PreviewShape},
        query=RerunQuery,
    )
    def post(self, _: Request, run: UUID) -> Response:
        asked = self.read(Rerun)
        again = rerunning.Again(
            from_step=asked.from_step,
            items=tuple(asked.items) if isinstance(asked.items, list) else asked.items,
            version=asked.version,
            draft=asked.draft,
            input=asked.input,
        )
        if self.query(RerunQuery).preview:
            found = rerunning.preview_rerun(self.actor, run, again)
            items = ItemsAgain(**asdict(found.items)) if found.items is not None else None
            return Response(
                PreviewShape(reused=found.reused, run_again=found.run_again, items=items, problems=found.problems)
            )
        return Response(started_shape(rerunning.rerun(self.actor, run, again).run), status=201)


def _part(asked: StartRun) -> Part | None:
    if asked.only is not None:
        return Part("only", asked.only)
    if asked.until is not None:
        return Part("until", asked.until)
    return Part("from", asked.from_) if asked.from_ is not None else None
