"""Daphne, with the limits it lacks.

Decides: that a body over the cap is refused before it is taken in (declared by Content-Length or counted
chunk by chunk), how large a WebSocket frame that comes in may be, and that the server listens on a socket opened by
others. Refuses to know the application.
"""

import json
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from daphne import server as daphne  # first: it installs the asyncio reactor
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer
from twisted.internet import reactor as installed_reactor

# What is installed is known only at run time.
reactor: Any = installed_reactor

BODY_CAP = 10 * 1024 * 1024
FRAME_CAP = 64 * 1024
LINGER = 2.0


class LimitedRequest(WebRequest):  # type: ignore[misc]  # Daphne has no types
    """A request whose body may not grow beyond the cap."""

    received = 0
    refused = False

    def gotLength(self, length: int | None) -> None:
        """Refuse a declared length over the cap before the first byte of it."""
        super().gotLength(min(length, BODY_CAP) if length else length)
        if length is not None and length > BODY_CAP:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        """Count what arrives; what comes after the refusal is dropped."""
        self.received += len(data)
        if self.received > BODY_CAP:
            self._refuse()
        if not self.refused:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Hand on only what was not refused."""
        if not self.refused:
            super().requestReceived(command, path, version)

    def _refuse(self) -> None:
        # The answer is written, our half is closed, and what still arrives is read and dropped for a moment: closing
        # with unread bytes would reset the connection, and the client would never see why.
        if self.refused:
            return
        self.refused = True
        transport = self.channel.transport
        transport.write(_too_large())
        transport.loseWriteConnection()
        reactor.callLater(LINGER, transport.abortConnection)


class LimitedFactory(HTTPFactory):  # type: ignore[misc]  # Daphne has no types
    """Makes every connection's requests limited ones."""

    def buildProtocol(self, addr: Any) -> Any:
        """One connection."""
        protocol = super().buildProtocol(addr)
        # Who is asked reads the body; Twisted would read forms as well, and each Content-Type as an e-mail's for that.
        protocol.requestFactory = partial(LimitedRequest, parsePOSTFormSubmission=False)
        return protocol


class RoomySocket(WebSocketProtocol):  # type: ignore[misc]  # Daphne has no types
    """A socket whose cap is for what comes in: what we say of a long run may be long."""

    maxMessagePayloadSize: int  # noqa: N815  # the name is autobahn's

    def sendMessage(self, *args: Any, **kwargs: Any) -> None:
        """Send it whatever its size; autobahn holds one cap against both directions."""
        cap, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
        try:
            super().sendMessage(*args, **kwargs)
        finally:
            self.maxMessagePayloadSize = cap


class Server(daphne.Server):  # type: ignore[misc]  # Daphne has no types
    """Daphne on a socket that is bound already."""

    def __init__(self, application: Callable[..., Any], listening: socket.socket) -> None:
        super().__init__(
            application,
            endpoints=["ours"],
            signal_handlers=True,
            ready_callable=self._listen,
            websocket_max_message_size=FRAME_CAP,
            websocket_max_frame_size=FRAME_CAP,
            verbosity=0,
            server_name="",
        )
        self.endpoints: list[str] = []
        self.listening = listening

    def kill_all_applications(self) -> Any:
        """Cancel what still runs; connections whose application has ended are passed over."""
        running = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details and not details["application_instance"].done()
        ]
        for application in running:
            application.cancel()
        waits = [defer.Deferred.fromFuture(application) for application in running]
        return defer.DeferredList(waits, consumeErrors=True)

    def _listen(self) -> None:
        # Twisted takes what waits until nothing does; a blocking socket would stop it there for ever.
        self.listening.setblocking(False)
        self.listening.listen(1024)
        self.ws_factory.protocol = RoomySocket
        reactor.adoptStreamPort(self.listening.fileno(), self.listening.family, LimitedFactory(self))


def _too_large() -> bytes:
    problem = {
        "type": "about:blank",
        "title": "Content Too Large",
        "status": 413,
        "code": "body_too_large",
        "detail": f"The body is larger than {BODY_CAP // 1024 // 1024} MiB.",
        "hint": "Send it in parts, or store it elsewhere and send its address.",
    }
    body = json.dumps(problem).encode()
    head = (
        "HTTP/1.1 413 Content Too Large\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
