"""Breakpoints over HTTP: where a run stops, and letting it go on."""

from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.api.run_shapes import Accepted, Breakpoints, NodeId, StepKey
from flows.api.steering import accepted
from flows.operations import breakpoints
from flows.operations.access import Permission


class SetBreakpoints(Body):
    """Conditions by node id; an empty one always holds."""

    breakpoints: Breakpoints


class BreakpointsShape(BaseModel):
    breakpoints: dict[str, str]


class LetGo(Body):
    """`continue`, with another `input` if one is given; or `over`: the step succeeds with this `output`, and never runs."""

    step: StepKey
    verdict: Literal["continue", "over"] = "continue"
    input: Any = Field(default=None, description="In place of the resolved config; left out, the step gets its own")
    output: Any = None
    port: NodeId = "out"


class BreakpointsOfRun(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ, "put": Permission.RUNS_STEER}

    @described("Where a run stops", gives={200: BreakpointsShape})
    def get(self, _: Request, run: UUID) -> Response:
        return Response(BreakpointsShape(breakpoints=breakpoints.read_breakpoints(self.actor, run)))

    @described(
        "Stop before steps of these nodes, in place of those before", takes=SetBreakpoints, gives={202: Accepted}
    )
    def put(self, _: Request, run: UUID) -> Response:
        return accepted(breakpoints.set_breakpoints(self.actor, run, self.read(SetBreakpoints).breakpoints))


class LetGoOfStep(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Let a step at a breakpoint go on, or step over it", takes=LetGo, gives={202: Accepted})
    def post(self, _: Request, run: UUID) -> Response:
        asked = self.read(LetGo)
        return accepted(
            breakpoints.let_go(
                self.actor,
                run,
                asked.step,
                verdict=asked.verdict,
                given=(asked.input,) if "input" in asked.model_fields_set else None,
                output=asked.output,
                port=asked.port,
            )
        )
