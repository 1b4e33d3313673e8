"""The channel layer of several web processes: channels in memory, and a bridge of Redis between the processes.

Decides: that a socket never fails, waits or ends because Redis is away; then a process hears of its own people
alone. Refuses to know what is said. What is sent may be lost; whoever sends says so again (signs of life).
"""

import asyncio
import contextlib
import logging
import random
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final
from weakref import WeakKeyDictionary

import orjson
from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from builder_ui.redis_watch import PATIENCE, watch

CHANNEL: Final = "mulgil.hints"
MOST: Final = 1_000
"""Words that may wait to be carried; of more the oldest are dropped."""
PING_EVERY: Final = 5.0
SILENT: Final = 12.0
"""Seconds without a word, not even an answer to a ping, after which Redis is taken for gone."""
AGAIN_AFTER: Final = 2.0

Word = dict[str, Any]
log = logging.getLogger(__name__)


class Bridge:
    """Carries words to the other processes and theirs here, as long as its loop runs."""

    def __init__(self, url: str, hear: Callable[[Word], Awaitable[None]]) -> None:
        self._url = url
        self._hear = hear
        self._waiting: deque[bytes] = deque(maxlen=MOST)
        self._filled = asyncio.Event()
        self._begin()

    def put(self, word: Word) -> None:
        self._waiting.append(orjson.dumps(word))
        self._filled.set()

    def _begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name="bridge")
        self._task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """By an error that nobody foresaw, as at words that aren't ours."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the bridge between web processes fell and is built again", exc_info=error)
            task.get_loop().call_later(AGAIN_AFTER, self._begin)

    async def _run(self) -> None:
        while True:
            try:
                await self._carry()
            except (RedisError, OSError, TimeoutError) as error:
                watch.failed(error)
            await asyncio.sleep(AGAIN_AFTER * random.uniform(0.5, 1.0))  # noqa: S311  # not for secrets

    async def _carry(self) -> None:
        """Until Redis is gone. Raises what it went by."""
        redis = Redis.from_url(
            self._url,
            protocol=2,
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        async with redis, redis.pubsub() as hearing:
            await hearing.subscribe(CHANNEL)
            watch.answered()
            self._waiting.clear()  # what waited for long is true no more
            both = [asyncio.ensure_future(self._listen(hearing)), asyncio.ensure_future(self._tell(redis))]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in both:
                    task.cancel()
                ends = await asyncio.gather(*both, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _listen(self, hearing: Any) -> None:
        loop = asyncio.get_running_loop()
        heard = pinged = loop.time()
        while True:
            message = await hearing.get_message(ignore_subscribe_messages=True, timeout=1.0)
            now = loop.time()
            if message is not None:
                heard = now
                if message["type"] == "message":
                    await self._hear(orjson.loads(message["data"]))
            if now - heard > SILENT:
                raise TimeoutError("it is silent")
            if now - pinged > PING_EVERY:
                pinged = now
                await hearing.ping()

    async def _tell(self, redis: Redis) -> None:
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._waiting:
                await redis.publish(CHANNEL, self._waiting.popleft())


class BridgedLayer(InMemoryChannelLayer):
    """Channels' own layer in memory, and the bridge. `url` is Redis's."""

    def __init__(self, url: str, **given: Any) -> None:
        super().__init__(**given)
        self._url = url
        self._process = secrets.token_hex(8)
        self._bridges: WeakKeyDictionary[asyncio.AbstractEventLoop, Bridge] = WeakKeyDictionary()

    async def new_channel(self, prefix: str = "specific.") -> str:
        """A name that says which process it is of."""
        self._bridge()
        return str(await super().new_channel(self._process))

    async def send(self, channel: str, message: Word) -> None:
        """To a channel of this process at once, to another's over the bridge. Raises ChannelFull for one of our own."""
        if channel.startswith(self._process):
            await super().send(channel, message)
        else:
            self._bridge().put({"by": self._process, "channel": channel, "message": message})

    async def group_send(self, group: str, message: Word) -> None:
        """To all in the group: here at once, elsewhere over the bridge."""
        await super().group_send(group, message)
        self._bridge().put({"by": self._process, "group": group, "message": message})

    def _bridge(self) -> Bridge:
        loop = asyncio.get_running_loop()
        found = self._bridges.get(loop)
        if found is None:
            found = self._bridges[loop] = Bridge(self._url, self._heard)
        return found

    async def _heard(self, word: Word) -> None:
        if word["by"] == self._process:
            return
        if "group" in word:
            await super().group_send(word["group"], word["message"])
        elif word["channel"].startswith(self._process):
            with contextlib.suppress(ChannelFull):
                await super().send(word["channel"], word["message"])
