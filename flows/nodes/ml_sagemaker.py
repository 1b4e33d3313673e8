"""SageMaker, and what is compatible with it, as a target: an endpoint whose configuration lists weighted variants.

It decides which of its actions make up what a target is asked for. A configuration there is never changed but replaced
by another, and an endpoint takes minutes to follow: while it does, nothing else is asked of it.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from flows.nodes import ml_reasons as why
from flows.nodes.base import BadConfig, Json, Step
from flows.nodes.credential_kinds import ml_credential
from flows.nodes.http_exchange import Sending, origin, parse_url
from flows.nodes.ml_exchange import Told, told
from flows.nodes.ml_registry import ModelVersion
from flows.nodes.ml_targets import State, StillMoving, TargetAnswerUnknown, Variant
from flows.security.sigv4 import SigningKey, signed

VERSION: Final = re.compile(r".*-v(.+)-[0-9a-f]{8}")
"""How the names of our variants end."""
STATES: Final[Mapping[str, State]] = {
    "InService": "ready",
    "Creating": "starting",
    "Updating": "starting",
    "SystemUpdating": "starting",
    "RollingBack": "starting",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosting:
    """What a variant runs on. `variables`: the container's environment."""

    region: str
    role: str
    image: str
    instance_type: str
    instances: int
    variables: dict[str, str] = field(default_factory=dict)


class SageMakerTarget:
    """An endpoint, by its API's actions, each signed."""

    def __init__(self, url: str, endpoint: str, hosting: Hosting, step: Step) -> None:
        self._url = parse_url(url.rstrip("/") + "/")
        self._endpoint = endpoint
        self._hosting = hosting
        self._step = step
        given = ml_credential(step.credential) if step.credential is not None else None
        if given is None or given.access_key_id is None or given.secret_access_key is None:
            raise BadConfig(why.KEYLESS)
        secret, token = given.secret_access_key, given.session_token
        self._key = SigningKey(given.access_key_id, secret, hosting.region, "sagemaker", token)

    async def look(self) -> dict[str, Variant]:
        found = await self._endpoint_told()
        if found is None:
            return {}
        state, reason = STATES.get(str(found.get("EndpointStatus")), "failed"), str(found.get("FailureReason") or "")
        weights = {one["VariantName"]: _weight(one) for one in _variants(found)}
        pending = found.get("PendingDeploymentSummary")
        for one in _variants(pending) if isinstance(pending, dict) else ():
            weights.setdefault(one["VariantName"], 0.0)
        return {name: Variant(name, weight, state, _version(name), reason) for name, weight in weights.items()}

    async def place(self, name: str, model: ModelVersion) -> None:
        container = {"Image": self._hosting.image, "ModelDataUrl": model.uri, "Environment": self._hosting.variables}
        body: dict[str, Json] = {
            "ModelName": name,
            "ExecutionRoleArn": self._hosting.role,
            "PrimaryContainer": container,  # type: ignore[dict-item]  # JSON, of a mapping of texts
        }
        await self._made("CreateModel", body)
        found = await self._endpoint_told()
        if found is not None and name in await self.look():
            return
        standing = await self._standing(found)
        new: dict[str, Json] = {
            "VariantName": name,
            "ModelName": name,
            "InstanceType": self._hosting.instance_type,
            "InitialInstanceCount": self._hosting.instances,
            "InitialVariantWeight": 0 if standing else 1,
        }
        await self._follow(found, [*standing, new])

    async def weigh(self, weights: Mapping[str, float]) -> None:
        found = await self._endpoint_told()
        now = {one["VariantName"]: _weight(one) for one in _variants(found or {})}
        # Shares are told as it takes them, and compared as it tells them: as far as they mean something.
        wanted = {name: weight for name, weight in weights.items() if name in now}
        if found is None or all(abs(now[name] - weight) < 1e-3 for name, weight in wanted.items()):
            return
        self._require_settled(found)
        shares: list[Json] = [{"VariantName": name, "DesiredWeight": weight} for name, weight in wanted.items()]
        await self._good("UpdateEndpointWeightsAndCapacities", DesiredWeightsAndCapacities=shares)

    async def remove(self, names: Sequence[str], *, by: str) -> None:
        found = await self._endpoint_told()
        listed = {one["VariantName"] for one in _variants(found or {})}
        if found is None or not listed & set(names):
            return
        kept = [one for one in await self._standing(found) if one["VariantName"] not in names]
        if kept:
            await self._follow(found, kept)
        else:
            await self._good("DeleteEndpoint")

    async def _follow(self, found: dict[str, Any] | None, variants: list[dict[str, Json]]) -> None:
        """Have the endpoint take up a configuration of these variants, made where it isn't there. Its name follows from
        what it holds, so that the same is asked for however often."""
        mark = hashlib.sha256(orjson.dumps([self._endpoint, variants], option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
        name = f"{re.sub(r'[^A-Za-z0-9-]+', '-', self._endpoint)[:40]}-{mark}"
        listed: list[Json] = list(variants)
        await self._made("CreateEndpointConfig", {"EndpointConfigName": name, "ProductionVariants": listed})
        action = "CreateEndpoint" if found is None else "UpdateEndpoint"
        await self._good(action, EndpointConfigName=name)

    async def _standing(self, found: dict[str, Any] | None) -> list[dict[str, Json]]:
        """The variants of the endpoint's configuration, each with the weight it has now. Raises StillMoving."""
        if found is None:
            return []
        self._require_settled(found)
        weights = {one["VariantName"]: _weight(one) for one in _variants(found)}
        answer = await self._call("DescribeEndpointConfig", {"EndpointConfigName": found.get("EndpointConfigName")})
        if not answer.is_good:
            raise answer.refusal()
        return [one | {"InitialVariantWeight": weights.get(one["VariantName"], 0.0)} for one in _variants(answer.body)]

    def _require_settled(self, found: dict[str, Any]) -> None:
        if STATES.get(str(found.get("EndpointStatus"))) == "starting":
            raise StillMoving(reason=why.ENDPOINT_MOVES.format(name=self._endpoint, status=found["EndpointStatus"]))

    async def _endpoint_told(self) -> dict[str, Any] | None:
        answer = await self._call("DescribeEndpoint", {"EndpointName": self._endpoint})
        if answer.status == 400 and "could not find" in str(answer.body.get("message", "")).lower():
            return None
        if not answer.is_good:
            raise answer.refusal()
        if "EndpointStatus" not in answer.body:
            raise TargetAnswerUnknown(reason=why.NO_STATUS)
        return answer.body

    async def _made(self, action: str, body: dict[str, Json]) -> None:
        """Make what has a name of this deployment's own; what is there already was made by it."""
        answer = await self._call(action, body)
        if not answer.is_good and "already exist" not in str(answer.body.get("message", "")).lower():
            raise answer.refusal()

    async def _good(self, action: str, **more: Json) -> None:
        answer = await self._call(action, {"EndpointName": self._endpoint, **more})
        if "in-progress" in str(answer.body.get("message", "")).lower():
            raise StillMoving(reason=str(answer.body["message"]))
        if not answer.is_good:
            raise answer.refusal()

    async def _call(self, action: str, body: dict[str, Json]) -> Told:
        assert self._step.credential is not None  # or it wasn't made
        self._step.credential.require(*origin(self._url)[1:])
        content = orjson.dumps(body)
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"SageMaker.{action}"}
        said = signed("POST", str(self._url), headers, content, key=self._key, at=self._step.began)
        answer = await told(self._step, Sending("POST", self._url, said, content), why.ACTION.format(action=action))
        is_throttled = "Throttling" in str(answer.body.get("__type", ""))
        return replace(answer, status=429) if is_throttled else answer


def _variants(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Raises TargetAnswerUnknown."""
    listed = told.get("ProductionVariants") or []
    if not isinstance(listed, list) or not all(
        isinstance(one, dict) and isinstance(one.get("VariantName"), str) for one in listed
    ):
        raise TargetAnswerUnknown(reason=why.NAMELESS)
    return listed


def _weight(variant: Mapping[str, Any]) -> float:
    weight = variant.get("DesiredWeight", variant.get("CurrentWeight", 0))
    return float(weight) if isinstance(weight, int | float) else 0.0


def _version(name: str) -> str:
    found = VERSION.fullmatch(name)
    return found[1] if found else ""
