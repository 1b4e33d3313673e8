"""The runs of a workspace, live: the newest ones, then each that changes, in a line."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

import orjson
from channels.db import database_sync_to_async
from django.db.models import QuerySet

from flows.live.feed import Feed
from flows.live.hub import EVERY_RUN
from flows.models import Run
from flows.operations.marks import run_mark
from flows.security.safejson import Json

SHOWN: Final = 50
REMEMBERED: Final = 500
"""Runs of which it knows what it said last."""


class RunsFeed(Feed):
    """`seq` counts the messages of this socket: it is what the client acknowledges."""

    # A list is looked over and not followed: who follows a run goes first, and a burst of changes is one look.
    gathers = 0.1
    seq: int = 0
    _said: dict[str, int]
    """By run, the hash of what was said of it but for its seq: a run that only goes on looks in a list as it did."""

    def topics(self) -> list[str]:
        return [EVERY_RUN]

    def rows(self) -> QuerySet[Run]:
        """The runs this feed shows."""
        return Run.objects.filter(workspace_id=self.actor.workspace)

    async def begin(self) -> None:
        await self._newest()

    async def go_on(self, hints: set[str], missed: bool) -> None:
        if missed or self.credit.is_spent:
            await self._newest()
            return
        for mark in await database_sync_to_async(self._changed)(hints) if hints else ():
            if self._is_news(mark):
                await self.count({"type": "run", "run": mark})

    async def count(self, message: dict[str, Json]) -> None:
        """Send a message with the next number."""
        self.seq += 1
        await self.tell({**message, "seq": self.seq}, self.seq)

    async def _newest(self) -> None:
        marks = await database_sync_to_async(self._first)()
        self._said = {}
        # Oldest first, as they would have come.
        for mark in reversed(marks):
            self._is_news(mark)
        await self.count({"type": "snapshot", "runs": list(marks)})

    def _is_news(self, mark: dict[str, Json]) -> bool:
        """Whether a list shows the run otherwise than when it was told last; it counts as told from now on."""
        run, seen = str(mark["id"]), hash(orjson.dumps({**mark, "seq": None}))
        known = self._said.pop(run, None)
        self._said[run] = seen
        if len(self._said) > REMEMBERED:
            del self._said[next(iter(self._said))]
        return known != seen

    def _first(self) -> list[dict[str, Json]]:
        return _marks(self.rows().order_by("-pk")[:SHOWN])

    def _changed(self, hints: Iterable[str]) -> list[dict[str, Json]]:
        return _marks(self.rows().filter(pk__in=[UUID(hint) for hint in hints]).order_by("pk"))


def _marks(rows: QuerySet[Run]) -> list[dict[str, Json]]:
    lean = rows.select_related("flow", "version", "environment").defer("version__document", "input", "output", "part")
    return [run_mark(run) for run in lean]
