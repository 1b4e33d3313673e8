"""Steering runs over HTTP. Each answers 202: it is in the run's inbox, and the run obeys in a moment."""

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.api.run_shapes import Accepted, CancelRun, PauseRun, ResolveStep, SendSignal
from flows.models import Run
from flows.operations import runs, steering
from flows.operations.access import Permission


class CancelOfRun(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Ask a run to end", takes=CancelRun, gives={202: Accepted})
    def post(self, _: Request, run: UUID) -> Response:
        asked = self.read(CancelRun)
        return accepted(steering.cancel(self.actor, run, reason=asked.reason, compensate=asked.compensate))


class PauseOfRun(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Let nothing new begin", takes=PauseRun, gives={202: Accepted})
    def post(self, _: Request, run: UUID) -> Response:
        return accepted(steering.pause(self.actor, run, reason=self.read(PauseRun).reason))


class ResumeOfRun(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Go on after a pause", gives={202: Accepted})
    def post(self, _: Request, run: UUID) -> Response:
        return accepted(steering.resume(self.actor, run))


class SignalOfRun(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Send a run a named message", takes=SendSignal, gives={202: Accepted})
    def post(self, _: Request, run: UUID, name: str) -> Response:
        asked = self.read(SendSignal)
        return accepted(steering.signal(self.actor, run, name, payload=asked.payload, key=asked.key))


class ResolveOfStep(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ, "post": Permission.RUNS_STEER}

    @extend_schema(exclude=True)
    def get(self, _: Request, run: UUID, key: str) -> Response:
        """The step of a node that is called `resolve` itself."""
        return Response(runs.read_step(self.actor, run, f"{key}/resolve"))

    @described("Say what became of an uncertain step", takes=ResolveStep, gives={202: Accepted})
    def post(self, _: Request, run: UUID, key: str) -> Response:
        asked = self.read(ResolveStep)
        return accepted(
            steering.resolve(
                self.actor,
                run,
                key,
                verdict=asked.verdict,
                output=asked.output,
                port=asked.port,
                message=asked.message,
            )
        )


def accepted(run: Run) -> Response:
    return Response(Accepted(id=run.pk, status=run.status), status=202)
