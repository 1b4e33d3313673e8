"""The integrity report: each finding, and the crash, silence or failure it warns of, played in the simulator."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from flows.dsl.document import Document
from flows.engine.events import StepStarted, StepUncertain, StepWaiting
from flows.engine.integrity import FINDINGS, Surroundings, examine
from flows.engine.simulate import Simulation
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow, run, states

KEYED = {"type": "effect.keyed"}
SAGA: dict[str, Any] = {"on_failure": "compensate"}
TRIES = {"retry": {"max_attempts": 5, "initial": "1s"}}


def found(document: Document, code: str = "") -> list[tuple[str, str | None]]:
    """Codes and nodes, of one code alone if it is given."""
    return [(one.code, one.node) for one in examine(document, CATALOGUE) if code in ("", one.code)]


def crashed(document: Document, step: str, **more: Any) -> Simulation:
    """The run whose process dies in mid-attempt of the step, the first time it is begun."""
    whole = run(document, **more)
    seq = next(at for at, one in enumerate(whole.journal, 1) if isinstance(one, StepStarted) and one.step == step)
    return run(document, crash_after={seq}, **more)


def begun(simulation: Simulation, step: str) -> int:
    return sum(isinstance(one, StepStarted) and one.step == step for one in simulation.journal)


# --- effects ---------------------------------------------------------------------------------------------


def test_a_crash_in_mid_send_sends_again_what_is_only_keyed() -> None:
    document = flow("start > charge", charge=KEYED)
    assert found(document) == [("may_be_sent_twice", "charge")]
    assert begun(crashed(document, "charge"), "charge") == 2


def test_what_is_sent_at_most_once_is_never_sent_again() -> None:
    document = flow("start > charge", charge=KEYED | {"effect": "once"})
    assert found(document) == []
    simulation = crashed(document, "charge")
    assert begun(simulation, "charge") == 1
    assert any(isinstance(one, StepUncertain) for one in simulation.journal)


@pytest.mark.parametrize("more", [{"effect": "keyed"}, {"config": {"safe": True}}, {"disabled": True}])
def test_who_vouched_for_the_key_is_not_warned_again(more: dict[str, Any]) -> None:
    assert found(flow("start > charge", charge=KEYED | more)) == []


@pytest.mark.parametrize("effect", ["pure", "read", "transactional", "once"])
def test_other_classes_say_themselves_what_a_crash_does(effect: str) -> None:
    assert found(flow("start > a", a={"type": f"effect.{effect}"})) == []


# --- sagas -----------------------------------------------------------------------------------------------


def saga(*more: str, settings: dict[str, Any] | None = None, **nodes: dict[str, Any]) -> Document:
    kinds = {"charge": {"type": "effect.once"}, "refund": {"type": "effect.once"}, "ship": {"type": "effect.read"}}
    return flow("start > charge > ship", *more, settings=SAGA if settings is None else settings, **(kinds | nodes))


def test_a_whole_saga_has_nothing_to_be_said() -> None:
    document = saga("charge.compensate > refund")
    assert found(document) == []
    assert states(run(document, mocks={"ship": [fails()]}))["charge"] == "compensated"


def test_an_effect_cut_off_by_its_timeout_stands_without_its_undo() -> None:
    charge = KEYED | {"timeout": "5s"}
    document = saga("charge.compensate > refund", charge=charge)
    assert found(document, "effect_may_stand") == [("effect_may_stand", "charge")]
    simulation = run(document, mocks={"charge": [{"after": "1m"}]})
    assert states(simulation) | {"charge": "failed", "refund": "skipped"} == states(simulation)
    once = saga("charge.compensate > refund", charge=charge | {"effect": "once"})
    assert found(once) == []
    assert states(run(once, mocks={"charge": [{"after": "1m"}]}))["charge"] == "uncertain"


def test_an_effect_cut_off_by_a_failure_beside_it_stands_without_its_undo() -> None:
    document = flow("start > charge", "start > ship", "charge.compensate > refund", settings=SAGA, charge=KEYED)
    assert ("effect_may_stand", "charge") in found(document)
    seen = states(run(document, mocks={"charge": [{"after": "9s"}], "ship": [fails(after="1s")]}))
    assert (seen["charge"], seen["refund"]) == ("cancelled", "skipped")


def test_an_effect_without_an_undo_stays_when_what_follows_fails() -> None:
    document = saga("ship > pack", "charge.compensate > refund", pack={"type": "effect.once"}, ship={})
    assert found(document) == []
    document = saga("ship > notify", "charge.compensate > refund", ship={"type": "effect.once"}, notify=KEYED)
    assert found(document, "not_undone") == [("not_undone", "ship")]
    seen = states(run(document, mocks={"notify": [fails()]}))
    assert (seen["charge"], seen["ship"]) == ("compensated", "succeeded")


def test_an_undo_of_the_container_undoes_what_is_inside() -> None:
    document = flow(
        "start > all > ship",
        "all.compensate > back",
        "charge@all",
        settings=SAGA,
        all={"type": "flow.for_each", "config": {"items": [1]}},
        charge={"type": "effect.once"},
        ship={"type": "effect.read"},
    )
    assert found(document) == []


def test_what_can_fail_inside_a_container_behind_it_counts() -> None:
    document = flow(
        "start > charge > mail > all",
        "charge.compensate > refund",
        "post@all",
        settings=SAGA,
        charge={"type": "effect.once"},
        mail={"type": "effect.once"},
        all={"type": "flow.for_each", "config": {"items": [1]}},
        post={"type": "effect.read"},
    )
    assert found(document) == [("not_undone", "mail")]
    seen = states(run(document, mocks={"all[0]/post": [fails()]}))
    assert (seen["charge"], seen["mail"]) == ("compensated", "succeeded")


def test_an_undo_in_a_flow_that_stops_never_runs() -> None:
    document = saga("charge.compensate > refund", settings={})
    assert found(document) == [("undo_never_runs", "charge")]
    assert states(run(document, mocks={"ship": [fails()]}))["refund"] == "skipped"


def test_a_step_drawn_beside_the_flow_is_the_undo_of_nothing() -> None:
    document = saga(refund={"type": "effect.once"})
    assert found(document) == [("nothing_to_undo", None), ("undo_of_nothing", "refund")]


def test_an_undo_with_one_try_leaves_the_effect_after_a_hiccup() -> None:
    document = saga("charge.compensate > refund", refund=KEYED | {"effect": "keyed"})
    assert found(document) == [("undo_tried_once", "refund")]
    hiccup = {"ship": [fails()], "refund": [fails("recoverable")]}
    simulation = run(document, mocks=hiccup)
    assert (states(simulation)["refund"], simulation.alerts) == ("failed", 1)
    patient = saga("charge.compensate > refund", refund=KEYED | {"effect": "keyed"} | TRIES)
    assert found(patient) == []
    assert states(run(patient, mocks=hiccup))["charge"] == "compensated"


# --- waits -----------------------------------------------------------------------------------------------


def signal(**config: Any) -> dict[str, Any]:
    return {"type": "flow.signal", "config": {"name": "go", **config}}


def test_a_signal_that_never_comes_keeps_the_run_for_ever() -> None:
    document = flow("start > hold > a", hold=signal())
    assert found(document) == [("waits_for_ever", "hold")]
    assert run(document).status == "waiting"


def test_a_wait_that_the_flow_or_the_step_ends_is_none_for_ever() -> None:
    by_flow = flow("start > hold > a", hold=signal(), settings={"timeout": "1h"})
    assert found(by_flow) == []
    assert run(by_flow).status == "failed"
    by_step = flow("start > hold > a", "hold.timeout > late", hold=signal(timeout="1h"))
    assert found(by_step) == []
    assert states(run(by_step))["late"] == "succeeded"


def test_a_timeout_nothing_follows_ends_as_if_all_had_gone_well() -> None:
    document = flow("start > hold > a", hold=signal(timeout="1h"))
    assert found(document) == [("timeout_leads_nowhere", "hold")]
    simulation = run(document)
    assert (simulation.status, states(simulation)["a"]) == ("succeeded", "skipped")


def test_a_wait_longer_than_the_run_is_never_over() -> None:
    document = flow("start > rest", rest={"type": "flow.wait", "config": {"for": "24h"}}, settings={"timeout": "1h"})
    assert found(document) == [("wait_beyond_timeout", "rest")]
    simulation = run(document)
    assert (simulation.status, states(simulation)["rest"]) == ("failed", "cancelled")


ASKS: dict[str, Any] = {"title": "Refund?", "assignees": {"roles": ["admin"]}, "timeout": "1h"}


def asks(**more: Any) -> dict[str, Any]:
    config = {name: value for name, value in (ASKS | more).items() if value is not None}
    return {"type": "flow.approval", "config": config}


EVERY_WAY = ("start > ask", "ask.approved > yes", "ask.rejected > no", "ask.timeout > late")


def test_a_question_without_a_timeout_keeps_the_run_for_ever_and_a_join_behind_it() -> None:
    document = flow("start > ask", "ask.approved > both", "start > a > both", ask=asks(timeout=None))
    assert found(document) == [("asks_for_ever", "ask"), ("join_waits", "both")]
    assert run(document).status == "waiting"
    assert found(flow(*EVERY_WAY, ask=asks())) == []
    assert found(flow("start > ask", ask=asks(timeout=None), settings={"timeout": "1h"})) == []


def test_a_default_leaves_nothing_to_the_port_timeout() -> None:
    ways = ("start > ask", "ask.approved > yes", "ask.rejected > no")
    assert found(flow(*ways, ask=asks())) == [("timeout_leads_nowhere", "ask")]
    decided = flow(*ways, ask=asks(on_timeout="reject"))
    assert found(decided) == []
    assert states(run(decided))["no"] == "succeeded"


def test_a_question_longer_than_the_run_is_never_decided_by_its_timeout() -> None:
    document = flow(*EVERY_WAY, ask=asks(timeout="2h"), settings={"timeout": "1h"})
    assert found(document) == [("wait_beyond_timeout", "ask")]
    assert (run(document).status, states(run(document))["late"]) == ("failed", "cancelled")


def test_a_quorum_beyond_those_who_are_asked_is_told() -> None:
    two = {"users": ["kim", "lee", "kim"]}
    assert found(flow(*EVERY_WAY, ask=asks(assignees=two, quorum=3))) == [("quorum_out_of_reach", "ask")]
    further = [{"after": "1m", "assignees": {"users": ["max"]}}]
    groups = [{"after": "1m", "assignees": {"groups": ["board"]}}]
    for enough in (
        asks(assignees=two, quorum=2),
        asks(assignees=two, quorum=3, escalation=further),
        asks(assignees=two, quorum=9, escalation=groups),
        asks(assignees="{{ input.who }}", quorum=9),
        asks(assignees={"users": "{{ input.who }}"}, quorum=9),
    ):
        assert found(flow(*EVERY_WAY, ask=enough)) == []


def test_people_and_groups_that_are_not_there_are_told_where_the_workspace_is_known() -> None:
    named = {"users": ["kim", "ghost", "{{ input.who }}"], "groups": ["board", "lost"]}
    document = flow(*EVERY_WAY, ask=asks(assignees=named))
    assert found(document) == []
    here = Surroundings(users=frozenset({"kim"}), groups=frozenset({"board"}))
    told = [(one.code, one.params["name"]) for one in examine(document, CATALOGUE, here)]
    assert told == [("unknown_user", "ghost"), ("unknown_group", "lost")]


@pytest.mark.parametrize("name", ["a/b", ".", ".."])
def test_a_signal_whose_name_is_no_part_of_an_address_is_told(name: str) -> None:
    document = flow(
        "start > hold", "hold.timeout > z", hold={"type": "flow.signal", "config": {"name": name, "timeout": "1h"}}
    )
    assert found(document) == [("nobody_can_send", "hold")]


def call(**more: Any) -> dict[str, Any]:
    return {"type": "flow.call", "config": {"flow": "Ship"}, "timeout": "1h", **more}


def test_a_call_that_is_waited_for_without_an_end_is_told() -> None:
    document = flow("start > c", c=call(timeout=None))
    assert found(document) == [("call_waits_for_ever", "c")]
    begun_call = StepWaiting(at=1, step="c", on="child", ref="01a1fbf2-c178-77d8-99fa-9d28b103c781")
    assert run(document, mocks={"c": [{"after": "1h"}]}, happenings=[begun_call]).status == "waiting"
    for ends in (
        flow("start > c", c=call()),
        flow("start > c", c=call(timeout=None, config={"flow": "Ship", "wait": False})),
        flow("start > c", c=call(timeout=None), settings={"timeout": "1h"}),
    ):
        assert found(ends) == []


@pytest.mark.parametrize("own", ["Ship", "01a1fbf2-c178-77d8-99fa-9d28b103c781"])
def test_a_call_of_the_flow_it_is_in_is_told_by_name_and_by_id(own: str) -> None:
    document = flow("start > c", c=call(config={"flow": own}))
    here = Surroundings(flow=frozenset({"Ship", "01a1fbf2-c178-77d8-99fa-9d28b103c781"}))
    assert [one.code for one in examine(document, CATALOGUE, here)] == ["calls_itself"]
    assert found(document) == []
    assert found(document.model_copy(update={"name": own})) == [("calls_itself", "c")]


def test_a_call_that_leads_back_by_way_of_others_is_told_with_the_way_where_it_is_known() -> None:
    here = Surroundings(ways_back={("Bill", None): ("Ship", "Bill", "Ship")})
    document = flow("start > c > d", c=call(config={"flow": "Bill"}), d=call(config={"flow": "Bill", "version": 2}))
    (told,) = examine(document, CATALOGUE, here)
    assert (told.code, told.node, told.params["way"]) == ("calls_itself_by_others", "c", "Ship → Bill → Ship")


# --- joins -----------------------------------------------------------------------------------------------


def test_a_join_behind_a_signal_waits_although_its_other_ways_arrived() -> None:
    document = flow("start > hold > both", "start > a > both", hold=signal())
    assert found(document, "join_waits") == [("join_waits", "both")]
    simulation = run(document)
    assert (simulation.status, "both" in states(simulation)) == ("waiting", False)


def test_a_join_that_can_do_without_the_waiting_way_does_not_wait_for_ever() -> None:
    document = flow("start > hold > both", "start > a > both", hold=signal(), both={"join": "any"})
    assert found(document, "join_waits") == []
    assert states(run(document))["both"] == "succeeded"


def test_a_join_behind_a_join_that_waits_is_told_of_the_wait() -> None:
    document = flow("start > hold > mid > both", "start > a > mid", "start > b > both", hold=signal())
    assert found(document, "join_waits") == [("join_waits", "mid"), ("join_waits", "both")]


def test_a_join_that_counts_on_both_ways_of_a_choice_fails() -> None:
    document = flow(
        "start > paid",
        "paid.true > ship > done",
        "paid.false > ask > done",
        "start > log_it > done",
        paid={"type": "flow.if", "config": {"condition": True}},
        done={"join": {"count": 3}},
    )
    assert found(document) == [("join_can_fail", "done")]
    simulation = run(document)
    assert (simulation.status, simulation.error and simulation.error.code) == ("failed", "join_unreachable")


def test_a_join_that_counts_what_always_comes_is_sound() -> None:
    document = flow(
        "start > paid",
        "paid.true > ship > done",
        "paid.false > ask > done",
        "start > log_it > done",
        paid={"type": "flow.if", "config": {"condition": True}},
        done={"join": {"count": 2}},
    )
    assert found(document) == []
    assert run(document).status == "succeeded"


def test_an_error_way_counts_as_a_choice() -> None:
    document = flow(
        "start > a > done", "start > b > done", "a.error > told", a={"on_error": "route"}, done={"join": {"count": 2}}
    )
    assert found(document) == [("join_can_fail", "done")]
    simulation = run(document, mocks={"a": [fails()]})
    assert (simulation.status, simulation.error and simulation.error.code) == ("failed", "join_unreachable")


# --- the report ------------------------------------------------------------------------------------------


def two_locks(*, opposite: bool, **more: Any) -> Document:
    """A lock inside another, and the same two again in another branch."""
    a, b = {"config": {"name": "a", **more}}, {"config": {"name": "b", **more}}
    first, second = (b, a) if opposite else (a, b)
    kind = {"type": "flow.lock"}
    return flow(
        "start > one", "start > two", "in1@one", "p@in1", "in2@two", "q@in2",
        one=kind | a, in1=kind | b, two=kind | first, in2=kind | second,
    )  # fmt: skip


def test_locks_in_both_orders_wait_for_each_other_until_the_time_of_one_is_over() -> None:
    document = two_locks(opposite=True, wait="5s")
    assert found(document) == [("locks_in_both_orders", "in2")]
    assert found(two_locks(opposite=False, wait="5s")) == []
    codes = {entry.error.code for entry in run(document).ledger.steps.values() if entry.error is not None}
    assert "lock_timeout" in codes


def test_a_second_lock_that_is_waited_for_without_end_may_never_come() -> None:
    assert found(two_locks(opposite=False)) == [("lock_without_end", "in1"), ("lock_without_end", "in2")]
    assert run(two_locks(opposite=True)).status == "waiting"
    lone = flow("start > one", "p@one", one={"type": "flow.lock", "config": {"name": "a"}})
    assert found(lone) == []


def test_every_finding_of_the_table_is_found_by_a_test() -> None:
    here = Path(__file__)
    text = "".join(one.read_text(encoding="utf-8") for one in (here, here.with_name("test_clear_secrets.py")))
    assert [code for code in FINDINGS if f'"{code}"' not in text] == []


def test_a_finding_stands_at_a_place_of_the_document() -> None:
    document = flow("start > charge", charge=KEYED)
    (one,) = examine(document, CATALOGUE)
    assert (one.path, one.message.startswith("charge may be sent twice")) == ("/nodes/1/effect", True)


@pytest.mark.parametrize("edges", [["a > b", "b > a"], ["start > nowhere_else > nowhere_else"]])
def test_what_cannot_be_a_plan_has_no_findings(edges: Sequence[str]) -> None:
    assert found(flow(*edges)) == []


def test_a_long_flow_of_effects_is_looked_through_at_once() -> None:
    nodes: dict[str, Any] = {f"n{at}": {"type": "effect.once"} for at in range(3_000)}
    path = " > ".join(["start", "charge", *nodes])
    document = flow(path, "charge.compensate > refund", settings=SAGA, charge={"type": "effect.once"}, **nodes)
    codes = found(document)
    assert len(codes) == 2_999  # all but the last, after which nothing can fail
