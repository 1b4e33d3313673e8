"""A target that really serves: it loads a model's files when a variant is placed, and answers requests from it by weight.

It keeps to what the guide says an HTTP target answers. A model is a JSON file `{"base", "slope"}`; the registry's
`s3://bucket/path` lies at `path` in a folder. Requests are shared as weights say, exactly: whoever is furthest behind its
share is next.
"""

import json
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any


@dataclass
class Variant:
    version: str
    model: dict[str, float] | None
    weight: float = 0.0
    requests: int = 0

    def told(self, name: str) -> dict[str, Any]:
        state = {"state": "ready"} if self.model is not None else {"state": "failed", "reason": "no such files"}
        figures = {"requests": self.requests, "errors": 0}
        return {"name": name, "version": self.version, "weight": self.weight, "figures": figures} | state


@dataclass
class Endpoint:
    variants: dict[str, Variant] = field(default_factory=dict)

    def next(self) -> Variant | None:
        total = sum(one.weight for one in self.variants.values())
        sharing = [one for one in self.variants.values() if one.weight and one.model is not None]
        return min(sharing, key=lambda one: (one.requests + 1) * total / one.weight, default=None)


class Target(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, bucket: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.bucket = bucket
        self.endpoints: dict[str, Endpoint] = {}
        self.asked = 0
        self.lock = Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def shares(self, endpoint: str) -> dict[str, float]:
        """Version -> weight."""
        with self.lock:
            return {one.version: one.weight for one in self.endpoints[endpoint].variants.values()}

    def load(self, uri: str) -> dict[str, float] | None:
        file = self.bucket / uri.removeprefix("s3://bucket/")
        return json.loads(file.read_text()) if file.is_file() else None


class _Answers(BaseHTTPRequestHandler):
    server: Target
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(text) if text else None
        _, _, name, *rest = (urllib.parse.unquote(part) for part in self.path.split("/"))
        with self.server.lock:
            self.server.asked += 1
            status, told = self._done(name, rest, body)
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _done(self, name: str, rest: list[str], body: Any) -> tuple[int, dict[str, Any]]:
        endpoints = self.server.endpoints
        if self.command == "PUT" and rest[:1] == ["variants"]:
            endpoint = endpoints.setdefault(name, Endpoint())
            endpoint.variants.setdefault(rest[1], Variant(body["version"], self.server.load(body["uri"])))
            return 202, {}
        found = endpoints.get(name)
        if found is None:
            return 404, {"message": "there is no such endpoint"}
        match self.command, rest:
            case "GET", []:
                return 200, {"variants": [one.told(name) for name, one in found.variants.items()]}
            case "PUT", ["weights"] if set(body["weights"]) <= set(found.variants):
                for variant, weight in body["weights"].items():
                    found.variants[variant].weight, found.variants[variant].requests = weight, 0
                return 200, {}
            case "DELETE", ["variants", variant]:
                return (404 if found.variants.pop(variant, None) is None else 200), {}
            case "POST", ["invocations"] if (variant := found.next()) is not None:
                assert variant.model is not None
                variant.requests += 1
                score = variant.model["base"] + variant.model["slope"] * body["months"]
                return 200, {"score": score, "version": variant.version}
        return 400, {"message": f"{self.command} /{'/'.join(rest)} means nothing here"}

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def serving_target(bucket: Path) -> Iterator[Target]:
    server = Target(bucket)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
