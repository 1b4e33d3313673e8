"""Whatever a document holds, validation answers with problems and never falls; what has none can be planned."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.dsl.read import read_document
from flows.dsl.rename import rename_node
from flows.dsl.validate import validate
from flows.engine.compile import compile_plan
from flows.nodes.catalogue import load_catalogue

CATALOGUE = load_catalogue()

VALID: dict[str, Any] = {
    "dsl": 1,
    "name": "Everything",
    "inputs": {"type": "object", "properties": {"id": {"type": "string"}}},
    "settings": {"timeout": "1h", "concurrency": {"limit": 2, "key": "{{ input.id }}"}, "vars": {"a": 1}},
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {"id": "hook", "type": "trigger.webhook", "config": {"path": "orders"}},
        {"id": "pay", "type": "http.request", "config": {"method": "POST", "url": "https://x/{{ input.id }}"},
         "retry": {"max_attempts": 3, "initial": "1s"}, "timeout": "5s", "on_error": "route"},
        {"id": "undo", "type": "http.request", "config": {"method": "POST", "url": "https://x"}},
        {"id": "paid", "type": "flow.if", "config": {"condition": "{{ nodes.pay.body.ok == true }}"}},
        {"id": "which", "type": "flow.switch", "config": {"value": "{{ vars.a }}", "cases": [{"equals": 1, "port": "one"}]}},
        {"id": "loop", "type": "flow.for_each", "config": {"items": "{{ input.rows }}", "concurrency": 2}},
        {"id": "in_1", "type": "data.set", "parent": "loop", "config": {"fields": {"x": "{{ item.x }}"}}},
        {"id": "rows", "type": "data.filter", "config": {"items": [1], "condition": "{{ item > 0 }}"}, "each": {"items": [1]}},
        {"id": "nap", "type": "flow.wait", "config": {"for": "1s"}, "join": "any"},
        {"id": "end_1", "type": "flow.stop", "config": {"outcome": "success"}, "join": {"count": 1}},
    ],
    "edges": [
        {"from": "start", "to": "pay"}, {"from": "hook", "to": "pay"}, {"from": "pay", "to": "paid"},
        {"from": "pay", "port": "error", "to": "nap"}, {"from": "pay", "port": "compensate", "to": "undo"},
        {"from": "paid", "port": "true", "to": "loop"}, {"from": "paid", "port": "false", "to": "which"},
        {"from": "which", "port": "one", "to": "rows"}, {"from": "loop", "to": "nap"}, {"from": "nap", "to": "end_1"},
    ],
    "notes": [{"id": "n", "position": {"x": 1, "y": 2}, "text": "x"}],
    "tests": [{"name": "t", "mocks": {"pay": [{"output": 1}]}, "expect": {"run": "succeeded"}}],
    "pins": {"pay": {"body": 1}},
}  # fmt: skip

words = st.sampled_from(
    ["", "start", "pay", "loop", "in_1", "out", "error", "compensate", "flow.for_each", "trigger.manual", "data.filter", "all",
     "{{ item }}", "{{ nodes.pay.x }}", "{{ nodes.zz }}", "{{ len(input) }}", "{{", "{{ '", "5s", "true", "__proto__", "é"]
)  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10) | st.floats(allow_nan=True) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a value: the box, and the key or index in it."""
    found: list[tuple[Any, Any]] = []
    stack = [value]
    while stack:
        box = stack.pop()
        inside = list(box.items()) if isinstance(box, dict) else list(enumerate(box)) if isinstance(box, list) else []
        for key, inner in inside:
            found.append((box, key))
            stack.append(inner)
    return found


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """The valid document with up to four places replaced, dropped, or filled from another place."""
    raw = copy.deepcopy(VALID)
    for _ in range(draw(st.integers(0, 4))):
        found = places(raw)
        box, key = found[draw(st.integers(0, len(found) - 1))]
        match draw(st.integers(0, 2)):
            case 0:
                box[key] = draw(anything)
            case 1:
                del box[key]
            case _:
                other, name = found[draw(st.integers(0, len(found) - 1))]
                box[key] = copy.deepcopy(other[name])
        if not places(raw):
            break
    return raw


def test_the_document_these_tests_begin_with_has_no_problem() -> None:
    assert [(one.code, one.path, one.message) for one in validate(VALID, CATALOGUE)] == []


@settings(max_examples=400, deadline=None)
@given(documents())
def test_a_document_either_has_problems_or_can_be_planned(raw: Any) -> None:
    before = copy.deepcopy(raw)
    found = validate(raw, CATALOGUE)
    assert repr(raw) == repr(before)
    for one in found:
        assert one.message
        assert one.path == "" or one.path.startswith("/")
    if not found:
        document = read_document(raw)
        compile_plan(document, CATALOGUE)
        renamed = rename_node(document, document.nodes[0].id, "renamed", CATALOGUE)
        assert rename_node(renamed, "renamed", document.nodes[0].id, CATALOGUE) == document


@settings(max_examples=200, deadline=None)
@given(anything)
def test_anything_at_all_is_answered(raw: Any) -> None:
    assert validate(raw, CATALOGUE)
