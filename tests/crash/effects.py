"""The world outside: a server that takes keyed effects and answers reads that are never the same twice."""

import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any


class Quiet(ThreadingHTTPServer):
    """Clients that are killed in mid-sentence are what this is about."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *args: Any) -> None:
        """Nothing to tell."""


class World:
    """`sent`: idempotency key -> what was sent under it, in order. It outlives every process of ours."""

    def __init__(self) -> None:
        self.sent: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.lock = threading.Lock()
        self._reads = count(1)
        self._server = Quiet(("127.0.0.1", 0), _answering(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def read(self) -> int:
        return next(self._reads)


def _answering(world: World) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with world.lock:
                value = world.read()
            self._answer({"value": value})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with world.lock:
                world.sent[self.headers["Idempotency-Key"]].append(body)
            self._answer({"taken": True})

        def _answer(self, value: dict[str, Any]) -> None:
            data = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            """A test's server keeps quiet."""

    return Answering
