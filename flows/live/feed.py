"""What all sockets share: the door, the credit, the silence, the end of a right.

A feed pumps: it looks, sends what is new, and waits to be woken. A client acknowledges what it has taken in; one
that doesn't is sent no events beyond its credit but, once, the state as it is, and is let go after a silence.
"""

import asyncio
import contextlib
import logging
from collections import deque
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs

import orjson
import psycopg
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, InterfaceError

from flows.errors import MulgilError
from flows.live.doors import check_origin, enter, headers_of
from flows.live.hub import Watch, hub
from flows.observe.lasting import watched
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.security import safejson
from flows.security.safejson import Json

CREDIT: Final = 64 * 1024
FRAME: Final = 64 * 1024
SILENCE: Final = 30.0
LOOK_EVERY: Final = 5.0
# What nobody tells of (a token that runs out, a sign-out, a user switched off) ends a socket within this time.
RIGHT_EVERY: Final = 60.0

BAD_MESSAGE: Final = 4400
NO_RIGHT: Final = 4403
SILENT: Final = 4408
TOO_BIG: Final = 1009
AWAY: Final = 1013

log = logging.getLogger(__name__)


class Credit:
    """Bytes sent and not acknowledged, by the seq they went up to."""

    __slots__ = ("_sent", "since", "unacked")

    def __init__(self) -> None:
        self._sent: deque[tuple[int, int]] = deque()
        self.unacked = 0
        self.since: float | None = None

    def spend(self, seq: int, size: int, now: float) -> None:
        self._sent.append((seq, size))
        self.unacked += size
        if self.since is None:
            self.since = now

    def ack(self, seq: int, now: float) -> None:
        """All up to `seq` was taken in."""
        while self._sent and self._sent[0][0] <= seq:
            self.unacked -= self._sent.popleft()[1]
        self.since = now if self._sent else None

    @property
    def is_spent(self) -> bool:
        return self.unacked > CREDIT

    def silent_for(self, now: float) -> float:
        """Seconds since something should have been acknowledged."""
        return 0.0 if self.since is None else now - self.since


class Feed(AsyncWebsocketConsumer):
    """One socket. What it shows is its subclass's."""

    permission: ClassVar[Permission] = Permission.RUNS_READ
    gathers: ClassVar[float] = 0.0
    """Seconds for which it gathers what changes before it looks."""

    actor: Actor
    credit: Credit
    query: dict[str, str]
    _pumping: asyncio.Task[None] | None = None
    _failing: asyncio.Task[None] | None = None
    _admitted_at: float = 0.0
    _acked: asyncio.Event

    async def connect(self) -> None:
        self.credit, self._acked = Credit(), asyncio.Event()
        self.query = {
            name: values[-1] for name, values in parse_qs(self.scope.get("query_string", b"").decode("latin-1")).items()
        }
        try:
            await database_sync_to_async(self._admit)()
        except MulgilError as error:
            log.debug("a socket was refused: %s", error.message)
            await self.close()
            return
        except (DatabaseError, InterfaceError):
            await self.close()
            return
        self._admitted_at = self._now()
        await self.accept()
        pumping = asyncio.get_running_loop().create_task(self._pump(), name="feed")
        self._pumping = watched("a socket's feed", pumping, self._fail)

    def _fail(self) -> None:
        """Nothing more would come: the client is to ask anew."""
        self._failing = asyncio.get_running_loop().create_task(self.close(AWAY), name="failed feed")

    async def disconnect(self, code: int) -> None:
        if self._pumping is not None:
            self._pumping.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """An acknowledgement, or what its feed wants to hear; anything else ends the socket."""
        size = FRAME + 1 if text_data is None else len(text_data.encode())
        if text_data is None or size > FRAME:
            await self.close(TOO_BIG)
            return
        try:
            message = safejson.loads(text_data)
        except MulgilError:
            message = None
        seq = message.get("seq") if isinstance(message, dict) and message.get("type") == "ack" else None
        if not isinstance(seq, int) or isinstance(seq, bool):
            if not await self.hear(message, size):
                await self.close(BAD_MESSAGE)
            return
        self.credit.ack(seq, self._now())
        self._acked.set()
        await self.acknowledged()

    def topics(self) -> list[str]:
        """What wakes it, beside changes of its user's rights."""
        raise NotImplementedError

    def admit(self, actor: Actor) -> None:
        """Raise NotFound unless what is asked for is the actor's. Sync, in a thread."""

    async def hear(self, message: Json, size: int) -> bool:
        """What a client says beside acknowledging, of so many bytes; whether it may be said here."""
        return False

    async def acknowledged(self) -> None:
        """The client has taken something in."""

    async def begin(self) -> None:
        """Send the state as it is."""
        raise NotImplementedError

    async def go_on(self, hints: set[str], missed: bool) -> None:
        """Send what is new. `hints` are the ids that changed; `missed`: others may have."""
        raise NotImplementedError

    async def tell(self, message: dict[str, Any], seq: int) -> None:
        """Send a message that is to be acknowledged by `seq`. A snapshot uses up no credit: it is what helps out."""
        text = orjson.dumps(message).decode()
        self.credit.spend(seq, 0 if message["type"] == "snapshot" else len(text), self._now())
        await self.send(text)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _admit(self) -> None:
        headers = headers_of(self.scope)
        check_origin(self.scope, headers)
        actor = enter(self.scope, headers, headers.get("x-workspace") or self.query.get("workspace"))
        access.require(actor, self.permission)
        self.admit(actor)
        self.actor = actor

    async def _pump(self) -> None:
        user = f"user:{self.actor.user}"
        try:
            async with hub().watching(user, *self.topics()) as watch:
                await self.begin()
                while await self._wait(watch):
                    hints, missed = watch.take()
                    old = self._now() - self._admitted_at >= RIGHT_EVERY
                    if (missed or old or str(self.actor.user) in hints) and not await self._may_still():
                        await self.close(NO_RIGHT)
                        return
                    await self.go_on(hints - {str(self.actor.user)}, missed)
        except (DatabaseError, InterfaceError, psycopg.Error) as error:
            log.warning("a socket lost the database: %s", error)
            await self.close(AWAY)

    async def _wait(self, watch: Watch) -> bool:
        """Until there may be something to send; False once the client has been silent too long."""
        while self.credit.is_spent:
            left = SILENCE - self.credit.silent_for(self._now())
            if left <= 0:
                break
            self._acked.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._acked.wait()
        if self.credit.silent_for(self._now()) >= SILENCE:
            await self.close(SILENT)
            return False
        await watch.wait(LOOK_EVERY)
        if self.gathers:
            await asyncio.sleep(self.gathers)
        return True

    async def _may_still(self) -> bool:
        try:
            await database_sync_to_async(self._admit)()
        except MulgilError:
            return False
        self._admitted_at = self._now()
        return True
