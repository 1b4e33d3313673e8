"""Networks that can be cut: a host reaches PostgreSQL through a door, from a network namespace where one can be made.

A cut makes packets vanish and closes nothing, as a pulled cable does. Without the right to make namespaces the door
itself holds back what it is given, in both directions, and hands it on late once it is healed. Which of the two it was
stands in the summary of the tests. MULGIL_TEST_NETWORK=namespace takes nothing less, =door asks for the door.
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

WANTED = os.environ.get("MULGIL_TEST_NETWORK", "")

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
    """One host's way to PostgreSQL. `before`: the words that put a command into it; `kind`: how it is cut; `told`: in
    words, and why."""

    def __init__(self) -> None:
        number = next(_numbers)
        self.before: list[str] = []
        self.kind = "door"
        self._name = f"mg{os.getpid() % 100_000}n{number}"
        subnet = f"198.18.{os.getpid() % 250}"
        ours, theirs = f"{subnet}.{4 * number + 1}", f"{subnet}.{4 * number + 2}"
        self.told = "each host in a network namespace of its own, cut by taking its link down"
        refusal = self._refusal(ours, theirs)
        if refusal:
            assert WANTED != "namespace", f"a network namespace can't be made: {refusal}"
            self.told = (
                f"each host behind a door that holds back what goes through, for there is no namespace: {refusal}"
            )
        else:
            self.kind = "namespace"
            self.before = ["ip", "netns", "exec", self._name]
        self.door = Door(ours if self.kind == "namespace" else "127.0.0.1")
        self.address = f"postgresql://{_who()}@{ours if self.before else '127.0.0.1'}:{self.door.port}/{_name()}"

    def _refusal(self, ours: str, theirs: str) -> str:
        """Make the namespace; why there can't be one, empty where there is."""
        name = self._name
        if WANTED == "door":
            return "the door was asked for"
        if shutil.which("ip") is None:
            return "the command ip is not installed"
        refusal = _refusal_of("netns", "add", name)
        if refusal:
            return refusal
        steps = (
            ("link", "add", name, "type", "veth", "peer", "name", "inside", "netns", name),
            ("addr", "add", f"{ours}/30", "dev", name),
            ("link", "set", name, "up"),
            ("-n", name, "addr", "add", f"{theirs}/30", "dev", "inside"),
            ("-n", name, "link", "set", "inside", "up"),
            ("-n", name, "link", "set", "lo", "up"),
        )
        refusal = next((said for step in steps if (said := _refusal_of(*step))), "")
        if refusal:
            _ip("netns", "del", name)
        return refusal

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
    return not _refusal_of(*words)


def _refusal_of(*words: str) -> str:
    """What `ip` said where it failed."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip() or f"ip {' '.join(words)} failed"


def _who() -> str:
    given: dict[str, Any] = connection.settings_dict
    secret = f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else ""
    return f"{quote(given['USER'])}{secret}"


def _name() -> str:
    return str(connection.settings_dict["NAME"])
