"""Runs over HTTP: found, listed, looked into."""

from typing import Any, ClassVar, Final
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.api.paging import Listing
from flows.api.run_lists import CodeCount, CountsQuery, CountsShape, RunListing, RunsQuery, run_listing
from flows.api.run_shapes import (
    AtQuery,
    EventShape,
    EventsQuery,
    ItemsShape,
    MomentShape,
    NeighboursShape,
    RunPairShape,
    RunShape,
    StepDetail,
    StepShape,
    StepsQuery,
)
from flows.engine.events import RunMoved
from flows.errors import BadInput
from flows.journal import moments, read
from flows.journal.steps_seen import instant_text
from flows.operations import comparing, runs
from flows.operations.access import Permission
from flows.operations.marks import run_mark

MOST: Final = 2**62


class Runs(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("List runs, newest first", gives={200: RunListing}, query=RunsQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(RunsQuery)
        page = runs.list_runs(self.actor, asked.chosen(), cursor=asked.cursor, limit=asked.limit)
        return Response(run_listing(request, page))


class CountsOfRuns(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("Count runs by status and by the code of their error", gives={200: CountsShape}, query=CountsQuery)
    def get(self, _: Request) -> Response:
        found = runs.count_runs(self.actor, self.query(CountsQuery).chosen())
        codes = [CodeCount(code=code, count=count) for code, count in found.codes]
        shape = CountsShape(statuses=found.statuses, codes=codes, looked_at=found.looked_at, is_all=found.is_all)
        return Response(shape)


class OneRun(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("Read a run with its top-level steps", gives={200: RunShape})
    def get(self, _: Request, run: UUID) -> Response:
        return Response(runs.read_run(self.actor, run))


class DocumentOfRun(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described(
        "The document a run goes by; before it was moved to another version, the one it went by",
        gives={200: None},
        query=AtQuery,
    )
    def get(self, _: Request, run: UUID) -> Response:
        document, version = runs.document_of(self.actor, run, self.query(AtQuery).at)
        return Response({"document": document, "version": version})


class StepsOfRun(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("Steps at the top of a run, or inside one of them", gives={200: Listing[StepShape]}, query=StepsQuery)
    def get(self, request: Request, run: UUID) -> Response:
        asked = self.query(StepsQuery)
        if not asked.parent:
            steps: list[Any] = list(runs.read_run(self.actor, run)["steps"] or [])  # type: ignore[arg-type]  # a list
            return Response({"results": _with_status(steps, asked.status), "next": None})
        runs.find_run(self.actor, run)
        inside = read.steps_inside(run, asked.parent, after=_place(asked.cursor), limit=asked.limit)
        after = None
        if len(inside) == asked.limit:
            last = read.first_seen(run, inside[-1].key)
            after = replace_query_param(request.build_absolute_uri(), "cursor", str(last))
        return Response({"results": _with_status([step.shape() for step in inside], asked.status), "next": after})


class OneStep(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("A step with its resolved input, output, attempts and logs", gives={200: StepDetail}, query=AtQuery)
    def get(self, _: Request, run: UUID, key: str) -> Response:
        return Response(runs.read_step(self.actor, run, key, self.query(AtQuery).at))


class ItemsOfStep(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("How each item of a step stands, a letter each", gives={200: ItemsShape}, query=AtQuery)
    def get(self, _: Request, run: UUID, key: str) -> Response:
        """Or the step of a node that is called `items` itself, which no list has beside its items."""
        at = self.query(AtQuery).at
        if runs.has_step(self.actor, run, f"{key}/items"):
            return Response(runs.read_step(self.actor, run, f"{key}/items", at))
        return Response(runs.read_items(self.actor, run, key, at))


class MomentOfRun(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("A run as it stood after one of its events", gives={200: MomentShape})
    def get(self, _: Request, run: UUID, seq: int) -> Response:
        return Response(runs.read_moment(self.actor, run, min(seq, MOST)))


class NeighboursOfRun(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("The runs of the same flow before and after a run", gives={200: NeighboursShape})
    def get(self, _: Request, run: UUID) -> Response:
        previous, following = runs.neighbours(self.actor, run)
        return Response({"previous": previous and run_mark(previous), "next": following and run_mark(following)})


class ComparisonOfRuns(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("Two runs of one flow, step beside step", gives={200: RunPairShape})
    def get(self, _: Request, run: UUID, other: UUID) -> Response:
        pair = comparing.compare_runs(self.actor, run, other)
        steps = [
            {
                "key": step.key,
                "left": step.left and step.left.shape(),
                "right": step.right and step.right.shape(),
                "differs": step.differs,
            }
            for step in pair.steps
        ]
        return Response(
            {
                "left": run_mark(pair.left),
                "right": run_mark(pair.right),
                "left_moves": [_move(one) for one in pair.left_moves],
                "right_moves": [_move(one) for one in pair.right_moves],
                "is_same_document": pair.is_same_document,
                "differs": pair.differs,
                "steps": steps,
            }
        )


def _move(event: RunMoved) -> dict[str, Any]:
    return {"at": instant_text(event.at), "was_version": event.was_version, "version": event.version}


class EventsOfRun(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("The journal past a seq, in order", gives={200: Listing[EventShape]}, query=EventsQuery)
    def get(self, request: Request, run: UUID) -> Response:
        asked = self.query(EventsQuery)
        runs.find_run(self.actor, run)
        rows = read.events_after(run, asked.after, asked.limit + 1)
        shown = rows[: asked.limit]
        after = None
        if len(rows) > asked.limit:
            after = replace_query_param(request.build_absolute_uri(), "after", str(shown[-1].seq))
        shape = moments.brief_event if asked.brief else read.event_shape
        return Response({"results": [shape(row) for row in shown], "next": after})


def _with_status(steps: list[Any], status: str) -> list[Any]:
    wanted = {one for one in status.split(",") if one}
    return [step for step in steps if not wanted or step["status"] in wanted]


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise BadInput(reason="the cursor is not one that this list gave")
    return int(cursor)
