"""What serves models, as a deployment sees it: an endpoint of variants that share its requests by weight.

It decides what is asked of an HTTP target and how its answers are read. When something is asked, and what follows from
what it says, is decided by the rollout. Everything asked for may be asked for again and comes to the same.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, get_args
from urllib.parse import quote

from flows.nodes import ml_reasons as why
from flows.nodes.base import Json, Permanent, Recoverable, Step
from flows.nodes.credential_kinds import ml_credential
from flows.nodes.ml_exchange import Asking, Told
from flows.nodes.ml_registry import ModelVersion

State = Literal["starting", "ready", "failed"]
STATES: Final = frozenset(get_args(State))


class TargetAnswerUnknown(Permanent):
    """The target's answer can't be read: {reason}"""

    code = "target_answer_unknown"
    hint = "docs/deploying-models.md says what a target answers."


class StillMoving(Recoverable):
    """The target isn't through with what it was asked before: {reason}"""

    code = "target_still_moving"


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the models behind an endpoint; `weight`: its share of the requests beside the others'."""

    name: str
    weight: float = 0.0
    state: State = "ready"
    version: str = ""
    reason: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    """What the target has counted of it: `requests`, `errors`, `p99_ms`."""


class Target(Protocol):
    """Each call raises what the exchange raises, and TargetAnswerUnknown; those that change something StillMoving."""

    async def look(self) -> dict[str, Variant]:
        """The variants by name; none where the endpoint isn't there yet."""

    async def place(self, name: str, model: ModelVersion) -> None:
        """Put a variant beside the others, without any requests."""

    async def weigh(self, weights: Mapping[str, float]) -> None:
        """Share the requests so."""

    async def remove(self, names: Sequence[str], *, by: str) -> None:
        """Take variants away; one that isn't there is no fault. `by`: the variant of the deployment that asks for it."""


class HttpTarget:
    """An endpoint of a server that speaks the small contract of the node's guide."""

    def __init__(self, url: str, endpoint: str, environment: str, step: Step) -> None:
        self._step = step
        self._environment = environment
        self._path = f"/endpoints/{quote(endpoint, safe='')}"
        given = ml_credential(step.credential) if step.credential is not None else None
        token = given.target_token if given is not None else None
        self._asking = Asking(why.TARGET, url, {"Authorization": f"Bearer {token}"} if token else {})

    async def look(self) -> dict[str, Variant]:
        told = await self._asking.ask(self._step, "GET", self._path)
        if told.status == 404:
            return {}
        listed = _good(told).body.get("variants")
        if not isinstance(listed, list):
            raise TargetAnswerUnknown(reason=why.NO_VARIANTS)
        found = [_variant(one) for one in listed]
        return {one.name: one for one in found}

    async def place(self, name: str, model: ModelVersion) -> None:
        body: dict[str, Json] = {"environment": self._environment, **model.told()}
        _good(await self._ask("PUT", f"{self._path}/variants/{quote(name, safe='')}", "place", name, body))

    async def weigh(self, weights: Mapping[str, float]) -> None:
        shares: dict[str, Json] = dict(weights)
        mark = "-".join(f"{name}.{share:g}" for name, share in sorted(weights.items()))
        _good(await self._ask("PUT", f"{self._path}/weights", "weigh", mark, {"weights": shares}))

    async def remove(self, names: Sequence[str], *, by: str) -> None:
        for name in names:
            # A deployment that the step begins anew may have the same old variant to remove, which its target had
            # answered before, or which stands there again: under the same key that would be no request of its own.
            # All else that is asked for names the new variant anyway.
            path = f"{self._path}/variants/{quote(name, safe='')}"
            told = await self._ask("DELETE", path, "remove", f"{name}-{by}", None)
            if told.status != 404:
                _good(told)

    async def _ask(self, method: str, path: str, verb: str, what: str, json: Json) -> Told:
        # Names that others gave stand in no header: they may be long, and in any script.
        key = f"{self._step.idempotency_key}-{verb}-{hashlib.sha256(what.encode()).hexdigest()[:16]}"
        return await self._asking.ask(self._step, method, path, json=json, key=key)


def _good(told: Told) -> Told:
    if not told.is_good:
        raise told.refusal()
    return told


def _variant(told: Any) -> Variant:
    """A variant as the target tells it. Raises TargetAnswerUnknown."""
    if not isinstance(told, dict) or not isinstance(told.get("name"), str):
        raise TargetAnswerUnknown(reason=why.NAMELESS)
    state, weight, figures = told.get("state", "ready"), told.get("weight", 0), told.get("figures") or {}
    if state not in STATES or not isinstance(weight, int | float) or weight < 0 or not isinstance(figures, dict):
        raise TargetAnswerUnknown(reason=why.UNREADABLE.format(name=told["name"]))
    counted = {name: float(value) for name, value in figures.items() if isinstance(value, int | float)}
    version, reason = told.get("version"), told.get("reason")
    return Variant(told["name"], float(weight), state, str(version or ""), str(reason or ""), counted)
