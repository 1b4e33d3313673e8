"""One flow, live: its draft's revision, its release, its newest runs as they change, and who else is here.

Who says where they are (`here`) is told of the others and they of it, through a group of the channel layer; who only
listens is told of nobody and seen by nobody. The layer may lose a message: signs of life carry the whole state.
"""

import contextlib
from typing import Any, Final
from uuid import UUID, uuid4

from channels.db import database_sync_to_async
from channels.exceptions import ChannelFull
from django.db.models import QuerySet

from flows.live import presence
from flows.live.hub import EVERY_RUN
from flows.live.presence import Here, Pace, Peer, Peers
from flows.live.runs import RunsFeed
from flows.models import Run
from flows.operations.actor import Actor
from flows.operations.flows import find_flow
from flows.operations.marks import flow_mark, releases_mark
from flows.security.safejson import Json

FLOOD: Final = 4429
BEAT_EVERY: Final = 5.0
"""Seconds between signs of life. The client is asked by a message and answers by acknowledging it, because browsers
slow the timers of pages in the background, but not what they do on a message."""


class FlowFeed(RunsFeed):
    flow: UUID
    peers: Peers
    _here: Here | None = None
    _told_at: float = 0.0
    _asked_at: float = 0.0
    _key: str
    _pace: Pace

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
        if self._here is not None:
            self.peers.forget_silent()
            await self._tell_people(is_asking=self._now() - self._asked_at >= BEAT_EVERY)

    async def hear(self, message: Json, size: int) -> bool:
        """Where its client is. The first word is the hello."""
        here = presence.read_here(message) if size <= presence.MAX_HERE else None
        if here is None:
            return False
        if self._here is None:
            await self._come_in(here)
            return True
        self._here = here
        self._pace.spend(self._now())
        if self._pace.is_flood:
            await self.close(FLOOD)
        elif not self._pace.is_over:
            await self._tell_others()
        return True

    async def acknowledged(self) -> None:
        """A sign of life of its client."""
        if self._here is None:
            return
        if self._now() - self._told_at >= BEAT_EVERY / 2 and not self._pace.is_over:
            await self._tell_others()
        await self._tell_people()

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self._here is None:
            return
        await self.channel_layer.group_discard(self._group, self.channel_name)
        await self.channel_layer.group_send(self._group, {"type": "presence.gone", "key": self._key})

    async def presence_here(self, message: dict[str, Any]) -> None:
        """Somebody is here, or gives a sign of life; a newcomer wants to know who else is."""
        peer: Peer = message["peer"]
        if peer["person"] == self.actor.user:
            return
        self.peers.hear(peer)
        if message["answer"] is not None:
            # A newcomer whose channel is full hears of this one at its next sign of life.
            with contextlib.suppress(ChannelFull):
                await self.channel_layer.send(message["answer"], self._word(answer=None))
        await self._tell_people()

    async def presence_gone(self, message: dict[str, Any]) -> None:
        self.peers.leave(message["key"])
        await self._tell_people()

    @property
    def _group(self) -> str:
        return f"flow.{self.flow}"

    async def _come_in(self, here: Here) -> None:
        self._key, self._here = uuid4().hex, here
        self._pace, self.peers = Pace(self._now()), Peers(self._now)
        await self._tell_others(answer=self.channel_name)

    async def _tell_others(self, answer: str | None = None) -> None:
        self._told_at = self._now()
        # The layer forgets who joined a day ago, or left a message unread: who gives a sign of life is in it.
        await self.channel_layer.group_add(self._group, self.channel_name)
        await self.channel_layer.group_send(self._group, self._word(answer))

    def _word(self, answer: str | None) -> dict[str, Any]:
        assert self._here is not None
        return {"type": "presence.here", "peer": presence.peer(self._key, self.actor, self._here), "answer": answer}

    async def _tell_people(self, *, is_asking: bool = False) -> None:
        """Tell its client what is new of the others. Who doesn't take in what came before waits, and misses nothing."""
        if self.credit.is_spent:
            return
        news = self.peers.news()
        if news is None and not is_asking:
            return
        self._asked_at = self._now()
        await self.count({"type": "people", **(news or {"here": [], "gone": []})})

    async def _tell_flow(self) -> None:
        await self.count({"type": "flow", **await database_sync_to_async(self._mark)()})

    def _mark(self) -> dict[str, Json]:
        return {"flow": flow_mark(find_flow(self.actor, self.flow)), "releases": releases_mark(self.flow)}
