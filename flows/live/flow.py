"""One flow, live: its draft's revision, its release, its newest runs, and each of them as it changes."""

from uuid import UUID

from channels.db import database_sync_to_async
from django.db.models import QuerySet

from flows.live.hub import EVERY_RUN
from flows.live.runs import RunsFeed
from flows.models import Run
from flows.operations.actor import Actor
from flows.operations.flows import find_flow
from flows.operations.marks import flow_mark
from flows.security.safejson import Json


class FlowFeed(RunsFeed):
    flow: UUID

    def topics(self) -> list[str]:
        return [EVERY_RUN, f"flow:{self.flow}"]

    def admit(self, actor: Actor) -> None:
        self.flow = self.scope["url_route"]["kwargs"]["flow"]
        find_flow(actor, self.flow)

    def rows(self) -> QuerySet[Run]:
        return super().rows().filter(flow_id=self.flow)

    async def begin(self) -> None:
        await self._tell_flow()
        await super().begin()

    async def go_on(self, hints: set[str], missed: bool) -> None:
        if missed or str(self.flow) in hints:
            await self._tell_flow()
        await super().go_on(hints - {str(self.flow)}, missed)

    async def _tell_flow(self) -> None:
        await self.count({"type": "flow", "flow": await database_sync_to_async(self._mark)()})

    def _mark(self) -> dict[str, Json]:
        return flow_mark(find_flow(self.actor, self.flow))
