"""Networks that can be cut: a host reaches PostgreSQL through a door, from a network namespace where one can be made.

A cut makes packets vanish and closes nothing, as a pulled cable does. Without the right to make namespaces the door
itself holds back what it is given, in both directions, and hands it on late once it is healed.
"""

import asyncio
import itertools
import os
import shutil
import subprocess
import threading
from typing import Any
from urllib.parse import quote

from django.db import connection

_numbers = itertools.count(1)


class Door:
    """A forwarder of TCP to the tests' PostgreSQL, on a thread of its own."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._is_open = asyncio.Event()
        self._is_open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port: int = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._is_open.clear)

    def heal(self) -> None:
        self._loop.call_soon_threadsafe(self._is_open.set)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._carry, self._address, 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _end(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await self._is_open.wait()
        there, back = await _to_postgres()
        try:
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        except (OSError, asyncio.CancelledError):
            pass  # one side is gone, or the test is over
        finally:
            writer.close()
            back.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self._is_open.wait()
            writer.write(data)
            await writer.drain()
        await self._is_open.wait()
        raise ConnectionResetError


async def _to_postgres() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    given: dict[str, Any] = connection.settings_dict
    host, port = given["HOST"] or "/var/run/postgresql", given["PORT"] or 5432
    if host.startswith("/"):
        return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
    return await asyncio.open_connection(host, int(port))


class Network:
    """One host's way to PostgreSQL. `before`: the words that put a command into it; `kind`: how it is cut."""

    def __init__(self) -> None:
        number = next(_numbers)
        self.before: list[str] = []
        self.kind = "door"
        self._name = f"mg{os.getpid() % 100_000}n{number}"
        subnet = f"198.18.{os.getpid() % 250}"
        ours, theirs = f"{subnet}.{4 * number + 1}", f"{subnet}.{4 * number + 2}"
        if self._makes_namespace(ours, theirs):
            self.kind = "namespace"
            self.before = ["ip", "netns", "exec", self._name]
        self.door = Door(ours if self.kind == "namespace" else "127.0.0.1")
        self.address = f"postgresql://{_who()}@{ours if self.before else '127.0.0.1'}:{self.door.port}/{_name()}"

    def _makes_namespace(self, ours: str, theirs: str) -> bool:
        name = self._name
        if os.environ.get("MULGIL_TEST_NETWORK") == "door" or shutil.which("ip") is None:
            return False
        if not _ip("netns", "add", name):
            return False
        made = (
            _ip("link", "add", name, "type", "veth", "peer", "name", "inside", "netns", name)
            and _ip("addr", "add", f"{ours}/30", "dev", name)
            and _ip("link", "set", name, "up")
            and _ip("-n", name, "addr", "add", f"{theirs}/30", "dev", "inside")
            and _ip("-n", name, "link", "set", "inside", "up")
            and _ip("-n", name, "link", "set", "lo", "up")
        )
        if not made:
            _ip("netns", "del", name)
        return made

    def cut(self) -> None:
        if self.before:
            assert _ip("link", "set", self._name, "down")
        else:
            self.door.cut()

    def heal(self) -> None:
        if self.before:
            assert _ip("link", "set", self._name, "up")
        else:
            self.door.heal()

    def close(self) -> None:
        self.door.close()
        if self.before:
            _ip("link", "del", self._name)
            _ip("netns", "del", self._name)


def _ip(*words: str) -> bool:
    return subprocess.run(["ip", *words], capture_output=True, check=False).returncode == 0


def _who() -> str:
    given: dict[str, Any] = connection.settings_dict
    secret = f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else ""
    return f"{quote(given['USER'])}{secret}"


def _name() -> str:
    return str(connection.settings_dict["NAME"])
