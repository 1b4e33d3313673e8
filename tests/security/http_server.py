"""A real HTTP server in the test's own loop: it answers what it is told and keeps what it was sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """`raw` goes over the wire as it is, in place of everything else; `cut` closes before it all is sent."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    delay: float = 0
    is_cut: bool = False


Route = Reply | Callable[[Request], Reply]


class Routes(Protocol):
    """What answers by paths: a dictionary, or what finds the route by itself."""

    def get(self, path: str, otherwise: Route, /) -> Route: ...


@dataclass
class Server:
    port: int = 0
    scheme: str = "http"
    routes: Routes = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    peers: list[str] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.peers.append(writer.get_extra_info("sockname")[0])
        try:
            while (request := await _read(reader)) is not None:
                self.requests.append(request)
                route = self.routes.get(request.target.partition("?")[0], Reply(404))
                reply = route(request) if callable(route) else route
                await asyncio.sleep(reply.delay)
                writer.write(_written(request, reply))
                await writer.drain()
                if reply.raw is not None or reply.is_cut:
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _version = first.split(" ")
    headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    return Request(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def _written(request: Request, reply: Reply) -> bytes:
    if reply.raw is not None:
        return reply.raw
    headers = {"Content-Type": "application/json", "Content-Length": str(len(reply.body)), **reply.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = b"" if request.method == "HEAD" else reply.body
    whole = f"HTTP/1.1 {reply.status} It is\r\n{head}\r\n".encode() + body
    return whole[: len(whole) // 2] if reply.is_cut else whole


@asynccontextmanager
async def http_server(
    routes: Routes | None = None, *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    """The server, for as long as the context lasts, on a port of its own."""
    server = Server(routes=routes or {}, scheme="https" if tls else "http")
    listening = await asyncio.start_server(server.serve, address, 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
