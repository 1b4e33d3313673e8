"""A suspect step in a process of its own, so that what kills a process kills nothing else.

After an executor vanished, the step it was performing is performed here. A nursery, forked from the worker
host while it had neither threads nor connections, forks a child for each request; where there is none (a
single command, a test) a fresh interpreter is started. A child that ends without an answer has died.
"""

import asyncio
import os
import signal
import socket
import ssl
import struct
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
from flows.nodes.results import Answer, Call, Items, Publish, Result, Stop, WaitFor, WaitUntil
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

_LENGTH: Final = struct.Struct("!Q")
_RESULTS: Final[Mapping[str, type[Any]]] = {
    one.__name__: one for one in (Answer, WaitUntil, WaitFor, Stop, Items, Call, Publish)
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


class AloneFailed(MulgilError):
    """{reason}"""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        # The class of the child's error stays there; what the engine reads of it comes over.
        self.code: str = fields["code"]  # type: ignore[misc]  # of this one error, not of the class
        self.klass: ErrorClass = fields["klass"]  # type: ignore[misc]  # as above
        self.hint: str = fields["hint"]  # type: ignore[misc]  # as above
        self.details: Json = fields["details"]
        super().__init__(reason=fields["message"])


def result_from(reply: AloneReply) -> Result:
    """The result of a reply. Raises the error it carries."""
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

    async def perform(self, request: AloneRequest) -> AloneReply | None:
        """What the step answered; None when its process died. Cutting it kills it."""
        async with self._room, _child() as (reader, writer):
            try:
                data = request.to_bytes()
                writer.write(_LENGTH.pack(len(data)) + data)
                await writer.drain()
                (size,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
                return AloneReply(**orjson.loads(await reader.readexactly(size)))
            except (asyncio.IncompleteReadError, ConnectionError):
                return None


@asynccontextmanager
async def _child() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """The line to a fresh child, which ends when the line is cut."""
    path = os.environ.get(NURSERY)
    process = None
    if path:
        reader, writer = await asyncio.open_unix_connection(path)
    else:
        here, there = socket.socketpair()
        with there:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "flows.runtime.alone", str(there.fileno()), pass_fds=[there.fileno()]
            )
        reader, writer = await asyncio.open_connection(sock=here)
    try:
        yield reader, writer
    finally:
        writer.close()
        if process is not None:
            await process.wait()


def start_nursery() -> str:
    """Fork the nursery; the path it listens at. For a process without threads and connections."""
    path = str(Path(tempfile.mkdtemp(prefix="mulgil-")) / "nursery")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    parent = os.getpid()
    if os.fork() == 0:
        die_with_parent(parent)
        # Made once for all children: it is what takes longest of what they need.
        _nurse(listener, httpx.create_ssl_context(trust_env=False))
    listener.close()
    return path


def _nurse(listener: socket.socket, trust: ssl.SSLContext) -> None:
    """Fork a child for each request, for ever."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    nurse = os.getpid()
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            die_with_parent(nurse)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _serve(connection, trust)
        connection.close()


def _serve(connection: socket.socket, trust: ssl.SSLContext | None = None) -> None:
    """Answer one request and end the process."""
    stream = connection.makefile("rwb")
    head = stream.read(_LENGTH.size)
    data = stream.read(*_LENGTH.unpack(head)) if len(head) == _LENGTH.size else b""
    if not data:
        os._exit(0)  # cut before it was asked
    request = AloneRequest.from_bytes(data)
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    reply = orjson.dumps(asyncio.run(_performed(request, trust)))
    stream.write(_LENGTH.pack(len(reply)) + reply)
    stream.flush()
    os._exit(0)


def _end_with(connection: socket.socket) -> None:
    """End at once when the executor has gone or has cut the attempt."""
    connection.recv(1)
    os._exit(1)


async def _performed(request: AloneRequest, trust: ssl.SSLContext | None) -> dict[str, Any]:
    async with equipped(sandboxes=1, trust=trust) as tools:
        context = Context(
            key=request.key, run=request.run, attempt=request.attempt, clock=request.clock, began=request.began, seed=request.seed,
            deadline=request.deadline, input=request.input, credential=request.credential, http=tools.http,
            egress=tools.egress, sandbox=tools.sandbox, own_database=request.own_database, time=SystemClock(),
            lock_token=request.lock_token,
        )  # fmt: skip
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
        "not_sent": isinstance(error, NotSent),
        "retry_after": error.retry_after if isinstance(error, Recoverable) else None,
    }


if __name__ == "__main__":
    django.setup()
    _serve(socket.socket(fileno=int(sys.argv[1])))
