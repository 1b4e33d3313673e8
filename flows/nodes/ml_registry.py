"""MLflow's model registry, by its REST API: which version a name means, and writing a new one.

It decides what is asked of the registry and how its answers are read. MLflow itself is not needed here: its API is a
handful of requests. Who may ask is said by the credential, and who is reached is checked by the guard.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from flows.nodes import ml_reasons as why
from flows.nodes.base import Json, Permanent, Step
from flows.nodes.credential_kinds import ml_credential
from flows.nodes.ml_exchange import Asking, Told

API: Final = "/api/2.0/mlflow"
KEY_TAG: Final = "mulgil.key"
"""The tag of a version that says which step wrote it, so that a second try finds what the first has written."""


class ModelMissing(Permanent):
    """The registry knows no version {value} of {name}."""

    code = "model_missing"
    hint = "Register the model first, or name a version, an alias or a stage that it has."


class AliasMissing(ModelMissing):
    """The registry knows no alias {value} of {name}."""


class StageMissing(ModelMissing):
    """The registry knows no stage {value} of {name}."""


class ModelNotReady(Permanent):
    """Version {version} of {name} is {status} in the registry: {reason}"""

    code = "model_not_ready"
    hint = "Wait until the registry has taken the model in, or register it again."


class RegistryAnswerUnknown(Permanent):
    """The registry's answer is not one of MLflow's: {reason}"""

    code = "registry_answer_unknown"
    hint = "The address is that of the tracking server itself, such as https://mlflow.example."


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version as the registry tells it; `uri`: where its files are."""

    name: str
    version: str
    uri: str
    run_id: str = ""

    def told(self) -> dict[str, Json]:
        return {"model": self.name, "version": self.version, "uri": self.uri, "run_id": self.run_id}


By = Literal["version", "alias", "stage"]
MISSING: Final[Mapping[By, type[ModelMissing]]] = {
    "version": ModelMissing,
    "alias": AliasMissing,
    "stage": StageMissing,
}


class Registry:
    """The registry at an address, asked for one step."""

    def __init__(self, url: str, step: Step) -> None:
        self._step = step
        self._asking = Asking(why.REGISTRY, url, _secret(step))

    async def find(self, name: str, by: By, value: str) -> ModelVersion:
        """The version that is meant now. Raises ModelMissing, ModelNotReady and what the exchange raises."""
        match by:
            case "version":
                told = await self._get("/model-versions/get", name=name, version=value)
                found = told.body.get("model_version")
            case "alias":
                told = await self._get("/registered-models/alias", name=name, alias=value)
                found = told.body.get("model_version")
            case "stage":
                told = await self._post("/registered-models/get-latest-versions", {"name": name, "stages": [value]})
                listed = told.body.get("model_versions")
                found = listed[0] if isinstance(listed, list) and listed else None
        if told.status < 500 and told.status not in (401, 403, 429) and not isinstance(found, dict):
            raise MISSING[by](value=value, name=name)
        return await self._whole(self._good(told), found)

    async def register(
        self, name: str, source: str, *, run_id: str, description: str, tags: dict[str, str], key: str
    ) -> tuple[ModelVersion, bool]:
        """A new version, or the one that was written under this key before; whether it is new. Makes the model where
        there is none."""
        made = await self._post("/registered-models/create", {"name": name})
        if not made.is_good and made.body.get("error_code") != "RESOURCE_ALREADY_EXISTS":
            raise made.refusal()
        before = await self._written(name, key)
        if before is not None:
            return before, False
        body: dict[str, Json] = {
            "name": name,
            "source": source,
            "description": description,
            "tags": [{"key": tag, "value": value} for tag, value in {**tags, KEY_TAG: key}.items()],
        }
        if run_id:
            body["run_id"] = run_id
        told = self._good(await self._post("/model-versions/create", body))
        return await self._whole(told, told.body.get("model_version")), True

    async def set_alias(self, name: str, alias: str, version: str) -> None:
        """The same again changes nothing."""
        self._good(await self._post("/registered-models/alias", {"name": name, "alias": alias, "version": version}))

    async def _written(self, name: str, key: str) -> ModelVersion | None:
        # Not by its name as well: the registry's filters have no way to write every name.
        told = await self._get("/model-versions/search", filter=f"tags.`{KEY_TAG}` = '{key}'")
        listed = self._good(told).body.get("model_versions")
        found = (
            [one for one in listed if isinstance(one, dict) and one.get("name") == name]
            if isinstance(listed, list)
            else []
        )
        return await self._whole(told, found[0]) if found else None

    async def _whole(self, told: Told, found: Any) -> ModelVersion:
        if not isinstance(found, dict) or "version" not in found:
            raise RegistryAnswerUnknown(reason=told.text[:200] or why.EMPTY)
        name, version = str(found.get("name", "")), str(found["version"])
        status = found.get("status", "READY")
        if status != "READY":
            raise ModelNotReady(
                name=name, version=version, status=status, reason=found.get("status_message") or why.UNSAID
            )
        where = self._good(await self._get("/model-versions/get-download-uri", name=name, version=version))
        uri = str(where.body.get("artifact_uri") or found.get("source") or "")
        return ModelVersion(name, version, uri, str(found.get("run_id") or ""))

    async def _get(self, path: str, **query: str) -> Told:
        return await self._asking.ask(self._step, "GET", API + path, query=query)

    async def _post(self, path: str, json: dict[str, Json]) -> Told:
        return await self._asking.ask(self._step, "POST", API + path, json=json)

    def _good(self, told: Told) -> Told:
        if not told.is_good:
            raise told.refusal()
        return told


def _secret(step: Step) -> dict[str, str]:
    """The header that says who asks the registry; none without a credential, or with one for targets alone."""
    given = ml_credential(step.credential) if step.credential is not None else None
    if given is None:
        return {}
    if given.registry_token is not None:
        return {"Authorization": f"Bearer {given.registry_token}"}
    if given.registry_user is not None:
        pair = f"{given.registry_user}:{given.registry_password or ''}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}
