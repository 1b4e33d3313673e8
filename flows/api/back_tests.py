"""Back-tests over HTTP: what the draft, or a version, would make of the newest runs."""

from dataclasses import asdict
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.operations.access import Permission
from flows.operations.backtests import MOST_RUNS, BackTest, Replayed, back_test
from flows.operations.saying import message_of


class AskBackTest(Body):
    """Without `version`: the draft."""

    version: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    runs: Annotated[int, Field(ge=1, le=MOST_RUNS)] = 20


class DifferenceShape(BaseModel):
    """`call`: what a step asks of the world; `end`: the run's `status`, `error` or `output`, by its name in `step`."""

    what: Literal["state", "output", "call", "end"]
    step: str
    before: Any
    after: Any


class ReplayedShape(BaseModel):
    """`unanswered`: at `step` it asks the world for what the run never asked; what comes after it isn't known."""

    run: UUID
    number: int
    before: str
    after: str | None
    verdict: Literal["same", "differs", "unanswered", "refused", "too_long"]
    step: str
    reason: str
    differences: list[DifferenceShape]


class BackTestShape(BaseModel):
    """`left`: runs that were not played because time ran out."""

    runs: list[ReplayedShape]
    left: int


class BackTestOfFlow(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_READ}

    @described("Play the draft against the newest runs", takes=AskBackTest, gives={200: BackTestShape})
    def post(self, _: Request, flow: UUID) -> Response:
        asked = self.read(AskBackTest)
        return Response(_shape(back_test(self.actor, flow, version=asked.version, runs=asked.runs)))


def _shape(found: BackTest) -> BackTestShape:
    return BackTestShape(runs=[_replayed(one) for one in found.runs], left=found.left)


def _replayed(one: Replayed) -> ReplayedShape:
    return ReplayedShape(
        run=one.run,
        number=one.number,
        before=one.before,
        after=one.after,
        verdict=one.verdict,
        step=one.step,
        reason=message_of(one.reason) if one.reason is not None else "",
        differences=[DifferenceShape(**asdict(each)) for each in one.differences],
    )
