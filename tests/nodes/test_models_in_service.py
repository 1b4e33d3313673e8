"""From the files of a model to its answers: registered with MLflow's own server, deployed to a target that serves it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.models import Deployment, Run
from flows.operations.backtests import back_test
from flows.operations.drafts import read_draft, save_draft
from flows.operations.dry_runs import dry_run
from flows.operations.starting import start
from flows.runtime.clock import VirtualClock
from tests.cast import Person, flow
from tests.nodes.serving_target import Target, serving_target
from tests.runtime.house import drive

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3_600_000_000
BEGIN = 20_000 * 24 * HOUR
MODELS = {"first": {"base": 0.1, "slope": 0.01}, "second": {"base": 0.2, "slope": 0.02}}
NAME = "churn"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    for name, model in MODELS.items():
        (tmp_path / name).write_text(json.dumps(model))
    with serving_target(tmp_path) as found:
        yield found


@pytest.fixture(autouse=True)
def _near(settings: Any) -> None:
    settings.MULGIL = settings.MULGIL | {"egress_allow": ("127.0.0.0/8",)}


def document(mlflow: str, target: Target, model: str) -> dict[str, Any]:
    """Register a model's files, deploy the version that this makes, and ask the endpoint."""
    nodes = [
        {"id": "start", "type": "trigger.manual"},
        {
            "id": "register",
            "type": "model.register",
            "config": {
                "registry": mlflow,
                "model": model,
                "source": "s3://bucket/{{ input.files }}",
                "alias": "candidate",
            },
        },
        {
            "id": "deploy",
            "type": "ml.deploy",
            "config": {
                "registry": mlflow, "model": model, "by": "version", "value": "{{ nodes.register.version }}",
                "url": target.url, "endpoint": NAME, "strategy": "canary", "steps": [25], "hold": "1h",
                "set_alias": "champion",
            },
        },
        {
            "id": "ask",
            "type": "http.request",
            "config": {"method": "POST", "url": f"{target.url}/endpoints/{NAME}/invocations", "json": {"months": 10}},
        },
        {"id": "told", "type": "data.transform", "config": {"value": "{{ nodes.ask.body }}"}},
    ]  # fmt: skip
    edges = [
        {"from": a, "to": b}
        for a, b in (("start", "register"), ("register", "deploy"), ("deploy", "ask"), ("ask", "told"))
    ]
    inputs = {"type": "object", "properties": {"files": {"type": "string"}}, "required": ["files"]}
    return {"dsl": 1, "inputs": inputs, "nodes": nodes, "edges": edges}


def alias(mlflow: str, model: str, name: str) -> str | None:
    asked = {"name": model, "alias": name}
    told = httpx.get(f"{mlflow}/api/2.0/mlflow/registered-models/alias", params=asked)
    return str(told.json()["model_version"]["version"]) if told.status_code == 200 else None


def versions(mlflow: str, model: str) -> list[str]:
    asked = {"filter": f"name = '{model}'"}
    told = httpx.get(f"{mlflow}/api/2.0/mlflow/model-versions/search", params=asked).json()
    return sorted(one["version"] for one in told.get("model_versions", []))


def answers(target: Target, times: int) -> list[str]:
    """Of which version each answer is."""
    url = f"{target.url}/endpoints/{NAME}/invocations"
    return [httpx.post(url, json={"months": 1}).json()["version"] for _ in range(times)]


def hours(first: int, last: int) -> None:
    for hour in range(first, last):
        drive(clock=VirtualClock(start=BEGIN + hour * HOUR))


def ended(run: Any) -> Run:
    found = Run.objects.get(pk=run)
    assert found.status == "succeeded", found.error
    return found


def test_what_is_registered_is_deployed_step_by_step_and_served(mlflow: str, target: Target, editor: Person) -> None:
    made = flow(editor.actor, document(mlflow, target, "in service")).pk
    first = start(editor.actor, made, input={"files": "first"}).run.id
    hours(0, 3)
    assert json.loads(ended(first).output or "") == {"score": pytest.approx(0.2), "version": "1"}
    assert (target.shares(NAME), alias(mlflow, "in service", "champion")) == ({"1": 100.0}, "1")

    second = start(editor.actor, made, input={"files": "second"}).run.id
    hours(3, 4)
    assert target.shares(NAME) == {"1": 75.0, "2": 25.0}
    assert sorted(answers(target, 8)) == ["1"] * 6 + ["2"] * 2, "both serve, as the weights say"
    assert alias(mlflow, "in service", "candidate") == "2"
    assert alias(mlflow, "in service", "champion") == "1", "it follows when the new one serves alone"
    hours(4, 6)
    assert json.loads(ended(second).output or "") == {"score": pytest.approx(0.4), "version": "2"}
    assert (target.shares(NAME), alias(mlflow, "in service", "champion")) == ({"2": 100.0}, "2")
    assert list(Deployment.objects.order_by("id").values_list("version", "previous", "state", "share")) == [
        ("1", "", "succeeded", 100),
        ("2", "1", "succeeded", 100),
    ]


def test_a_model_whose_files_are_not_there_leaves_the_old_one_serving(
    mlflow: str, target: Target, editor: Person
) -> None:
    made = flow(editor.actor, document(mlflow, target, "gone")).pk
    start(editor.actor, made, input={"files": "first"})
    hours(0, 3)
    lost = start(editor.actor, made, input={"files": "third"}).run.id
    hours(3, 5)
    failed = Run.objects.get(pk=lost)
    assert failed.status == "failed"
    assert "the target says that the variant failed: no such files" in (failed.error or "")
    assert (target.shares(NAME), answers(target, 2)) == ({"1": 100.0}, ["1", "1"])
    assert (alias(mlflow, "gone", "candidate"), alias(mlflow, "gone", "champion")) == ("2", "1")


def test_a_dry_run_and_a_back_test_reach_neither_the_target_nor_the_registry(
    mlflow: str, target: Target, editor: Person
) -> None:
    model = "rehearsed"
    drawn = document(mlflow, target, model)
    made = flow(editor.actor, drawn).pk
    start(editor.actor, made, input={"files": "first"})
    hours(0, 3)
    asked, stood = target.asked, versions(mlflow, model)
    assert stood == ["1"]

    played = dry_run(editor.actor, made, given={"files": "second"})
    assert {one.step for one in played.asked} == {"register", "deploy", "ask"}

    changed = {
        **drawn,
        "nodes": [
            *drawn["nodes"],
            {"id": "more", "type": "data.transform", "config": {"value": "{{ nodes.told.score }}"}},
        ],
    }
    changed["edges"] = [*drawn["edges"], {"from": "told", "to": "more"}]
    save_draft(editor.actor, made, document=changed, revision=read_draft(editor.actor, made).revision)
    found = back_test(editor.actor, made)
    assert [run.verdict for run in found.runs] == ["differs"], "it has another end"

    assert (target.asked, versions(mlflow, model)) == (asked, stood)
    assert (alias(mlflow, model, "candidate"), alias(mlflow, model, "champion")) == ("1", "1")
    assert Deployment.objects.count() == 1
