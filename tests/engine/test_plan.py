"""From documents to plans, and running a part of a flow."""

from typing import Any

import pytest

from flows.dsl.document import Document
from flows.dsl.effects import Effect
from flows.engine.compile import NotRunnable, compile_plan
from flows.engine.events import GivenStep
from flows.engine.part import NoSuchNode, Part, cut
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow, run, states


def test_a_plan_knows_its_nodes_by_what_they_lead_to() -> None:
    plan = compile_plan(flow("start > a > b", "a.error > c", a={"timeout": "2s"}), CATALOGUE)
    a = plan.node("a")
    assert [(port, target.id) for port, target in a.out] == [("out", "b"), ("error", "c")]
    assert (a.timeout, a.incoming, a.effect) == (2_000_000, 1, Effect.PURE)
    assert [end.id for end in plan.root.ends] == ["b", "c"]


def test_a_node_may_ask_for_a_stricter_effect_and_never_for_a_weaker_one() -> None:
    plan = compile_plan(
        flow("start > a > b", a={"effect": "once"}, b={"type": "effect.keyed", "effect": "pure"}), CATALOGUE
    )
    assert (plan.node("a").effect, plan.node("b").effect) == (Effect.ONCE, Effect.KEYED)


def test_undo_nodes_are_no_part_of_the_forward_graph() -> None:
    plan = compile_plan(flow("start > a > b", "a.compensate > ua > ub"), CATALOGUE)
    assert [node.id for node in plan.root.nodes] == ["start", "a", "b"]
    assert [node.id for node in plan.undos] == ["ua", "ub"]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (flow("a > b > a"), "cycle"),
        (flow("start > a", a={"type": "no.such"}), "unknown type"),
        (flow("start > l", l={"type": "flow.for_each", "each": {"items": []}}), "hold nodes"),
    ],
)
def test_what_cant_run_is_refused_with_its_reason(document: Document, reason: str) -> None:
    with pytest.raises(NotRunnable, match=reason):
        compile_plan(document, CATALOGUE)


def test_ten_thousand_nodes_in_a_row_compile_and_run() -> None:
    names = ["start", *(f"n{index}" for index in range(9_999))]
    simulation = run(flow(" > ".join(names)))
    assert simulation.status == "succeeded"
    assert len(simulation.journal) == 2 * 9_999 + 2


def test_a_thousand_branches_fan_out_and_join() -> None:
    simulation = run(flow(*(f"start > n{index} > j" for index in range(1_000))))
    assert simulation.ledger.steps["j"].completions == 1
    assert len(simulation.journal) == 2 * 1_001 + 2


# --- the run-output rule ---------------------------------------------------------------------------------


def test_the_single_end_nodes_output_is_the_runs() -> None:
    assert run(flow("start > a > b"), mocks={"b": [{"output": 4}]}).output == 4


def test_several_end_nodes_make_an_object_and_a_skipped_one_is_null() -> None:
    document = flow("start > q", "q.true > a", "q.false > b", q={"type": "flow.if", "config": {"condition": True}})
    assert run(document, mocks={"a": [{"output": 1}]}).output == {"a": 1, "b": None}


def test_a_flow_of_its_trigger_alone_gives_its_input() -> None:
    assert run(flow(start={}), input={"x": 1}).output == {"x": 1}


def test_a_node_with_only_an_error_edge_is_an_end_too() -> None:
    document = flow("start > a", "a.error > r", a={"on_error": "route"})
    assert run(document, mocks={"a": [{"output": 1}]}).output == {"a": 1, "r": None}


# --- parts -----------------------------------------------------------------------------------------------

LONG = flow(
    "start > a > b > c", "b.compensate > ub", "x@l", "c > l", l={"type": "flow.for_each", "config": {"items": [1]}}
)


@pytest.mark.parametrize(
    ("way", "kept"),
    [
        ("only", {"b"}),
        ("until", {"start", "a", "b", "ub"}),
        ("from", {"b", "c", "ub", "l", "x"}),
    ],
)
def test_a_part_is_a_smaller_document(way: Any, kept: set[str]) -> None:
    assert {node.id for node in cut(LONG, Part(way, "b")).nodes} == kept


def test_a_part_begins_where_no_edge_leads_any_more_and_reads_what_is_given() -> None:
    document = flow(
        "start > a > q", "q.true > t", q={"type": "flow.if", "config": {"condition": "{{ nodes.a.x == 1 }}"}}
    )
    simulation = run(document, part=Part("from", "q"), given=[GivenStep(step="a", output={"x": 1})])
    assert states(simulation) == {"a": "succeeded", "q": "succeeded", "t": "succeeded"}


def test_a_node_inside_stands_alone_in_its_containers_and_is_no_place_to_run_up_to_or_from() -> None:
    deep = flow(
        "start > o", "i@o", "a@i > b@i", "k@b", "z@o", "i > z",
        o={"type": "flow.for_each", "config": {"items": [1]}}, i={"type": "flow.for_each", "config": {"items": [2]}},
        b={"type": "flow.try"},
    )  # fmt: skip
    alone = cut(deep, Part("only", "b", item="given"))
    assert {node.id: node.config.get("items") for node in alone.nodes} == {
        "o": [1], "i": "{{ [nodes.given] }}", "b": None, "k": None,
    }  # fmt: skip
    assert list(alone.edges) == []
    assert {node.id: node.config.get("items") for node in cut(deep, Part("only", "a")).nodes} == {
        "o": [1], "i": [2], "a": None,
    }  # fmt: skip
    for part in (Part("until", "x"), Part("from", "x"), Part("only", "nowhere")):
        with pytest.raises(NoSuchNode):
            cut(LONG, part)


def test_given_steps_are_not_run_again_and_lead_on_by_their_ports() -> None:
    document = flow(
        "start > q", "q.true > a > z", "q.false > b > z", q={"type": "flow.if", "config": {"condition": True}}
    )
    given = [
        GivenStep(step="q", port="false", output={"port": "false"}),
        GivenStep(step="a", status="skipped"),
        GivenStep(step="b", output=5),
    ]
    simulation = run(document, given=given)
    assert states(simulation)["z"] == "succeeded"
    assert [event.step for event in simulation.journal if event.step is not None] == ["z", "z"]


# --- joins and disabled nodes ----------------------------------------------------------------------------


def test_two_edges_of_one_source_count_as_two() -> None:
    document = flow("start > q", "q.true > j", "q.false > j", q={"type": "flow.if", "config": {"condition": False}})
    assert states(run(document))["j"] == "succeeded"


def test_a_counted_join_fails_as_soon_as_too_few_can_come() -> None:
    document = flow(
        "start > a > j", "start > q", "q.true > b > j", "start > c > j", j={"join": {"count": 3}}, q={"type": "flow.if"}
    )
    simulation = run(document, mocks={"q": [{"port": "false"}], "c": [{"after": "60s"}]})
    assert simulation.finished_at == 0
    assert simulation.error is not None
    assert simulation.error.code == "join_unreachable"


def test_an_unreachable_join_obeys_its_on_error() -> None:
    document = flow(
        "start > a > j > z", "start > b > j", j={"join": {"count": 2}, "on_error": "continue"}, b={"on_error": "route"}
    )
    simulation = run(document, mocks={"b": [fails()]})
    assert (simulation.status, states(simulation)["j"], states(simulation)["z"]) == ("succeeded", "failed", "succeeded")


def test_a_disabled_node_is_stepped_over() -> None:
    simulation = run(flow("start > a > b", a={"disabled": True}))
    assert (states(simulation)["a"], states(simulation)["b"]) == ("skipped", "succeeded")


def test_an_answer_by_a_port_the_node_doesnt_have_fails_it() -> None:
    simulation = run(flow("start > a"), mocks={"a": [{"port": "sideways"}]})
    assert simulation.error is not None
    assert simulation.error.code == "unknown_port"
