"""Registering models, against MLflow's own server."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from flows.nodes.base import Answer, Credential
from flows.nodes.ml_registry import ModelMissing, Registry
from flows.nodes.registering import register
from flows.nodes.step import Step
from flows.security.credentials import CredentialRefused
from tests.nodes.stage import Stage, perform, stage
from tests.security.http_server import Reply, Request, http_server

API = "/api/2.0/mlflow"


@pytest.fixture
async def on() -> AsyncIterator[Stage]:
    async with stage(idempotency_key=f"run-{secrets.token_hex(8)}") as found:
        yield found


async def registered(on: Stage, url: str, model: str, **more: Any) -> dict[str, Any]:
    result = await perform(register, {"registry": url, "model": model, "source": "s3://models/churn/7", **more}, on)
    assert isinstance(result, Answer)
    assert isinstance(result.output, dict)
    return result.output


def kept(url: str, model: str) -> list[dict[str, Any]]:
    found = httpx.get(f"{url}{API}/model-versions/search", params={"filter": f'name = "{model}"'}).json()
    return found.get("model_versions", [])  # type: ignore[no-any-return]  # JSON


def promote(url: str, model: str) -> None:
    move = {"name": model, "version": "1", "stage": "Production"}
    httpx.post(f"{url}{API}/model-versions/transition-stage", json=move).raise_for_status()


async def test_a_version_is_written_once_with_its_source_tags_and_alias(mlflow: str, on: Stage) -> None:
    more = {"tags": {"trained_by": "nightly"}, "alias": "candidate", "description": "Better on small shops"}
    first = await registered(on, mlflow, "it's churn", **more)
    again = await registered(on, mlflow, "it's churn", **more)
    assert first == {
        "model": "it's churn",
        "version": "1",
        "uri": "s3://models/churn/7",
        "run_id": "",
        "alias": "candidate",
        "created": True,
    }
    assert again == {**first, "created": False}
    on.idempotency_key = "another-step"
    assert (await registered(on, mlflow, "it's churn"))["version"] == "2"
    assert (await Registry(mlflow, Step(on)).find("it's churn", "alias", "candidate")).version == "1"
    oldest = kept(mlflow, "it's churn")[-1]
    tags = {tag["key"]: tag["value"] for tag in oldest["tags"]}
    assert (oldest["source"], tags["trained_by"]) == ("s3://models/churn/7", "nightly")


async def test_a_version_is_found_by_its_number_its_alias_and_its_stage(mlflow: str, on: Stage) -> None:
    await registered(on, mlflow, "ranks", alias="champion")
    promote(mlflow, "ranks")
    registry = Registry(mlflow, Step(on))
    for by, value in (("version", "1"), ("alias", "champion"), ("stage", "Production")):
        found = await registry.find("ranks", by, value)  # type: ignore[arg-type]  # one of the three
        assert (found.name, found.version, found.uri) == ("ranks", "1", "s3://models/churn/7")


@pytest.mark.parametrize(("by", "value"), [("version", "9"), ("alias", "nobody"), ("stage", "Staging")])
async def test_a_version_that_is_not_there_is_named(mlflow: str, on: Stage, by: Any, value: str) -> None:
    await registered(on, mlflow, "absent")
    with pytest.raises(ModelMissing, match=f"The registry knows no {by} {value} of absent"):
        await Registry(mlflow, Step(on)).find("absent", by, value)


@pytest.mark.parametrize(
    ("values", "header"),
    [
        ({"registry_token": "t0ken"}, "Bearer t0ken"),
        ({"registry_user": "min", "registry_password": "pw"}, "Basic bWluOnB3"),
        ({"target_token": "other"}, None),
    ],
    ids=["token", "password", "for the target alone"],
)
async def test_the_registry_is_told_who_asks(values: dict[str, Any], header: str | None) -> None:
    version = Reply(body=b'{"model_version": {"name": "m", "version": "1"}, "artifact_uri": "s3://m"}')
    routes = {f"{API}/model-versions/get": version, f"{API}/model-versions/get-download-uri": version}
    credential = Credential("models", "ml", values, ("127.0.0.1",))
    async with http_server(routes) as server, stage(credential=credential) as on:
        await Registry(server.url(""), Step(on)).find("m", "version", "1")
    assert {request.headers.get("authorization") for request in server.requests} == {header}


async def test_a_credential_goes_to_its_own_hosts_alone() -> None:
    credential = Credential("models", "ml", {"registry_token": "t0ken"}, ("mlflow.example",))
    async with http_server({}) as server, stage(credential=credential) as on:
        with pytest.raises(CredentialRefused):
            await Registry(server.url(""), Step(on)).find("m", "version", "1")
    assert server.requests == []


async def test_a_registry_that_is_busy_is_asked_again_later_and_one_that_refuses_is_not() -> None:
    def answers(request: Request) -> Reply:
        return Reply(503 if "busy" in request.target else 403, b'{"message": "no"}')

    async with http_server({f"{API}/model-versions/get": answers}) as server, stage() as on:
        for model, code, klass in (("busy", "ml_busy", "recoverable"), ("mine", "ml_refused", "permanent")):
            with pytest.raises(Exception, match=r"The registry answered (503|403): no") as failed:
                await Registry(server.url(""), Step(on)).find(model, "version", "1")
            assert (failed.value.code, failed.value.klass) == (code, klass)  # type: ignore[attr-defined]  # ours
