"""Dry runs over HTTP: the way a draft would take, and what it would ask of the world."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.api.run_shapes import EventShape, NodeId
from flows.journal.read import event_shape
from flows.operations.access import Permission
from flows.operations.dry_runs import dry_run


class AskDryRun(Body):
    document: dict[str, Any] | None = Field(default=None, description="Left out, the draft is played")
    input: dict[str, Any] | None = None
    trigger: NodeId | None = None


class AskedShape(BaseModel):
    """A step that would reach the world: `input` is what it would ask for. It was answered by its pin, or by null."""

    step: str
    node: str
    effect: str
    input: Any
    pinned: bool


class DryRunShape(BaseModel):
    """`events` are those a run would have, on a clock that jumps."""

    status: str
    output: Any
    events: list[EventShape]
    asked: list[AskedShape]


class DryRunOfFlow(Endpoint):
    needs: ClassVar = {"post": Permission.FLOWS_READ}

    @described("Play the draft without performing what has an effect", takes=AskDryRun, gives={200: DryRunShape})
    def post(self, _: Request, flow: UUID) -> Response:
        asked = self.read(AskDryRun)
        played = dry_run(self.actor, flow, document=asked.document, given=asked.input, trigger=asked.trigger)
        told = [
            AskedShape(step=one.step, node=one.node, effect=one.effect, input=one.input, pinned=one.is_pinned)
            for one in played.asked
        ]
        events = [event_shape(row) for row in played.events]
        return Response({"status": played.status, "output": played.output, "events": events, "asked": told})
