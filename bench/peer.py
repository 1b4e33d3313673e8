"""Node-RED beside the product, in the same minutes on the same machine, where it is installed.

The same work: trivial steps in a chain. Saturated, one request starts all messages and is answered when the last has
come through; idle, each request is one message. It decides what of Node-RED is measured and knows nothing of the product.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import httpx
import orjson

from bench.figures import spread
from bench.product import free_port

NAME: Final = "node-red"
SETTINGS: Final = (
    "module.exports = {flowFile: 'flows.json', logging: {console: {level: 'warn', metrics: false, audit: false}}};"
)
ADD_ONE: Final = "msg.n = (msg.n || 0) + 1; return msg;"
START_ALL: Final = """
const count = Number(msg.payload.count);
flow.set('left', count);
flow.set('answer', msg);
for (let n = 0; n < count; n++) node.send({n});
"""
COUNT_DOWN: Final = """
const left = flow.get('left') - 1;
flow.set('left', left);
if (left > 0) return null;
const answer = flow.get('answer');
answer.payload = {done: true};
return answer;
"""


def is_installed() -> bool:
    return shutil.which(NAME) is not None


def _function(name: str, code: str, then: str) -> dict[str, Any]:
    return {"id": name, "type": "function", "z": "tab", "func": code, "outputs": 1, "wires": [[then]]}


def _chain(name: str, length: int, last: str) -> list[dict[str, Any]]:
    """`length` steps that each add one to `n`."""
    names = [f"{name}{number}" for number in range(length)] + [last]
    return [_function(own, ADD_ONE, then) for own, then in pairwise(names)]


def _flows(length: int) -> list[dict[str, Any]]:
    def entry(name: str, url: str, then: str) -> dict[str, Any]:
        return {"id": name, "type": "http in", "z": "tab", "url": url, "method": "post", "wires": [[then]]}

    return [
        {"id": "tab", "type": "tab", "label": "bench"},
        entry("all", "/all", "start"),
        _function("start", START_ALL, "busy0"),
        *_chain("busy", length, "count"),
        _function("count", COUNT_DOWN, "answer"),
        {"id": "answer", "type": "http response", "z": "tab", "statusCode": "200", "wires": []},
        entry("one", "/one", "idle0"),
        *_chain("idle", length, "answer"),
    ]


@contextmanager
def _running(length: int) -> Iterator[httpx.Client]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="mulgil-peer-") as made:
        folder = Path(made)
        (folder / "flows.json").write_bytes(orjson.dumps(_flows(length)))
        (folder / "settings.js").write_text(SETTINGS)
        command = [NAME, "--userDir", made, "--settings", str(folder / "settings.js"), "--port", str(port)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
                _wait_for(client)
                yield client
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(client: httpx.Client) -> None:
    deadline = time.perf_counter() + 60
    while time.perf_counter() < deadline:
        try:
            if client.post("/one", json={}).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{NAME} did not start")


def chain(length: int, *, runs: int, times: int) -> dict[str, Any]:
    """Messages a second through a chain of this length, and the milliseconds of one at a time."""
    with _running(length) as client:
        client.post("/all", json={"count": min(runs, 500)}).raise_for_status()
        began = time.perf_counter()
        client.post("/all", json={"count": runs}).raise_for_status()
        seconds = time.perf_counter() - began
        taken = []
        for _ in range(times):
            sent = time.perf_counter()
            client.post("/one", json={"n": 0}).raise_for_status()
            taken.append((time.perf_counter() - sent) * 1000)
    return {"runs_per_s": round(runs / seconds, 1), **spread(taken)}
