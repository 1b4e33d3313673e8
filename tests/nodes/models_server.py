"""A target that serves models, and a registry beside it, as a real server: well, ill, flapping, busy or silent as told."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import orjson

from tests.security.http_server import Reply, Request

MLFLOW = "/api/2.0/mlflow"


@dataclass
class Models:
    """What stands behind the endpoint `churn`, and how the target behaves."""

    variants: dict[str, dict[str, Any]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=lambda: {"candidate": "8"})
    keys: list[str] = field(default_factory=list)
    weights: list[dict[str, float]] = field(default_factory=list)
    is_health_good: bool = True
    states: list[str] = field(default_factory=list)
    """Of the new variant, look by look from when it is there; the last one stays."""
    why: str = "no memory"
    """The reason it tells of a variant that failed."""
    says: list[bytes] = field(default_factory=list)
    """What it answers to the next looks instead."""
    figures: dict[str, float] = field(default_factory=dict)
    busy: dict[str, int] = field(default_factory=dict)
    """For how many requests whose method and path contain this the answer is 503."""
    silent: dict[str, int] = field(default_factory=dict)
    """For how many it does nothing, and no answer comes."""
    gone: set[str] = field(default_factory=set)
    """Names of variants that were removed: none is taken a second time."""
    more_uri: str = ""
    """What the registry adds to the address of the files."""
    refused: str = ""
    """Requests whose method and path contain this are answered with 403."""

    def routes(self) -> "Models":
        return self

    def get(self, path: str, _otherwise: object = None) -> Any:
        """Every path is its own."""
        return self.answer

    def answer(self, request: Request) -> Reply:
        path = request.target.partition("?")[0]
        what = f"{request.method} {path}"
        for pattern, times in self.busy.items():
            if pattern in what and times:
                self.busy[pattern] = times - 1
                return Reply(503, b'{"message": "not now"}')
        for pattern, times in self.silent.items():
            if pattern in what and times:
                self.silent[pattern] = times - 1
                return Reply(delay=3_600)
        if self.refused and self.refused in what:
            return Reply(403, b'{"message": "not you"}')
        if path.startswith(MLFLOW):
            return self._registry(request, path.removeprefix(MLFLOW))
        if path == "/health":
            return Reply(200 if self.is_health_good else 500, b'{"message": "out of memory"}')
        return self._target(request, path)

    def _registry(self, request: Request, path: str) -> Reply:
        if path == "/registered-models/alias" and request.method == "POST":
            body = orjson.loads(request.body)
            self.aliases[body["alias"]] = body["version"]
            return Reply()
        version = self.aliases["candidate"]
        told = {
            "model_version": {"name": "churn", "version": version},
            "artifact_uri": f"s3://models/churn/{version}{self.more_uri}",
        }
        return Reply(body=orjson.dumps(told))

    def _target(self, request: Request, path: str) -> Reply:
        rest = [unquote(part) for part in path.split("/")[3:]]
        if request.method == "GET":
            if self.says:
                return Reply(body=self.says.pop(0))
            return self._told() if self.variants else Reply(404)
        self.keys.append(request.headers["idempotency-key"])
        if rest == ["weights"]:
            weights = orjson.loads(request.body)["weights"]
            if not set(weights) <= set(self.variants):
                return Reply(400, b'{"message": "no such variant"}')
            for name, weight in weights.items():
                self.variants[name]["weight"] = weight
            self.weights.append(weights)
        elif request.method == "PUT":
            if rest[1] in self.gone:
                return Reply(409, b'{"message": "this name was taken before"}')
            self.variants.setdefault(rest[1], {"weight": 0} | orjson.loads(request.body))
        elif self.variants.pop(rest[1], None) is None:
            return Reply(404)
        else:
            self.gone.add(rest[1])
        return Reply()

    def _told(self) -> Reply:
        new = list(self.variants)[-1]
        told = [
            {"name": name, "version": one["version"], "weight": one["weight"]} for name, one in self.variants.items()
        ]
        is_new_there = bool(self.variants[new].get("uri"))
        if self.states and is_new_there:
            told[-1]["state"] = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            told[-1]["reason"] = "loading" if told[-1]["state"] == "starting" else self.why
        if is_new_there:
            told[-1]["figures"] = self.figures
        return Reply(body=orjson.dumps({"variants": told}))


def serving(version: str = "7") -> Models:
    """A target where one variant has all requests."""
    return Models(variants={"old": {"version": version, "weight": 100}})
