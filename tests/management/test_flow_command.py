import json
import os
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from flows.models import Flow, Live
from flows.operations.drafts import save_draft
from flows.operations.environments import change_environment
from flows.operations.flows import archive_flow
from flows.operations.publishing import publish
from flows.security import safejson
from tests.cast import CHAIN, Person, flow, workspace

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
    config: dict[str, Any] = {"method": "POST", "url": "https://pay.example"}
    charge = {"id": "charge", "type": "http.request", "config": config}
    document = {
        "nodes": [{"id": "start", "type": "trigger.manual"}, charge],
        "edges": [{"from": "start", "to": "charge"}],
    }
    path = tmp_path / "charge.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    told = called("validate", str(path)).splitlines()
    assert told[0].startswith(f"{path}:/nodes/1/effect: warning: charge may be sent twice")
    assert told[1:] == [f"{path}: can run"]
    config["headers"] = {"idempotency-key": "{{ input.order_id }}"}
    path.write_text(json.dumps(document), encoding="utf-8")
    assert called("validate", str(path)) == f"{path}: can run\n"


def test_what_changed_between_two_files_is_told(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    nodes = [*TESTED["nodes"][:2], TESTED["nodes"][2] | {"config": {"value": "{{ nodes.one.x + 2 }}"}}]
    other.write_text(json.dumps(TESTED | {"nodes": nodes}), encoding="utf-8")
    assert called("diff", str(file), str(other)).splitlines() == [
        "~ config.value of node two was changed",
        "    {{ nodes.one.x + [-1-]{+2+} }}",
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


@pytest.mark.parametrize("name", ["out.json", "out.yaml"])
def test_a_flow_called_otherwise_than_its_document_comes_back_as_the_same(
    db: None, file: Path, tmp_path: Path, name: str
) -> None:
    workspace("home")
    called("import", str(file))
    Flow.objects.update(name="Renamed")
    called("export", "Renamed", str(tmp_path / name))
    told = called("import", str(tmp_path / name), "--dry-run")
    assert told == f"same     {name}: Renamed\nNothing would change.\n"


def test_a_whole_workspace_goes_into_a_folder_and_into_another_workspace(db: None, file: Path, tmp_path: Path) -> None:
    workspace("home")
    workspace("elsewhere")
    called("import", str(file))
    folder = tmp_path / "flows"
    assert called("export", str(folder)) == f"1 flows in {folder}\n"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(first) == ["manifest.yaml", "tested.yaml"]
    told = called("import", str(folder), "--publish", "--workspace", "elsewhere").splitlines()
    assert told[0] == "new      tested.yaml: Tested, to be published"
    assert told[1].endswith("  Tested  published as version 1")
    called("export", str(folder), "--workspace", "home")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    everything = [str(folder / name) for name in sorted(first)]
    assert called("validate", *everything) == f"{folder / 'tested.yaml'}: can run\n"
    assert called("test", *everything).startswith(f"passed  {folder / 'tested.yaml'}: adds one\n")


def test_a_dry_run_tells_the_difference_changes_nothing_and_says_so_by_its_exit_code(
    db: None, file: Path, tmp_path: Path
) -> None:
    workspace("home")
    called("import", str(file))
    assert called("import", str(file), "--dry-run") == "same     tested.json: Tested\nNothing would change.\n"
    file.write_text(file.read_text(encoding="utf-8").replace("x + 1", "x + 2"), encoding="utf-8")
    out = StringIO()
    with pytest.raises(CommandError, match="1 flows would change") as ended:
        call_command("flow", "import", str(file), "--dry-run", stdout=out)
    assert ended.value.returncode == 3
    assert out.getvalue().splitlines() == [
        "changed  tested.json: Tested",
        "         ~ config.value of node two was changed",
        "             {{ nodes.one.x + [-1-]{+2+} }}",
    ]
    called("export", "Tested", str(tmp_path / "after.json"))
    assert "x + 1" in (tmp_path / "after.json").read_text(encoding="utf-8")


def test_one_bad_file_keeps_the_others_out_and_every_one_is_told(db: None, file: Path, tmp_path: Path) -> None:
    workspace("home")
    for name in ("bad.yaml", "worse.yaml"):
        (tmp_path / name).write_text("nodes: [1", encoding="utf-8")
    out = StringIO()
    with pytest.raises(CommandError, match="2 files") as ended:
        call_command("flow", "import", str(tmp_path), stdout=out)
    assert ended.value.returncode == 1
    assert [line.partition(":")[0] for line in out.getvalue().splitlines()] == [
        "new      tested.json",
        "refused  bad.yaml",
        "refused  worse.yaml",
    ]
    assert not Flow.objects.exists()


def test_what_the_command_line_says_is_said_in_korean(db: None, file: Path, tmp_path: Path) -> None:
    workspace("home")
    out, folder = StringIO(), tmp_path / "folder"
    folder.mkdir()
    (folder / "bomb.yaml").write_text("a: &a [1]\nb: [*a, *a]", encoding="utf-8")
    with (
        override("ko"),
        pytest.raises(CommandError, match=r"아무것도 가져오지 않았습니다\. 가져올 수 없는 파일이 1개입니다\."),
    ):
        call_command("flow", "import", str(folder), stdout=out)
    assert out.getvalue().startswith("거부됨      bomb.yaml: ")
    assert "2번째 줄: 별칭(alias)은 읽지 않습니다" in out.getvalue()
    with override("ko"):
        assert called("validate", str(file)) == f"{file}: 실행할 수 있습니다\n"
        assert "통과  " in called("test", str(file))
        assert called("import", str(file)).startswith("새 플로     tested.json: Tested\n")
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(TESTED | {"nodes": []}), encoding="utf-8")
    out = StringIO()
    with override("ko"), pytest.raises(CommandError, match=r"문제 [0-9]+개"):
        call_command("flow", "validate", str(bad), stdout=out)
    assert "트리거가 없습니다" in out.getvalue()


def test_unknown_node_types_are_told(db: None, tmp_path: Path) -> None:
    workspace("home")
    path = tmp_path / "acme.yaml"
    path.write_text("nodes: [{id: a, type: acme.send}]\n", encoding="utf-8")
    assert "unknown node types: acme.send" in called("import", str(path))


@pytest.mark.parametrize("where", ["in the folder", "named"])
def test_a_symbolic_link_is_not_followed(db: None, file: Path, tmp_path: Path, where: str) -> None:
    workspace("home")
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "link.json").symlink_to(file)
    with pytest.raises(CommandError, match="symbolic link"):
        called("import", str(folder if where == "in the folder" else folder / "link.json"))
    assert not Flow.objects.exists()


def test_what_is_no_file_is_not_waited_for(db: None, tmp_path: Path) -> None:
    workspace("home")
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(CommandError, match="is not a file"):
        called("import", str(tmp_path))


def test_more_than_ten_mebibytes_are_not_read(db: None, file: Path, tmp_path: Path) -> None:
    workspace("home")
    with (tmp_path / "large.yaml").open("wb") as large:
        large.truncate(2**40)
    with pytest.raises(CommandError, match="over the limit of 10485760"):
        called("import", str(tmp_path))
    assert not Flow.objects.exists()


def test_a_folder_without_flows_and_one_with_too_many_are_said(db: None, tmp_path: Path) -> None:
    workspace("home")
    with pytest.raises(CommandError, match="holds no flows"):
        called("import", str(tmp_path))
    for number in range(1_002):
        (tmp_path / f"{number}.yaml").touch()
    with pytest.raises(CommandError, match="1002"):
        called("import", str(tmp_path))


def test_what_is_live_in_one_environment_is_promoted_to_the_next(editor: Person, admin: Person) -> None:
    made = flow(editor.actor, CHAIN | {"settings": {"vars": {"base": "http://here"}}}, name="Orders")
    with pytest.raises(CommandError, match="before staging"):
        called("promote", "Orders", "--to", "staging", "--workspace", "home")
    promoted = called("promote", "Orders", "--to", "staging", "--version", "1", "--workspace", "home")
    assert promoted == "New runs of Orders in staging use version 1.\n"
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "second"}, revision=1)
    publish(editor.actor, made.pk)
    told = called("diff", "staging", "production", "--flow", "Orders", "--workspace", "home")
    assert "description" in told
    back = called("rollback", "Orders", "--to", "2", "--environment", "staging", "--workspace", "home")
    assert back == "New runs of Orders use version 2 instead of version 1.\n"
    change_environment(admin.actor, "staging", needs_second=True)
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "third"}, revision=2)
    publish(editor.actor, made.pk, release=False)
    waits = called("promote", "Orders", "--to", "staging", "--version", "3", "--workspace", "home")
    assert waits == "The release of Orders in staging waits for a second person.\n"


def test_a_flow_is_taken_out_of_one_environment_and_its_live_version_is_told(editor: Person) -> None:
    made = flow(editor.actor, name="Orders")
    called("promote", "Orders", "--to", "staging", "--version", "1", "--workspace", "home")
    asked = ("take-out", "Orders", "--from", "staging", "--reason", "moved house", "--workspace", "home")
    with override("ko"):
        assert called(*asked).splitlines() == [
            "이제 staging에서는 Orders 플로가 새로 시작되지 않습니다.",
            "그곳에서는 v1 버전을 운영하고 있었습니다. 진행 중인 실행은 그 버전으로 계속됩니다.",
        ]
        with pytest.raises(CommandError, match="이 플로는 staging에 릴리스되어 있지 않습니다"):
            called(*asked)
    assert [live.environment.name for live in Live.objects.filter(flow=made)] == ["production"]
    newest = made.releases.latest("pk")
    assert (newest.kind, newest.reason, newest.version.number) == ("take_out", "moved house", 1)
    assert called("take-out", "Orders", "--from", "production", "--workspace", "home").splitlines() == [
        "Nothing of Orders starts in production any more.",
        "Version 1 was live there; runs that go on keep it.",
    ]
    for missing in (("take-out", "Nobody", "--from", "production"), ("take-out", "Orders", "--from", "nowhere")):
        with pytest.raises(CommandError, match=r"There is no"):
            called(*missing, "--workspace", "home")


def test_an_archived_flow_is_taken_out_and_read_and_everything_else_says_that_it_is_archived(
    editor: Person, tmp_path: Path
) -> None:
    made = flow(editor.actor, name="Orders")
    archive_flow(editor.actor, made.pk)
    home = ("--workspace", "home")
    refused = [
        ("rollback", "Orders", "--to", "1"),
        ("rollback", str(made.pk)),
        ("promote", "Orders", "--to", "staging", "--version", "1"),
        ("promote", "Orders", "--to", "staging", "--version", "1", "--dry-run"),
    ]
    for asked in refused:
        with pytest.raises(CommandError, match=r"^The flow Orders is archived\. Restore it first\.$"):
            called(*asked, *home)
    assert called("export", "--live", "Orders", str(tmp_path / "orders.yaml"), *home)
    assert called("take-out", "Orders", "--from", "production", *home).startswith("Nothing of Orders starts")
    assert not Live.objects.exists()
    new = flow(editor.actor, name="Orders")
    called("take-out", "Orders", "--from", "production", *home)
    assert new.releases.latest("pk").kind == "take_out", "the one that isn't archived has the name now"


@pytest.mark.parametrize(
    "name",
    ["\udcff", "Ord\udcffers", "../..", "9" * 5_000, "x" * 70_000, "%s{0}"],
    ids=["byte", "byte within", "path", "number", "long", "format"],
)
def test_what_names_no_flow_and_no_workspace_is_said_so(editor: Person, name: str) -> None:
    flow(editor.actor, name="Orders")
    for asked in (("rollback", name), ("take-out", name, "--from", "dev"), ("promote", name, "--to", "staging")):
        with pytest.raises(CommandError, match=r"^There is no flow"):
            called(*asked, "--workspace", "home")
        with pytest.raises(CommandError, match=r"^There is no workspace"):
            called(*asked, "--workspace", name)


def test_what_a_promotion_would_do_is_told_and_nothing_is_done(admin: Person) -> None:
    flow(admin.actor, CHAIN | {"settings": {"vars": {"base": None}}}, name="Orders")
    asked = ("promote", "Orders", "--to", "staging", "--version", "1", "--dry-run", "--workspace", "home")
    out = StringIO()
    with pytest.raises(CommandError, match="1 things are in the way"):
        call_command("flow", *asked, stdout=out)
    assert "refused  base: the flow leaves the value to the environment" in out.getvalue()
    change_environment(admin.actor, "staging", vars={"base": "http://there"})
    out = StringIO()
    with pytest.raises(CommandError, match="it would be done") as would:
        call_command("flow", *asked, stdout=out)
    assert would.value.returncode == 3
    assert out.getvalue().splitlines() == [
        "version 1 to staging",
        'variable base = "http://there" (of the environment)',
    ]
    assert not Live.objects.filter(environment__name="staging").exists()
