"""Back-tests: a draft against the runs that were. What differs is told; an answer nobody recorded is never made up."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from itertools import pairwise
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.translation import override

from flows.dsl.effects import Effect
from flows.dsl.read import InvalidDocument
from flows.engine.performing import CONTROL
from flows.errors import BadInput, NotFound
from flows.models import Alert, Event, Flow, Inbox, Outbox, Payload, Release, Run
from flows.nodes.installed import catalogue
from flows.nodes.kinds import NodeType
from flows.operations.backtests import BackTest, Difference, back_test
from flows.operations.drafts import read_draft, save_draft
from flows.operations.publishing import publish
from flows.operations.saying import message_of
from flows.operations.starting import start
from tests.cast import Person, flow, person, tampering
from tests.runtime.house import drive

pytestmark = pytest.mark.django_db(transaction=True)


class Shop(ThreadingHTTPServer):
    """Answers a charge with what it was asked for, and counts."""

    asked: int = 0


class Charge(BaseHTTPRequestHandler):
    server: Shop

    def do_POST(self) -> None:
        self.server.asked += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(503 if self.path == "/busy" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop(("127.0.0.1", 0), Charge)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.MULGIL = {**settings.MULGIL, "egress_allow": ("127.0.0.1",)}


def document(
    shop: Shop, *, amount: str = "{{ input.amount }}", limit: int = 100, path: str = "charge", **more: Any
) -> dict[str, Any]:
    url = f"http://127.0.0.1:{shop.server_address[1]}/{path}"
    nodes = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "big", "type": "flow.if", "config": {"condition": f"{{{{ input.amount > {limit} }}}}"}},
        {"id": "charge", "type": "http.request", "config": {"method": "POST", "url": url, "json": {"amount": amount}}},
        {"id": "ask", "type": "log", "config": {"message": "too much"}},
        {"id": "told", "type": "data.set", "config": {"fields": {"paid": "{{ nodes.charge.body.amount }}"}}},
    ]
    edges = [
        {"from": "start", "to": "big"},
        {"from": "big", "port": "false", "to": "charge"},
        {"from": "big", "port": "true", "to": "ask"},
        {"from": "charge", "to": "told"},
    ]
    return {"dsl": 1, "nodes": nodes, "edges": edges, **more}


def ran(editor: Person, shop: Shop, *amounts: int) -> Flow:
    """A flow whose live version has run with these amounts."""
    made = flow(editor.actor, document(shop))
    for amount in amounts:
        start(editor.actor, made.pk, input={"amount": amount})
    drive()
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}
    return made


def redrawn(editor: Person, made: Flow, changed: dict[str, Any]) -> None:
    save_draft(editor.actor, made.pk, document=changed, revision=read_draft(editor.actor, made.pk).revision)


def verdicts(found: BackTest) -> list[str]:
    return [run.verdict for run in found.runs]


def test_a_draft_that_does_the_same_is_said_to_and_nothing_leaves_the_machine(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 5, 50, 500)
    asked = shop.asked
    found = back_test(editor.actor, made.pk)
    assert (verdicts(found), found.left) == (["same"] * 3, 0)
    assert [run.differences for run in found.runs] == [[], [], []]
    assert (shop.asked, Run.objects.count()) == (asked, 3) == (2, 3)


def test_a_changed_branch_is_found_in_the_runs_that_took_it(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 5, 50, 500)
    redrawn(editor, made, document(shop, limit=10))
    found = back_test(editor.actor, made.pk)
    assert verdicts(found) == ["same", "differs", "same"]
    differs = found.runs[1]
    assert (differs.before, differs.after) == ("succeeded", "succeeded")
    assert Difference(what="state", step="charge", before="succeeded", after="skipped") in differs.differences
    assert Difference(what="state", step="ask", before="skipped", after="succeeded") in differs.differences
    assert shop.asked == 2


def test_what_rests_on_the_clock_or_on_chance_is_the_same_again(editor: Person) -> None:
    code = "import random\ndef run(input):\n    return random.random()"
    nodes = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "pause", "type": "flow.wait", "config": {"for": "1ms"}},
        {"id": "when", "type": "data.transform", "config": {"value": "{{ now + ' ' + nodes.pause.until }}"}},
        {"id": "dice", "type": "code.python", "config": {"code": code}},
    ]
    edges = [{"from": a["id"], "to": b["id"]} for a, b in pairwise(nodes)]
    made = flow(editor.actor, {"dsl": 1, "nodes": nodes, "edges": edges})
    start(editor.actor, made.pk)
    drive()
    assert Run.objects.get().status == "succeeded"
    assert [run.differences for run in back_test(editor.actor, made.pk).runs] == [[]]


def test_calls_of_turns_that_come_no_more_are_told(editor: Person, shop: Shop) -> None:
    def turns(count: int) -> dict[str, Any]:
        charge = document(shop, amount="{{ index }}")["nodes"][2] | {"parent": "loop"}
        loop = {"id": "loop", "type": "flow.while", "config": {"condition": f"{{{{ index < {count} }}}}", "max": 9}}
        last = {"id": "last", "type": "data.transform", "parent": "loop", "config": {"value": "done"}}
        edges = [{"from": "start", "to": "loop"}, {"from": "charge", "to": "last"}]
        return {"dsl": 1, "nodes": [{"id": "start", "type": "trigger.manual"}, loop, charge, last], "edges": edges}

    made = flow(editor.actor, turns(3))
    start(editor.actor, made.pk)
    drive()
    assert shop.asked == 3
    redrawn(editor, made, turns(2))
    (run,) = back_test(editor.actor, made.pk).runs
    ((what, step, after),) = [(one.what, one.step, one.after) for one in run.differences]
    assert (run.verdict, what, step, after) == ("differs", "call", "loop[2]/charge", None)


def test_a_run_that_was_deleted_meanwhile_answers_nothing(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 5)
    [run] = Run.objects.all()
    with tampering():
        Event.objects.all().delete()
    [told] = back_test(editor.actor, made.pk).runs
    assert (told.run, told.verdict, told.step) == (run.pk, "unanswered", "")
    assert told.reason is not None
    assert message_of(told.reason) == "Nothing that the run recorded is there any more."


def test_a_call_that_asks_for_something_else_is_told_with_both(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 5)
    redrawn(editor, made, document(shop, amount="{{ input.amount * 2 }}"))
    [run] = back_test(editor.actor, made.pk).runs
    assert run.verdict == "differs"
    [call] = [one for one in run.differences if one.what == "call"]
    assert call.step == "charge"
    assert (call.before["json"], call.after["json"]) == ({"amount": 5}, {"amount": 10})  # type: ignore[index,call-overload]  # configs are objects


def test_an_answer_nobody_recorded_is_said_and_not_made_up(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 500)
    redrawn(editor, made, document(shop, limit=1_000))
    [run] = back_test(editor.actor, made.pk).runs
    assert (run.verdict, run.step, run.after) == ("unanswered", "charge", None)
    assert run.reason is not None
    assert "never came there" in run.reason.message
    assert shop.asked == 0


def test_a_node_that_does_something_else_now_has_no_answer(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 5)
    changed = document(shop)
    changed["nodes"][2] |= {"type": "database.postgres", "config": {"sql": "SELECT 1"}, "credential": "books"}
    redrawn(editor, made, changed)
    [run] = back_test(editor.actor, made.pk).runs
    assert (run.verdict, run.step) == ("unanswered", "charge")
    assert str(run.reason) == "charge was of type http.request when the run was recorded."


def test_an_attempt_more_than_there_were_has_no_answer(editor: Person, shop: Shop) -> None:
    def trying(times: int) -> dict[str, Any]:
        made = document(shop, path="busy")
        made["nodes"][2]["retry"] = {"max_attempts": times, "initial": "1ms"}
        return made

    made = flow(editor.actor, trying(2))
    start(editor.actor, made.pk, input={"amount": 5})
    drive()
    assert Run.objects.get().status == "failed"
    assert verdicts(back_test(editor.actor, made.pk)) == ["same"]
    redrawn(editor, made, trying(3))
    [run] = back_test(editor.actor, made.pk).runs
    assert (run.verdict, run.step, shop.asked) == ("unanswered", "charge", 2)
    assert "was tried 2 times" in str(run.reason)
    redrawn(editor, made, trying(1))
    [run] = back_test(editor.actor, made.pk).runs
    assert run.after == "failed"


def test_an_answer_that_is_kept_no_more_is_said_to_be_removed(editor: Person, shop: Shop) -> None:
    wide = document(shop, amount="{{ 'x' * 50000 }}")
    made = flow(editor.actor, wide)
    start(editor.actor, made.pk, input={"amount": 5})
    drive()
    assert verdicts(back_test(editor.actor, made.pk)) == ["same"]
    Payload.objects.all().delete()
    [run] = back_test(editor.actor, made.pk).runs
    assert (run.verdict, run.step) == ("unanswered", "charge")
    assert "was removed" in str(run.reason)


def test_a_run_whose_input_is_refused_now_is_told_with_the_reason(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 5, 50)
    inputs = {"type": "object", "properties": {"amount": {"type": "integer", "minimum": 10}}}
    redrawn(editor, made, document(shop, inputs=inputs))
    found = back_test(editor.actor, made.pk)
    assert verdicts(found) == ["same", "refused"]
    assert "10" in str(found.runs[1].reason)


def test_the_newest_runs_are_taken_and_no_more_than_asked(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 500, 501, 502)
    found = back_test(editor.actor, made.pk, runs=2)
    assert [run.number for run in found.runs] == sorted((run.number for run in found.runs), reverse=True)
    assert len(found.runs) == 2
    for wrong in (0, 101):
        with pytest.raises(BadInput):
            back_test(editor.actor, made.pk, runs=wrong)


def test_a_version_is_played_as_well_as_the_draft(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 50)
    redrawn(editor, made, document(shop, limit=10))
    assert verdicts(back_test(editor.actor, made.pk, version=1)) == ["same"]
    with pytest.raises(NotFound):
        back_test(editor.actor, made.pk, version=2)


def test_a_draft_that_cannot_run_is_refused_with_its_problems(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 500)
    changed = document(shop)
    changed["nodes"][3]["type"] = "no.such"
    redrawn(editor, made, changed)
    with pytest.raises(InvalidDocument):
        back_test(editor.actor, made.pk)


def test_over_http_everything_is_told_and_a_stranger_learns_nothing(client: Client, editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 50)
    redrawn(editor, made, document(shop, limit=10))
    at = f"/api/flows/{made.pk}/backtest/"
    told = client.post(at, {"runs": 5}, content_type="application/json", headers=editor.headers).json()
    assert told["left"] == 0
    assert [(run["verdict"], run["number"]) for run in told["runs"]] == [("differs", 1)]
    assert {"what": "state", "step": "charge", "before": "succeeded", "after": "skipped"} in told["runs"][0][
        "differences"
    ]
    stranger = person("stranger", "admin", home="elsewhere")
    assert client.post(at, {}, content_type="application/json", headers=stranger.headers).status_code == 404
    wrong = client.post(at, {"runs": 1000}, content_type="application/json", headers=editor.headers)
    assert wrong.status_code == 422


def test_the_command_says_what_differs_by_its_exit_code_too(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 50)
    out = StringIO()
    call_command("backtest", made.name, stdout=out)
    assert out.getvalue() == "same       #1 succeeded → succeeded\n1 same\n"
    redrawn(editor, made, document(shop, limit=10))
    with pytest.raises(CommandError) as told:
        call_command("backtest", str(made.pk), stdout=out)
    assert told.value.returncode == 3
    assert 'state charge: "succeeded" → "skipped"' in out.getvalue()


def test_the_command_says_so_in_korean(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 50)
    redrawn(editor, made, document(shop, limit=10))
    out = StringIO()
    with override("ko"), pytest.raises(CommandError, match="실행 1건의 결과가 다릅니다"):
        call_command("backtest", str(made.pk), stdout=out)
    told = out.getvalue().splitlines()
    assert told[0].split() == ["다름", "#1", "성공", "→", "성공"]
    assert '           charge의 상태: "succeeded" → "skipped"' in told
    assert told[-1] == "1 다름"
    with override("ko"), pytest.raises(CommandError, match="이름 없는 것 플로가 없습니다"):
        call_command("backtest", "이름 없는 것", stdout=out)


def outside() -> dict[str, int]:
    """How many rows there are of everything by which a flow reaches out."""
    return {model.__name__: model.objects.count() for model in (Run, Release, Outbox, Inbox, Alert, Event, Payload)}


EFFECTS = [
    one for one in catalogue() if one.role == "task" and one.name not in CONTROL and one.effect_of is not Effect.PURE
]


def test_there_are_effects_to_attack_with() -> None:
    names = {one.name for one in EFFECTS}
    assert names >= {"http.request", "flow.call", "flow.rollback", "database.postgres", "outbox.publish"}


@pytest.mark.parametrize("kind", EFFECTS, ids=lambda kind: kind.name)
def test_an_effect_that_is_new_in_the_draft_is_not_performed_and_said_to_have_no_answer(
    editor: Person, shop: Shop, kind: NodeType
) -> None:
    assert kind.example is not None
    made = flow(editor.actor, document(shop))
    start(editor.actor, made.pk, input={"amount": 500, **kind.example.input})
    drive()
    before, asked = outside(), shop.asked
    changed = document(shop, settings={"vars": kind.example.vars})
    config = dict(kind.example.config)
    if kind.name == "http.request":
        config["url"] = f"http://127.0.0.1:{shop.server_address[1]}/charge"
    new = {"id": "fresh", "type": kind.name, "config": config, "credential": "books" if kind.credential else None}
    changed["nodes"].append({key: value for key, value in new.items() if value is not None})
    changed["edges"].append({"from": "start", "to": "fresh"})
    redrawn(editor, made, changed)
    [run] = back_test(editor.actor, made.pk).runs
    assert (run.verdict, run.step, run.after) == ("unanswered", "fresh", None)
    assert (outside(), shop.asked) == (before, asked)


def test_what_the_draft_computes_anew_stays_in_the_sandbox(editor: Person, shop: Shop) -> None:
    made = ran(editor, shop, 500)
    before, asked = outside(), shop.asked
    changed = document(shop)
    port = shop.server_address[1]
    code = f"def run(value):\n    import socket\n    socket.create_connection(('127.0.0.1', {port})).send(b'POST / HTTP/1.0')"
    changed["nodes"] += [
        {"id": "script", "type": "code.python", "config": {"input": None, "code": code}, "on_error": "continue"},
        {"id": "shout", "type": "log", "config": {"message": "{{ input.amount }}", "level": "error"}},
    ]
    changed["edges"] += [{"from": "start", "to": "script"}, {"from": "script", "to": "shout"}]
    redrawn(editor, made, changed)
    [run] = back_test(editor.actor, made.pk).runs
    assert run.verdict == "differs"
    assert (outside(), shop.asked) == (before, asked)


def test_a_rollback_and_a_call_that_were_are_answered_and_not_done_again(editor: Person, shop: Shop) -> None:
    other = ran(editor, shop, 5, 50)
    save_draft(editor.actor, other.pk, document=document(shop, description="second"), revision=1)
    publish(editor.actor, other.pk)
    nodes = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "call", "type": "flow.call", "config": {"flow": str(other.pk), "input": {"amount": 500}}},
        {"id": "back", "type": "flow.rollback", "config": {"flow": str(other.pk), "version": 1}},
    ]
    edges = [{"from": "start", "to": "call"}, {"from": "call", "to": "back"}]
    made = flow(editor.actor, {"dsl": 1, "nodes": nodes, "edges": edges}, name="Keeper")
    start(editor.actor, made.pk)
    drive()
    before, asked = outside(), shop.asked
    assert Release.objects.filter(flow=other, kind="rollback").count() == 1
    assert verdicts(back_test(editor.actor, made.pk)) == ["same"]
    assert (outside(), shop.asked) == (before, asked)
