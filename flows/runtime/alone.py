"""A suspect step in a process of its own, so that what kills a process kills nothing else.

After an executor vanished, the step it was performing is performed here. A nursery, forked from the worker
host while it had neither threads nor connections, forks a child for each request; where there is none (a
single command, a test) a fresh interpreter is started. A child that ends without an answer has died. Over the
same line it is told that it is to come to its end; when the line is cut it ends at once.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import ssl
import struct
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import django
import httpx
import orjson

from flows.dsl.instants import Instant
from flows.errors import ErrorClass, MulgilError
from flows.nodes.base import NodeType, Step
from flows.nodes.errors import NotSent, Recoverable
from flows.nodes.installed import catalogue
from flows.nodes.results import Again, Answer, Call, Deployed, Items, Publish, Result, Stop, WaitFor, WaitUntil
from flows.runtime.clock import SystemClock
from flows.runtime.context import Context
from flows.runtime.equipment import equipped
from flows.runtime.errors import NodeTypeMissing
from flows.runtime.foreign import ForeignCode
from flows.runtime.process import die_with_parent
from flows.security.credentials import Credential
from flows.security.safejson import Json

NURSERY: Final = "MULGIL_NURSERY"
"""The environment variable that says where the nursery listens; set by the worker host for its own processes."""

log = logging.getLogger(__name__)

_LENGTH: Final = struct.Struct("!Q")
_TOLD: Final = b"!"
"""What goes over the line behind the request when the attempt is to come to its end."""
_RESULTS: Final[Mapping[str, type[Any]]] = {
    one.__name__: one for one in (Answer, WaitUntil, Again, WaitFor, Stop, Items, Call, Publish)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AloneRequest:
    """A step to perform alone: its resolved config and its surroundings."""

    type: str
    config: Json
    run: UUID
    key: str
    attempt: int
    clock: Instant
    began: Instant
    seed: int
    deadline: Instant | None
    input: Json
    credential: Credential | None
    own_database: str | None
    lock_token: int | None
    state: dict[str, Json] | None
    leaving: bool = False

    def to_bytes(self) -> bytes:
        fields = {name: getattr(self, name) for name in self.__slots__ if name not in ("run", "credential")}
        secret = self.credential
        given = secret and {
            "name": secret.name,
            "kind": secret.kind,
            "values": {name: secret[name] for name in secret},
            "hosts": list(secret.hosts),
        }
        return orjson.dumps({**fields, "run": str(self.run), "credential": given})

    @classmethod
    def from_bytes(cls, data: bytes) -> "AloneRequest":
        fields = orjson.loads(data)
        secret = fields.pop("credential")
        credential = secret and Credential(secret["name"], secret["kind"], secret["values"], tuple(secret["hosts"]))
        return cls(**(fields | {"run": UUID(fields["run"]), "credential": credential}))


@dataclass(frozen=True, slots=True, kw_only=True)
class AloneReply:
    """What a child answered: the result's class and fields, or the error's."""

    result: str | None
    fields: dict[str, Any]
    logs: list[Json]


NOT_BEGUN: Final = AloneReply(result=None, fields={}, logs=[])
"""Of a step that was told to end before there was room for it: nothing of it was performed."""


class AloneFailed(MulgilError):
    """{reason}"""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        # The class of the child's error stays there; what the engine reads of it comes over.
        self.code: str = fields["code"]  # type: ignore[misc]  # of this one error, not of the class
        self.klass: ErrorClass = fields["klass"]  # type: ignore[misc]  # as above
        self.hint: str = fields["hint"]  # type: ignore[misc]  # as above
        self.details: Json = fields["details"]
        self.deployment: dict[str, Json] | None = fields["deployment"]
        super().__init__(reason=fields["message"])


def result_from(reply: AloneReply) -> Result:
    """The result of a reply. Raises the error it carries."""
    if reply.result == Deployed.__name__:
        inner = reply.fields["result"]
        kind = Again if "instant" in inner else Answer
        return Deployed(kind(**inner), reply.fields["told"])
    if reply.result is not None:
        return _RESULTS[reply.result](**reply.fields)  # type: ignore[no-any-return]  # one of these
    if reply.fields["not_sent"]:
        raise NotSent(reply.fields["message"])
    if reply.fields["klass"] == "recoverable":
        raise Recoverable(reply.fields["message"], retry_after=reply.fields["retry_after"])
    raise AloneFailed(reply.fields)


class Alone:
    """Has steps performed in processes of their own, a few at a time: after a host died there may be hundreds."""

    def __init__(self, at_once: int = 4) -> None:
        self._room = asyncio.Semaphore(at_once)

    async def perform(self, request: AloneRequest, until_told: Callable[[], Awaitable[None]]) -> AloneReply | None:
        """What the step answered; None when its process died. Cutting it kills it.

        `until_told`: returns when the attempt is to come to its end; the step hears of it wherever it is.
        """
        told = asyncio.ensure_future(until_told())
        try:
            async with self._place(told) as is_free:
                return await _asked(request, told) if is_free else NOT_BEGUN
        finally:
            told.cancel()

    @asynccontextmanager
    async def _place(self, told: "asyncio.Future[None]") -> AsyncIterator[bool]:
        """Room for one more; False where it was told to end before there was any."""
        entering = asyncio.ensure_future(self._room.acquire())
        try:
            await asyncio.wait((entering, told), return_when=asyncio.FIRST_COMPLETED)
            yield not told.done()
        finally:
            if not entering.cancel():
                self._room.release()


async def _asked(request: AloneRequest, told: "asyncio.Future[None]") -> AloneReply | None:
    async with _child() as (reader, writer):
        try:
            data = request.to_bytes()
            writer.write(_LENGTH.pack(len(data)) + data)
            told.add_done_callback(partial(_pass_on, writer))
            await writer.drain()
            (size,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
            return AloneReply(**orjson.loads(await reader.readexactly(size)))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None


def _pass_on(writer: asyncio.StreamWriter, told: "asyncio.Future[None]") -> None:
    if not told.cancelled() and not writer.is_closing():
        writer.write(_TOLD)


@asynccontextmanager
async def _child() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """The line to a fresh child, which ends when the line is cut."""
    path, process = os.environ.get(NURSERY), None
    line = await _line_to(path) if path else None
    if line is None:
        here, there = socket.socketpair()
        with there:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "flows.runtime.alone", str(there.fileno()), pass_fds=[there.fileno()]
            )
        line = await asyncio.open_connection(sock=here)
    reader, writer = line
    try:
        yield reader, writer
    finally:
        writer.close()
        if process is not None:
            await process.wait()


async def _line_to(nursery: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    try:
        return await asyncio.open_unix_connection(nursery)
    except OSError as error:
        # Whatever became of its socket: that is never the fault of a step.
        log.warning("the nursery is not there, a fresh interpreter is: %s", error)
        return None


class Nursery:
    """Kept by a process without threads and connections, from which it is forked, and again should it die.

    Who asks while it isn't there waits at the door, which its keeper holds open.
    """

    def __init__(self) -> None:
        self.path = str(Path(tempfile.mkdtemp(prefix="mulgil-")) / "nursery")
        self.pid = 0
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(self.path)
        self._door.listen(64)
        self.look()

    def look(self) -> None:
        """Fork it where it isn't there."""
        if self.pid and os.waitpid(self.pid, os.WNOHANG)[0] != self.pid:
            return
        keeper = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                die_with_parent(keeper)
                # Made once for all children: it is what takes longest of what they need.
                _nurse(self._door, httpx.create_ssl_context(trust_env=False))
            finally:
                os._exit(1)


def _nurse(door: socket.socket, trust: ssl.SSLContext) -> None:
    """Fork a child for each request, for ever."""
    # An orderly stop of the whole group is none of a step's doing: its executor cuts it when it leaves.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    nurse = os.getpid()
    while True:
        connection, _ = door.accept()
        if _fork() == 0:
            door.close()
            die_with_parent(nurse)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _serve(connection, trust)
        connection.close()


def _fork() -> int:
    """As soon as there is room for another process."""
    while True:
        try:
            return os.fork()
        except OSError:
            time.sleep(0.1)


def _serve(connection: socket.socket, trust: ssl.SSLContext | None = None) -> None:
    """Answer one request and end the process."""
    head = connection.recv(_LENGTH.size, socket.MSG_WAITALL)
    size = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
    data = connection.recv(size, socket.MSG_WAITALL)
    if not data or len(data) < size:
        os._exit(0)  # cut before it was asked
    reply = orjson.dumps(asyncio.run(_performed(AloneRequest.from_bytes(data), connection, trust)))
    connection.sendall(_LENGTH.pack(len(reply)) + reply)
    os._exit(0)


def _hear(connection: socket.socket, tell: Callable[[], object]) -> None:
    """Pass on what is told, and end at once when the executor has gone or has cut the attempt."""
    try:
        while connection.recv(1):
            with contextlib.suppress(RuntimeError):  # it has just ended by itself
                tell()
    finally:  # a line may also be reset
        os._exit(1)


async def _performed(request: AloneRequest, connection: socket.socket, trust: ssl.SSLContext | None) -> dict[str, Any]:
    async with equipped(sandboxes=1, trust=trust) as tools:
        context = Context(
            key=request.key, run=request.run, attempt=request.attempt, clock=request.clock, began=request.began, seed=request.seed,
            deadline=request.deadline, input=request.input, credential=request.credential, http=tools.http,
            egress=tools.egress, sandbox=tools.sandbox, own_database=request.own_database, time=SystemClock(),
            lock_token=request.lock_token, state=request.state, leaving=request.leaving,
        )  # fmt: skip
        tell = partial(asyncio.get_running_loop().call_soon_threadsafe, context.tell)
        threading.Thread(target=_hear, args=(connection, tell), daemon=True).start()
        with ForeignCode() as code:
            node_type = _type_named(request.type)
            result = await node_type.perform(node_type.validate(request.config), Step(context))
            fields = {name: getattr(result, name) for name in result.__slots__}
            return {"result": type(result).__name__, "fields": fields, "logs": context.logs}
    assert code.error is not None
    return {"result": None, "fields": failure_told(code.error), "logs": context.logs}


def _type_named(name: str) -> NodeType:
    found = catalogue().get(name)
    if found is None:
        raise NodeTypeMissing(name=name)
    return found


def failure_told(error: Exception) -> dict[str, Any]:
    known = error if isinstance(error, MulgilError) else None
    return {
        "code": known.code if known else "node_raised",
        "klass": known.klass if known else "permanent",
        "hint": known.hint if known else "",
        "message": known.message if known else f"{type(error).__name__}: {error}",
        "details": getattr(error, "details", None),
        "deployment": getattr(error, "deployment", None),
        "not_sent": isinstance(error, NotSent),
        "retry_after": error.retry_after if isinstance(error, Recoverable) else None,
    }


if __name__ == "__main__":
    django.setup()
    _serve(socket.socket(fileno=int(sys.argv[1])))
