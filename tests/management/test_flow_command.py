import json
from io import StringIO
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from django.core.management import CommandError, call_command

from flows.models import Flow
from flows.security import safejson
from tests.cast import CHAIN, workspace

TESTED = CHAIN | {
    "name": "Tested",
    "tests": [{"name": "adds one", "input": {"n": 4}, "expect": {"run": "succeeded", "output": 5}}],
}


def called(*arguments: str) -> str:
    out = StringIO()
    call_command("flow", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tested.json"
    path.write_text(json.dumps(TESTED), encoding="utf-8")
    return path


def test_a_sound_file_is_said_to_run_without_a_database(file: Path) -> None:
    assert called("validate", str(file)) == f"{file}: can run\n"


def test_what_a_crash_would_do_is_told_and_fails_nothing(tmp_path: Path) -> None:
    charge = {"id": "charge", "type": "http.request", "config": {"method": "POST", "url": "https://pay.example"}}
    document = {
        "nodes": [{"id": "start", "type": "trigger.manual"}, charge],
        "edges": [{"from": "start", "to": "charge"}],
    }
    path = tmp_path / "charge.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    told = called("validate", str(path)).splitlines()
    assert told[0].startswith(f"{path}:/nodes/1/effect: warning: charge may be sent twice")
    assert told[1:] == [f"{path}: can run"]
    charge["config"]["headers"] = {"idempotency-key": "{{ input.order_id }}"}  # type: ignore[index]  # a dict
    path.write_text(json.dumps(document), encoding="utf-8")
    assert called("validate", str(path)) == f"{path}: can run\n"


def test_what_changed_between_two_files_is_told(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    nodes = [*TESTED["nodes"][:2], TESTED["nodes"][2] | {"config": {"value": "{{ nodes.one.x + 2 }}"}}]
    other.write_text(json.dumps(TESTED | {"nodes": nodes}), encoding="utf-8")
    assert called("diff", str(file), str(other)).splitlines() == [
        "~ config.value of node two was changed",
        "    - {{ nodes.one.x + 1 }}",
        "    + {{ nodes.one.x + 2 }}",
    ]
    assert called("diff", str(file), str(file)) == "Nothing differs.\n"


def test_every_problem_of_a_file_is_told_and_the_command_fails(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("nodes: [{id: a, type: no.such}, {id: a, type: log}]\nedges: []\n", encoding="utf-8")
    out = StringIO()
    with pytest.raises(CommandError, match="problems"):
        call_command("flow", "validate", str(path), stdout=out)
    assert "no.such" in out.getvalue()
    assert "more than once" in out.getvalue()


@pytest.mark.parametrize("text", ["[1, 2", "just words", ""])
def test_what_is_no_document_is_one_clear_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "none.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError):
        called("validate", str(path))


def test_a_file_there_is_not_is_one_clear_sentence() -> None:
    with pytest.raises(CommandError, match="nowhere"):
        called("validate", "nowhere.json")


def test_the_tests_of_a_file_are_played_without_a_database(file: Path) -> None:
    assert called("test", str(file)).splitlines() == [
        f"passed  {file}: adds one",
        "        coverage 100 %: 3 of 3 nodes, 3 of 3 ports",
    ]


def test_a_test_that_fails_says_what_came_out(tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    wrong = TESTED | {"tests": [{"name": "adds two", "input": {"n": 4}, "expect": {"output": 6}}]}
    path.write_text(json.dumps(wrong), encoding="utf-8")
    out = StringIO()
    with pytest.raises(CommandError, match="1 tests failed"):
        call_command("flow", "test", str(path), stdout=out)
    assert "5" in out.getvalue()


def test_what_no_test_reaches_is_told(tmp_path: Path) -> None:
    path = tmp_path / "branch.json"
    branch = {"id": "big", "type": "flow.if", "config": {"condition": "{{ input.n > 9 }}"}}
    edges = [{"from": "start", "to": "big"}, {"from": "big", "to": "tell", "port": "true"}]
    nodes = [{"id": "start", "type": "trigger.manual"}, branch, {"id": "tell", "type": "log"}]
    tests = [{"name": "small", "input": {"n": 1}, "expect": {"run": "succeeded"}}]
    path.write_text(json.dumps({"nodes": nodes, "edges": edges, "tests": tests}), encoding="utf-8")
    assert called("test", str(path)).splitlines()[1:] == [
        "        coverage 57 %: 2 of 3 nodes, 2 of 4 ports",
        "        never reached: port big.true",
        "        never reached: node tell",
    ]


def test_a_junit_report_tells_every_file_even_one_that_cannot_be_read(file: Path, tmp_path: Path) -> None:
    broken, report = tmp_path / "broken.json", tmp_path / "report.xml"
    broken.write_text("[1, 2", encoding="utf-8")
    out = StringIO()
    with pytest.raises(CommandError, match="0 tests failed, 1 files can't be tested"):
        call_command("flow", "test", str(broken), str(file), "--junit", str(report), stdout=out)
    assert out.getvalue().startswith(f"ERROR   {broken}: ")
    unread, played = fromstring(report.read_bytes())  # what we wrote ourselves
    assert (unread.get("name"), unread.get("errors")) == ("broken", "1")
    assert (played.get("name"), played.get("tests"), played.get("failures")) == ("Tested", "1", "0")
    assert [one.get("name") for one in played] == ["adds one"]


def test_an_imported_flow_is_exported_as_it_was(db: None, file: Path, tmp_path: Path) -> None:
    workspace("home")
    called("import", str(file), "--publish")
    called("import", str(file))
    assert Flow.objects.get().live is not None
    for name in ("out.json", "out.yaml"):
        called("export", "Tested", str(tmp_path / name))
    assert safejson.loads((tmp_path / "out.json").read_bytes()) == TESTED
    assert "name: Tested" in (tmp_path / "out.yaml").read_text(encoding="utf-8")
