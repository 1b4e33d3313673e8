"""As much of a Redis as the site asks for: counters that expire, and words to whoever listens; it can fall silent and die."""

import asyncio
import threading
import time
from collections import defaultdict
from typing import Any

Word = list[bytes]


class SmallRedis:
    """On a thread of its own; `die` closes it with all connections, `start` brings it back at the same port, empty."""

    def __init__(self) -> None:
        self.port = 0
        self.is_silent = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._values: dict[bytes, tuple[bytes, float]] = {}
        self._listeners: defaultdict[bytes, set[asyncio.StreamWriter]] = defaultdict(set)
        self._tasks: set[asyncio.Task[None]] = set()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()

    def die(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()

    def close(self) -> None:
        self.die()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def listeners(self) -> int:
        return sum(map(len, self._listeners.values()))

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            while head := await reader.readline():
                words = [await self._word(reader) for _ in range(int(head[1:]))]
                if not self.is_silent:
                    writer.write(self._answer(words[0].upper(), words[1:], writer))
                    await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client is gone, or this server is to be
        finally:
            for listeners in self._listeners.values():
                listeners.discard(writer)
            writer.transport.abort()

    async def _word(self, reader: asyncio.StreamReader) -> bytes:
        size = int((await reader.readline())[1:])
        return (await reader.readexactly(size + 2))[:-2]

    def _answer(self, command: bytes, given: Word, writer: asyncio.StreamWriter) -> bytes:
        match command:
            case b"SUBSCRIBE":
                self._listeners[given[0]].add(writer)
                return _list(b"subscribe", given[0], 1)
            case b"PUBLISH":
                heard = self._listeners[given[0]]
                for listener in heard:
                    listener.write(_list(b"message", *given))
                return b":%d\r\n" % len(heard)
            case b"PING":
                return _list(b"pong", given[0] if given else b"") if writer in self._all() else b"+PONG\r\n"
            case b"GET":
                found = self._values.get(given[0])
                return _bulk(found[0]) if found is not None and found[1] > time.monotonic() else b"$-1\r\n"
            case b"SET":
                return self._set(given)
            case b"INCRBY":
                value, until = self._values[given[0]]
                self._values[given[0]] = b"%d" % (int(value) + int(given[1])), until
                return b":%d\r\n" % (int(value) + int(given[1]))
            case b"EXISTS":
                return b":%d\r\n" % (given[0] in self._values)
            case b"FLUSHDB":
                self._values.clear()
        return b"+OK\r\n"

    def _set(self, given: Word) -> bytes:
        rest = [word.upper() for word in given[2:]]
        if b"NX" in rest and given[0] in self._values:
            return b"$-1\r\n"
        seconds = float(rest[rest.index(b"EX") + 1]) if b"EX" in rest else 1e9
        self._values[given[0]] = given[1], time.monotonic() + seconds
        return b"+OK\r\n"

    def _all(self) -> set[asyncio.StreamWriter]:
        return set().union(*self._listeners.values())


def _bulk(value: bytes) -> bytes:
    return b"$%d\r\n%s\r\n" % (len(value), value)


def _list(*values: Any) -> bytes:
    told = (b":%d\r\n" % value if isinstance(value, int) else _bulk(value) for value in values)
    return b"*%d\r\n%s" % (len(values), b"".join(told))
