"""The tests of a flow over HTTP: played in the simulator, with what they reach."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.engine.coverage import Coverage, Covered, reached
from flows.operations.access import Permission
from flows.operations.flow_tests import play_tests
from flows.operations.rehearsal import PlayedCase
from flows.operations.saying import said


class PlayTests(Body):
    document: dict[str, Any] | None = Field(default=None, description="Left out, the tests of the draft are played")


class CaseShape(BaseModel):
    """`wrong`: what isn't as the test expects, a sentence each; none means that it passed. `index`: its place in `tests`."""

    index: int
    name: str
    passed: bool
    wrong: list[str]
    seconds: float


class ReachedShape(BaseModel):
    reached: int
    count: int


class PlaceShape(BaseModel):
    """A node, or with `port` a way out of it; `cases`: how many tests reached it."""

    node: str
    port: str | None
    cases: int


class CoverageShape(BaseModel):
    """`share`: per cent of all places that a test reached; `never`: what none did, a node without its ports."""

    share: int
    nodes: ReachedShape
    ports: ReachedShape
    places: list[PlaceShape]
    never: list[PlaceShape]


class PlayedShape(BaseModel):
    cases: list[CaseShape]
    coverage: CoverageShape


class TestsOfFlow(Endpoint):
    needs: ClassVar = {"post": Permission.FLOWS_READ}

    @described("Play the tests of the draft, and tell what they reach", takes=PlayTests, gives={200: PlayedShape})
    def post(self, _: Request, flow: UUID) -> Response:
        played = play_tests(self.actor, flow, self.read(PlayTests).document)
        cases = [_case_shape(case) for case in played.cases]
        return Response(PlayedShape(cases=cases, coverage=_coverage_shape(played.coverage)))


def _case_shape(case: PlayedCase) -> CaseShape:
    return CaseShape(
        index=case.index,
        name=case.name,
        passed=not case.wrong,
        wrong=[said(sentence) for sentence in case.wrong],
        seconds=round(case.seconds, 3),
    )


def _coverage_shape(told: Coverage) -> CoverageShape:
    never = set(told.never)
    places = [(one.place, _place_shape(one)) for one in told.covered]
    return CoverageShape(
        share=told.share,
        nodes=ReachedShape(reached=reached(told.nodes), count=len(told.nodes)),
        ports=ReachedShape(reached=reached(told.ports), count=len(told.ports)),
        places=[shape for _, shape in places],
        never=[shape for place, shape in places if place in never],
    )


def _place_shape(one: Covered) -> PlaceShape:
    return PlaceShape(node=one.place.node, port=one.place.port, cases=one.cases)
