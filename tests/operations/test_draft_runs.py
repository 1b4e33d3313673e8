"""Runs of drafts and reruns, carried out by a real executor."""

import json
from typing import Any

import pytest

from flows.dsl.read import InvalidDocument
from flows.engine.part import NoSuchNode, Part
from flows.journal.read import run_view
from flows.models import Payload, Run
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.drafts import save_draft
from flows.operations.publishing import publish
from flows.operations.rerunning import Again, preview_rerun, rerun
from flows.operations.starting import Started, start
from tests.cast import CHAIN, Person, flow, person, with_nodes
from tests.runtime.house import drive


@pytest.fixture
def editor(transactional_db: None) -> Person:
    return person("editor", "editor")


def driven(started: Started) -> dict[str, Any]:
    """The run, once an executor has brought it to its end; on a busy machine that may take a second turn."""
    view: Any = None
    for _ in range(5):
        drive()
        view = run_view(started.run.id)
        if view["finished_at"] is not None:
            break
    return dict(view)


def steps(view: dict[str, Any]) -> dict[str, str]:
    return {step["key"]: step["status"] for step in view["steps"]}


def changed(value: str) -> dict[str, Any]:
    nodes = [*CHAIN["nodes"][:2], {"id": "two", "type": "data.transform", "config": {"value": value}}]
    return CHAIN | {"nodes": nodes}


def test_a_draft_runs_as_it_stood_when_it_was_started(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    started = start_draft(editor.actor, made.pk, DraftOrder(input={"n": 4}))
    save_draft(editor.actor, made.pk, document=changed("changed"), revision=1)
    view = driven(started)
    assert (view["status"], view["output"], view["version"], view["is_test"]) == ("succeeded", 5, None, True)


LIST: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {"id": "rows", "type": "data.transform", "config": {"value": [1, 2, 3]}},
        {"id": "each", "type": "flow.for_each", "config": {"items": "{{ nodes.rows }}"}},
        {"id": "twice", "type": "data.transform", "parent": "each", "config": {"value": "{{ item * 2 }}"}},
        {"id": "sum", "type": "data.transform", "parent": "each",
         "config": {"value": "{{ [item, nodes.twice, nodes.rows[0]] }}"}},
    ],
    "edges": [{"from": "start", "to": "rows"}, {"from": "rows", "to": "each"}, {"from": "twice", "to": "sum"}],
}  # fmt: skip


def test_a_node_in_a_list_runs_alone_for_every_item_or_for_the_one_that_is_given(editor: Person) -> None:
    made = flow(editor.actor, LIST)
    assert driven(start(editor.actor, made.pk))["status"] == "succeeded"
    alone = Part("only", "sum")
    view = driven(start_draft(editor.actor, made.pk, DraftOrder(part=alone)))
    assert steps(view) == {"each": "succeeded"}
    # What stands beside it is as it was in the first turn.
    assert view["output"] == [[1, 2, 1], [2, 2, 1], [3, 2, 1]]
    order = DraftOrder(part=alone, item=("{{ input }}",), given={"twice": 9})
    assert driven(start_draft(editor.actor, made.pk, order))["output"] == [["{{ input }}", 9, 1]]
    for part in (Part("until", "sum"), Part("from", "sum")):
        with pytest.raises(NoSuchNode, match="sum"):
            start_draft(editor.actor, made.pk, DraftOrder(part=part))


def test_one_node_runs_alone_with_the_outputs_of_the_last_run(editor: Person) -> None:
    made = flow(editor.actor)
    assert driven(start(editor.actor, made.pk, input={"n": 10}))["output"] == 11
    view = driven(start_draft(editor.actor, made.pk, DraftOrder(part=Part("only", "two"))))
    assert steps(view) == {"two": "succeeded"}
    assert (view["output"], view["input"]) == (11, {"n": 10})


def test_pins_stand_in_for_their_nodes_only_when_asked(editor: Person) -> None:
    made = flow(editor.actor, CHAIN | {"pins": {"one": {"x": 99}}})
    assert driven(start_draft(editor.actor, made.pk, DraftOrder(use_pins=True)))["output"] == 100
    assert driven(start_draft(editor.actor, made.pk, DraftOrder()))["output"] == 2
    assert driven(start(editor.actor, made.pk))["output"] == 2


def test_up_to_a_node_and_from_it_on(editor: Person) -> None:
    made = flow(editor.actor)
    up_to = driven(start_draft(editor.actor, made.pk, DraftOrder(part=Part("until", "one"), input={"n": 5})))
    assert steps(up_to) == {"start": "succeeded", "one": "succeeded"}
    on = driven(start_draft(editor.actor, made.pk, DraftOrder(part=Part("from", "two"))))
    assert (steps(on), on["output"]) == ({"two": "succeeded"}, 6)


def test_what_is_wrong_elsewhere_does_not_keep_a_part_from_running(editor: Person) -> None:
    broken = CHAIN | {"nodes": [*CHAIN["nodes"], {"id": "three", "type": "no.such"}]}
    made = flow(editor.actor, broken, published=False)
    with pytest.raises(InvalidDocument):
        start_draft(editor.actor, made.pk, DraftOrder())
    with pytest.raises(InvalidDocument):
        start_draft(editor.actor, made.pk, DraftOrder(part=Part("only", "three")))
    view = driven(start_draft(editor.actor, made.pk, DraftOrder(part=Part("until", "one"), input={"n": 1})))
    assert view["status"] == "succeeded"


def test_a_node_there_is_not_is_named(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    with pytest.raises(NoSuchNode, match="nowhere"):
        start_draft(editor.actor, made.pk, DraftOrder(part=Part("only", "nowhere")))


def test_the_same_key_is_the_same_test_run(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    first = start_draft(editor.actor, made.pk, DraftOrder(key="k"))
    again = start_draft(editor.actor, made.pk, DraftOrder(key="k"))
    assert (first.run.id, again.created) == (again.run.id, False)


def test_a_frozen_draft_is_kept_once(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    for _ in range(3):
        start_draft(editor.actor, made.pk, DraftOrder())
    assert Payload.objects.count() == 1


def test_a_rerun_from_a_step_reuses_what_came_before(editor: Person) -> None:
    made = flow(editor.actor)
    old = start(editor.actor, made.pk, input={"n": 7})
    driven(old)
    save_draft(editor.actor, made.pk, document=changed("{{ nodes.one.x * 100 }}"), revision=1)
    publish(editor.actor, made.pk)
    asked = Again(from_step="two", version=2)
    preview = preview_rerun(editor.actor, old.run.id, asked)
    assert (preview.reused, preview.run_again, preview.problems) == (["start", "one"], ["two"], [])
    made_again = rerun(editor.actor, old.run.id, asked)
    view = driven(made_again)
    assert (view["output"], view["version"], view["attempt"], view["rerun_of"]) == (700, 2, 2, str(old.run.id))
    given = json.loads(Run.objects.get(pk=made_again.run.id).part)["given"]
    assert [one["step"] for one in given] == ["one"]


def test_a_rerun_from_the_start_runs_all_with_another_input(editor: Person) -> None:
    made = flow(editor.actor)
    old = start(editor.actor, made.pk, input={"n": 7})
    driven(old)
    view = driven(rerun(editor.actor, old.run.id, Again(input={"n": 1})))
    assert (view["output"], view["version"]) == (2, 1)


def test_a_rerun_on_the_fixed_draft_uses_the_old_outputs(editor: Person) -> None:
    made = flow(editor.actor)
    old = start(editor.actor, made.pk, input={"n": 7})
    driven(old)
    save_draft(editor.actor, made.pk, document=changed("{{ nodes.one.x }}"), revision=1)
    view = driven(rerun(editor.actor, old.run.id, Again(from_step="two", draft=True)))
    assert (view["output"], view["version"], view["is_test"]) == (7, None, True)


def test_a_failure_that_was_routed_is_taken_over_as_the_failure_it_was(editor: Person) -> None:
    document = with_nodes(
        {"id": "start", "type": "trigger.manual"},
        {"id": "bad", "type": "data.transform", "config": {"value": "{{ 1 // 0 }}"}, "on_error": "route"},
        {"id": "mend", "type": "data.transform", "config": {"value": "{{ nodes.bad.error.code }}"}},
    )
    document["edges"][1]["port"] = "error"
    old = start(editor.actor, flow(editor.actor, document).pk)
    first = driven(old)
    assert steps(first) == {"start": "succeeded", "bad": "failed", "mend": "succeeded"}
    assert preview_rerun(editor.actor, old.run.id, Again(from_step="mend")).reused == ["start", "bad"]
    again = driven(rerun(editor.actor, old.run.id, Again(from_step="mend")))
    assert (again["status"], again["output"]) == ("succeeded", first["output"])


def test_a_step_that_the_document_no_longer_has_is_a_problem(editor: Person) -> None:
    made = flow(editor.actor)
    old = start(editor.actor, made.pk)
    driven(old)
    preview = preview_rerun(editor.actor, old.run.id, Again(from_step="gone"))
    assert [problem["code"] for problem in preview.problems] == ["no_such_node"]
