"""One run, live: its state at the head, then every event past it, in order, each once.

The cursor is the client's: `?after=N` goes on from there. A client beyond its credit is not sent what it missed
but the state as it is then, marked `reset`.
"""

from typing import Any, Final
from uuid import UUID

from channels.db import database_sync_to_async

from flows.errors import NotFound
from flows.journal import read
from flows.journal.rows import Row
from flows.live.feed import Feed
from flows.live.reader import reader
from flows.models import Run
from flows.operations.actor import Actor

PAGE: Final = 200


class RunFeed(Feed):
    run: UUID
    cursor: int

    def topics(self) -> list[str]:
        return [f"run:{self.run}"]

    def admit(self, actor: Actor) -> None:
        self.run = self.scope["url_route"]["kwargs"]["run"]
        if not Run.objects.filter(pk=self.run, workspace_id=actor.workspace).exists():
            raise NotFound(thing="run")

    async def begin(self) -> None:
        head = await self._snapshot()
        after = self.query.get("after", "")
        self.cursor = min(int(after), head) if after.isascii() and after.isdigit() and len(after) < 18 else head
        await self.go_on(set(), False)

    async def go_on(self, hints: set[str], missed: bool) -> None:
        while True:
            [(_, rows)] = await reader().ask((read.EVENTS, (self.run, self.cursor, PAGE)))
            for row in map(Row._make, rows):
                if self.credit.is_spent:
                    self.cursor = await self._snapshot(reset=True)
                    return
                await self.tell({"type": "event", **read.event_shape(row)}, row.seq)
                self.cursor = row.seq
            if len(rows) < PAGE:
                return

    async def _snapshot(self, **marks: Any) -> int:
        view = await database_sync_to_async(read.run_view)(self.run)
        if view is None:
            raise NotFound(thing="run")
        seq = int(view["seq"])  # type: ignore[arg-type]  # a number, by its shape
        await self.tell({"type": "snapshot", "run": view, "seq": seq, **marks}, seq)
        return seq
