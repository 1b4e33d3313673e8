import json
from types import ModuleType
from typing import Any

import pytest

from flows.dsl.control import switch_ports
from flows.nodes import flow
from flows.nodes.base import Answer, BadConfig, BadNodeType, Effect, NodeConfig, NodeType, Step, Verbatim, node
from flows.nodes.catalogue import Catalogue, describe, load_catalogue, types_of
from tests.nodes.stage import stage

BUILT_IN = load_catalogue()
ROLES = {"trigger", "task", "container"}
CATEGORIES = {"trigger", "flow", "data", "net", "code", "database", "ml"}


class Config(NodeConfig):
    text: Verbatim = "x"


def made(name: str = "test.one") -> NodeType:
    @node(name, label="One", icon="x", category="data", effect=Effect.PURE)
    async def one(config: Config, step: Step) -> str:
        return config.text

    return one


def test_the_first_catalogue_is_whole() -> None:
    assert set(BUILT_IN.names()) == {
        "trigger.manual", "trigger.webhook", "trigger.schedule", "http.request", "flow.if", "flow.switch", "flow.wait",
        "flow.stop", "flow.call", "flow.rollback", "flow.for_each", "flow.while", "flow.try", "flow.lock", "flow.signal", "flow.approval", "data.set", "data.transform", "data.filter", "data.aggregate", "code.python",
        "database.postgres", "outbox.publish", "model.register", "ml.deploy", "log",
    }  # fmt: skip
    assert BUILT_IN.get("nonsense") is None


@pytest.mark.parametrize("node_type", list(BUILT_IN), ids=lambda one: one.name)
def test_a_description_is_whole_json_with_a_form_for_every_field(node_type: NodeType) -> None:
    told = describe(node_type, str)
    assert json.loads(json.dumps(told)) == told
    assert told["role"] in ROLES
    assert told["category"] in CATEGORIES
    assert all(told[key] for key in ("label", "description", "icon", "docs", "example"))
    assert all(field["title"] for field in told["schema"].get("properties", {}).values())
    for value in _enumerated(told["schema"]):
        assert value in told["labels"] or value.isupper() or value in ("recoverable", "permanent", "partial")


def _enumerated(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [value for item in schema for value in _enumerated(item)]
    if not isinstance(schema, dict):
        return []
    own = [value for value in schema.get("enum", []) if isinstance(value, str)]
    return own + [value for inner in schema.values() for value in _enumerated(inner)]


def test_the_editor_and_validation_read_the_same_ports() -> None:
    told = describe(flow.switch, str)["ports"]
    assert told == {"from": "/cases/*/port", "then": ["fallback"], "also": ["/fallback"]}
    config: dict[str, Any] = {"cases": [{"equals": 1, "port": "a"}, {"equals": 2, "port": "b"}], "fallback": "c"}
    assert set(flow.switch.ports(config)) == set(switch_ports(config)) == {"a", "b", "c", "fallback"}
    assert describe(flow.if_, str)["ports"] == ["true", "false"]


def test_texts_are_translated_and_names_are_not() -> None:
    told = describe(flow.stop, str.upper)
    assert (told["label"], told["labels"]["error"], told["name"]) == ("STOP", "ERROR", "flow.stop")
    assert told["schema"]["properties"]["outcome"]["title"] == "OUTCOME"
    assert told["schema"]["properties"]["outcome"]["enum"] == ["success", "error"]


def test_two_types_of_one_name_are_refused_with_both_places() -> None:
    with pytest.raises(BadNodeType, match="defined twice"):
        Catalogue([made(), made()])
    same = made()
    assert len(Catalogue([same, same])) == 1


def test_a_module_gives_its_own_types_and_not_those_it_imported() -> None:
    module = ModuleType("somewhere")
    vars(module).update(mine=made(), imported=flow.if_)
    object.__setattr__(module.mine.function, "__module__", "somewhere")
    assert [one.name for one in types_of(module)] == ["test.one"]


@pytest.mark.parametrize("name", ["", "Log", "a b", "a..b", ".a", "a.", "a-b", "log\n"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(BadNodeType, match="lower-case words"):
        made(name)


def test_a_function_without_a_config_is_refused() -> None:
    with pytest.raises(BadNodeType, match="both annotated"):

        @node("test.bad", label="Bad", icon="x", category="data", effect=Effect.PURE)
        async def bad(config: dict[str, Any], step: Step) -> None:  # type: ignore[type-var]  # the mistake under test
            pass


async def test_a_plain_function_runs_in_a_thread_and_answers_alike() -> None:
    @node("test.plain", label="Plain", icon="x", category="data", effect=Effect.PURE)
    def plain(config: Config, step: Step) -> dict[str, Any]:
        step.progress(1, 2)
        return {"text": config.text}

    async with stage() as on:
        assert await plain.perform(plain.validate({"text": "y"}), Step(on)) == Answer({"text": "y"})
    assert on.shown == [(1, 2)]


def test_a_config_that_does_not_fit_names_the_field_and_hides_the_value() -> None:
    with pytest.raises(BadConfig, match="text: ") as failure:
        made().validate({"text": ["hush"]})
    assert "hush" not in failure.value.message
    for resolved in (None, [], "x", {"text": "x", "more": 1}):
        with pytest.raises(BadConfig):
            made().validate(resolved)  # type: ignore[arg-type]  # whatever an expression gave


def test_a_step_through_the_sdk_does_no_introspection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any, **named: Any) -> None:
        raise AssertionError("introspection belongs to import")

    for target in ("inspect.signature", "typing.get_type_hints", "inspect.iscoroutinefunction"):
        monkeypatch.setattr(target, refuse)
    one = BUILT_IN.get("data.set")
    assert one is not None
    performing = one.perform(one.validate({"fields": {"a": 1}}), Step(None))  # type: ignore[arg-type]  # it looks at nothing
    with pytest.raises(StopIteration) as ended:
        performing.send(None)
    assert ended.value.value == Answer({"a": 1})
