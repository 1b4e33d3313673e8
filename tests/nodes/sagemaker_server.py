"""A server that speaks SageMaker's API for one endpoint: signatures checked, updates that take their time, errors as
its guide words them."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from flows.security.sigv4 import SigningKey, signed
from tests.security.http_server import Reply, Request

KEY = SigningKey("AKIDEXAMPLE", "s3cret", "eu-central-1", "sagemaker")
SIGNED = ("content-type", "x-amz-target")


@dataclass
class SageMaker:
    """`slow`: for how many looks an update goes on; `fails`: updates that come to nothing, by what is updated to."""

    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    configs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    endpoint: dict[str, Any] | None = None
    weights: list[dict[str, float]] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    slow: int = 2
    fails: bool = False
    busy: int = 0
    _left: int = 0
    _next: str = ""

    def get(self, _path: str, _otherwise: object = None) -> Any:
        """Every path is its own."""
        return self.answer

    def serve(self, name: str = "churn-v7-0123abcd") -> "SageMaker":
        """Have one variant stand with all requests."""
        variant = {"VariantName": name, "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        self.configs["first"] = [{**variant, "InitialVariantWeight": 1}]
        self._take_up("first")
        return self

    @property
    def shares(self) -> dict[str, float]:
        listed = self.endpoint["ProductionVariants"] if self.endpoint else []
        return {one["VariantName"]: one["DesiredWeight"] for one in listed}

    def answer(self, request: Request) -> Reply:
        if not _is_signed(request):
            return _refusal(403, "InvalidSignatureException", "The request signature we calculated does not match")
        if self.busy:
            self.busy -= 1
            return _refusal(400, "ThrottlingException", "Rate exceeded")
        action = request.headers["x-amz-target"].removeprefix("SageMaker.")
        self.actions.append(action)
        return getattr(self, f"_{_snake(action)}")(orjson.loads(request.body))  # type: ignore[no-any-return]  # a method below

    def _describe_endpoint(self, body: dict[str, Any]) -> Reply:
        if self.endpoint is None:
            return _refusal(400, "ValidationException", 'Could not find endpoint "churn".')
        told = dict(self.endpoint)
        if self._left:
            self._left -= 1
            told["EndpointStatus"] = "Updating"
            told["PendingDeploymentSummary"] = {
                "EndpointConfigName": self._next,
                "ProductionVariants": self.configs[self._next],
            }
            if not self._left and not self.fails:
                self._take_up(self._next)
        return Reply(body=orjson.dumps(told))

    def _describe_endpoint_config(self, body: dict[str, Any]) -> Reply:
        return Reply(body=orjson.dumps({"ProductionVariants": self.configs[body["EndpointConfigName"]]}))

    def _create_model(self, body: dict[str, Any]) -> Reply:
        if body["ModelName"] in self.models:
            return _refusal(400, "ValidationException", "Cannot create already existing model")
        self.models[body["ModelName"]] = body
        return Reply()

    def _create_endpoint_config(self, body: dict[str, Any]) -> Reply:
        if body["EndpointConfigName"] in self.configs:
            return _refusal(400, "ValidationException", "Cannot create already existing endpoint configuration")
        self.configs[body["EndpointConfigName"]] = body["ProductionVariants"]
        return Reply()

    def _create_endpoint(self, body: dict[str, Any]) -> Reply:
        self._take_up(body["EndpointConfigName"])
        return Reply()

    def _update_endpoint(self, body: dict[str, Any]) -> Reply:
        if self._left:
            return _refusal(400, "ValidationException", "Cannot update in-progress endpoint")
        self._next, self._left = body["EndpointConfigName"], self.slow
        return Reply()

    def _update_endpoint_weights_and_capacities(self, body: dict[str, Any]) -> Reply:
        assert self.endpoint is not None
        if self._left:
            return _refusal(400, "ValidationException", "Cannot update in-progress endpoint")
        weights = {one["VariantName"]: one["DesiredWeight"] for one in body["DesiredWeightsAndCapacities"]}
        self.weights.append(weights)
        for one in self.endpoint["ProductionVariants"]:
            one["DesiredWeight"] = weights.get(one["VariantName"], one["DesiredWeight"])
        self._next, self._left = "", 0
        return Reply()

    def _delete_endpoint(self, body: dict[str, Any]) -> Reply:
        self.endpoint = None
        return Reply()

    def _take_up(self, config: str) -> None:
        listed = [
            {"VariantName": one["VariantName"], "DesiredWeight": one["InitialVariantWeight"]}
            for one in self.configs[config]
        ]
        self.endpoint = {"EndpointStatus": "InService", "EndpointConfigName": config, "ProductionVariants": listed}


def _is_signed(request: Request) -> bool:
    """Whether the signature is that of what came over the wire."""
    moment = datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    headers = {name: request.headers[name] for name in SIGNED}
    url = f"http://{request.headers['host']}{request.target}"
    said = signed(request.method, url, headers, request.body, key=KEY, at=int(moment.timestamp()) * 1_000_000)
    return said["Authorization"] == request.headers["authorization"]


def _snake(action: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()


def _refusal(status: int, kind: str, message: str) -> Reply:
    return Reply(status, orjson.dumps({"__type": kind, "message": message}))
