"""Flows out into files and in again: the plan, and whole or not at all."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.dsl.canonical import content_hash
from flows.dsl.files import MANIFEST, MAX_BYTES, read_manifest
from flows.dsl.read import read_document
from flows.dsl.text import read_text, write_yaml
from flows.errors import BadInput, Conflict, Forbidden, NotFound
from flows.models import AuditEntry, Draft, Flow, Release, Trigger, Version
from flows.operations import exchange
from flows.operations.actor import Actor
from flows.operations.documents import from_text
from flows.operations.drafts import StaleDraft, save_draft
from flows.operations.environments import FIRST
from flows.operations.exchange import (
    ImportRefused,
    Plan,
    TooMuch,
    export_flows,
    import_flows,
    plan_import,
)
from flows.operations.flows import archive_flow, create_flow, rename_flow
from flows.operations.publishing import publish
from flows.operations.releases import release, take_out
from flows.security import safejson
from tests.cast import CHAIN, Person, flow, with_nodes

WEBHOOK = with_nodes(
    {"id": "hook", "type": "trigger.webhook", "config": {"path": "orders"}}, {"id": "a", "type": "log"}
)
UNKNOWN = with_nodes({"id": "start", "type": "trigger.manual"}, {"id": "a", "type": "acme.send"})
FAILING = CHAIN | {"tests": [{"name": "wrong", "input": {"n": 1}, "expect": {"output": 7}}]}
BAD = {
    "many.yaml": write_yaml({"nodes": [{"id": f"n{n}", "type": "log"} for n in range(10_001)]}).encode(),
    "bomb.yaml": b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "notyaml.yaml": b"nodes: [1, 2",
    "words.yaml": b"just words",
    "nul.yaml": b"nodes: []\nname: a\0b\n",
    "escaped.yaml": b'nodes: []\nname: "a\\0b"\n',
    "latin.yaml": b"nodes: []\nname: \xff\n",
    "shape.yaml": b"nodes: []\nnode: []\n",
    "large.json": safejson.dumps(CHAIN | {"pins": {"one": "x" * 2**21}}).encode(),
    "long.yaml": b"nodes: []\nflow: " + b"x" * 201,
}


def encoded(texts: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in texts.items()}


def exported(actor: Actor) -> dict[str, bytes]:
    return encoded(export_flows(actor))


def file_of(document: dict[str, Any]) -> bytes:
    return safejson.dumps(document).encode()


def hashes(actor: Actor) -> dict[str, str]:
    rows = Draft.objects.filter(flow__workspace_id=actor.workspace).values_list("flow__name", "document")
    return {name: content_hash(read_document(from_text(text))) for name, text in rows}


def told(plan: Plan) -> list[tuple[str, str]]:
    return [(one.what, one.file) for one in plan.entries]


def test_what_is_exported_here_is_the_same_here_and_new_elsewhere(editor: Person, stranger: Person) -> None:
    flow(editor.actor, name="Orders")
    flow(editor.actor, WEBHOOK | {"name": "Inner"}, name="주문 접수", published=False)
    files = exported(editor.actor)
    assert sorted(files) == [MANIFEST, "orders.yaml", "주문-접수.yaml"]
    assert told(plan_import(editor.actor, files)) == [("same", "orders.yaml"), ("same", "주문-접수.yaml")]
    taken = import_flows(stranger.actor, plan_import(stranger.actor, files))
    assert [one.entry.what for one in taken] == ["new", "new"]
    assert hashes(stranger.actor) == hashes(editor.actor)
    assert {name: text for name, text in exported(stranger.actor).items() if name != MANIFEST} == {
        name: text for name, text in files.items() if name != MANIFEST
    }


def test_the_manifest_tells_what_is_live_in_every_environment_and_takes_nothing_in_by_it(
    editor: Person, stranger: Person
) -> None:
    made = flow(editor.actor, name="Orders")
    flow(editor.actor, name="Unpublished", published=False)
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "second"}, revision=1)
    publish(editor.actor, made.pk, release=False)
    for environment in ("staging", "dev"):
        release(editor.actor, made.pk, version=2, environment=environment)
    files = exported(editor.actor)
    told_live = {one.name: one.live for one in read_manifest(files[MANIFEST]).flows}
    assert told_live == {"Orders": {"dev": 2, "production": 1, "staging": 2}, "Unpublished": {}}
    assert list(told_live["Orders"]) == ["dev", "production", "staging"]
    live = read_manifest(encoded(export_flows(editor.actor, live=True))[MANIFEST]).flows
    assert [(one.name, one.live) for one in live] == [("Orders", told_live["Orders"])]
    import_flows(stranger.actor, plan_import(stranger.actor, files))
    assert not Version.objects.filter(flow__workspace_id=stranger.actor.workspace).exists()
    assert plan_import(editor.actor, files).changes == 0
    take_out(editor.actor, made.pk, environment="dev")
    assert read_manifest(exported(editor.actor)[MANIFEST]).flows[0].live == {"production": 1, "staging": 2}


VALUES = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4), st.lists, max_leaves=4)


@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), st.sets(st.sampled_from(FIRST)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_flow_comes_in_with_the_hash_it_went_out_with_wherever_it_is_live(
    editor: Person, stranger: Person, values: Any, lives: set[str]
) -> None:
    document = CHAIN | {"settings": {"vars": values}}
    try:
        made = create_flow(editor.actor, name="Drawn", document=document)
    except BadInput:  # what no JSON can hold was never saved
        return
    if lives and None not in values.values():
        publish(editor.actor, made.pk, release=False)
        for environment in lives:
            release(editor.actor, made.pk, version=1, environment=environment)
    import_flows(stranger.actor, plan_import(stranger.actor, encoded(export_flows(editor.actor, [made.pk]))))
    assert hashes(stranger.actor)["Drawn"] == content_hash(read_document(document))
    assert plan_import(editor.actor, encoded(export_flows(editor.actor, [made.pk]))).changes == 0
    Trigger.objects.all().delete()
    Release.objects.filter(flow=made).delete()
    made.delete()
    Flow.objects.filter(workspace_id=stranger.actor.workspace).delete()


def test_importing_twice_changes_nothing_the_second_time(editor: Person) -> None:
    files = {"a.json": file_of(CHAIN)}
    first = import_flows(editor.actor, plan_import(editor.actor, files, publish=True))
    assert [one.version for one in first] == [1]
    again = plan_import(editor.actor, files, publish=True)
    assert (told(again), again.changes) == ([("same", "a.json")], 0)
    import_flows(editor.actor, again)
    assert Version.objects.count() == 1
    assert AuditEntry.objects.filter(verb="imported").count() == 1


def test_a_changed_file_is_planned_with_what_differs_and_becomes_the_draft(editor: Person) -> None:
    made = flow(editor.actor, name="Orders")
    nodes = [*CHAIN["nodes"][:2], CHAIN["nodes"][2] | {"config": {"value": 5}}]
    plan = plan_import(editor.actor, {"orders.json": file_of(CHAIN | {"nodes": nodes, "flow": "Orders"})})
    (entry,) = plan.entries
    assert (entry.what, entry.flow, plan.changes) == ("changed", made.pk, 1)
    assert [change.after for change in entry.differences or ()] == [5]
    assert hashes(editor.actor)["Orders"] == content_hash(read_document(CHAIN)), "a plan writes nothing"
    import_flows(editor.actor, plan)
    assert hashes(editor.actor)["Orders"] == content_hash(entry.document)
    assert Version.objects.count() == 1, "a draft is not published unasked"


def test_a_flow_is_found_by_its_id_and_takes_the_files_name(editor: Person) -> None:
    made = flow(editor.actor, name="Orders")
    files = exported(editor.actor)
    rename_flow(editor.actor, made.pk, name="Sales")
    plan = plan_import(editor.actor, files)
    assert [(one.what, one.before) for one in plan.entries] == [("changed", "Sales")]
    import_flows(editor.actor, plan)
    assert Flow.objects.get().name == "Orders"


def test_a_name_that_two_flows_have_is_refused_unless_an_id_says_which(editor: Person) -> None:
    flow(editor.actor, name="Orders")
    flow(editor.actor, name="Orders")
    files = exported(editor.actor)
    assert len(files) == 3, "each has a file of its own"
    assert told(plan_import(editor.actor, files)) == [("same", file) for file in sorted(files) if file != MANIFEST]
    plan = plan_import(editor.actor, {"orders.yaml": files["orders.yaml"]})
    assert "2 flows are named Orders" in plan.faults[0].reason


def test_two_files_of_one_flow_are_refused(editor: Person) -> None:
    document = file_of(CHAIN | {"name": "Orders"})
    plan = plan_import(editor.actor, {"a.json": document, "b.json": document})
    assert [(one.file, one.reason) for one in plan.faults] == [("b.json", "it is the same flow as a.json")]


def test_unknown_node_types_are_told_and_come_in_as_a_draft_alone(editor: Person) -> None:
    files = {"a.json": file_of(UNKNOWN)}
    plan = plan_import(editor.actor, files)
    assert plan.entries[0].unknown_types == ["acme.send"]
    published = plan_import(editor.actor, files, publish=True)
    assert "acme.send" in published.faults[0].reason
    with pytest.raises(ImportRefused):
        import_flows(editor.actor, published)
    assert not Flow.objects.exists()
    import_flows(editor.actor, plan)
    assert Flow.objects.get().live is None


def test_failing_tests_keep_a_file_from_being_published(editor: Person) -> None:
    plan = plan_import(editor.actor, {"a.json": file_of(FAILING)}, publish=True)
    assert "wrong" in plan.faults[0].reason


@pytest.mark.parametrize("file", sorted(BAD))
def test_a_bad_file_is_one_clear_answer_and_nothing_is_taken_in(editor: Person, file: str) -> None:
    plan = plan_import(editor.actor, {"good.json": file_of(CHAIN), file: BAD[file]})
    assert [one.file for one in plan.faults] == [file]
    assert plan.faults[0].reason
    assert "\n" not in plan.faults[0].reason
    with pytest.raises(ImportRefused, match=file):
        import_flows(editor.actor, plan)
    assert not Flow.objects.exists()


def test_ten_thousand_and_one_nodes_are_counted_in_the_answer(editor: Person) -> None:
    plan = plan_import(editor.actor, {"many.yaml": BAD["many.yaml"]})
    assert plan.faults[0].reason == "the number of nodes is 10001, over the limit of 10000."


def test_a_hash_that_does_not_match_is_refused_and_the_file_alone_is_not(editor: Person, stranger: Person) -> None:
    flow(editor.actor, name="Orders")
    files = exported(editor.actor)
    files["orders.yaml"] = files["orders.yaml"].replace(b"nodes.one.x + 1", b"nodes.one.x + 2")
    assert "its hash is" in plan_import(stranger.actor, files).faults[0].reason
    alone = plan_import(stranger.actor, {"orders.yaml": files["orders.yaml"]})
    assert (alone.faults, told(alone)) == ([], [("new", "orders.yaml")])


def test_what_the_manifest_lists_must_be_there_and_the_rest_is_left_out(editor: Person) -> None:
    flow(editor.actor, name="Orders")
    files = exported(editor.actor)
    files["other.yaml"] = files.pop("orders.yaml")
    plan = plan_import(editor.actor, files)
    assert [(one.file, plan.left_out) for one in plan.faults] == [("orders.yaml", ["other.yaml"])]


def test_a_manifest_that_leads_out_of_the_folder_stops_everything(editor: Person) -> None:
    flow(editor.actor, name="Orders")
    files = exported(editor.actor)
    files[MANIFEST] = files[MANIFEST].replace(b"file: orders.yaml", b"file: ../orders.yaml")
    plan = plan_import(editor.actor, files)
    assert (plan.entries, plan.faults[0].file) == ((), MANIFEST)
    assert "out of the folder" in plan.faults[0].reason


def test_too_many_and_too_large_files_are_refused_before_they_are_read(editor: Person) -> None:
    with pytest.raises(TooMuch, match="1002"):
        plan_import(editor.actor, {f"{n}.yaml": b"" for n in range(1002)})
    with pytest.raises(TooMuch, match="bytes"):
        plan_import(editor.actor, {f"{n}.yaml": b"x" * (MAX_BYTES // 8) for n in range(9)})


def test_what_fails_while_it_is_carried_out_undoes_all_of_it(editor: Person) -> None:
    """Both want one webhook's path: the second is refused when the first has already been published."""
    files = {"a.json": file_of(WEBHOOK), "b.json": file_of(WEBHOOK)}
    plan = plan_import(editor.actor, files, publish=True)
    assert plan.faults == []
    with pytest.raises(Conflict):
        import_flows(editor.actor, plan)
    assert not Flow.objects.exists()
    assert not AuditEntry.objects.exclude(subject__startswith="token").exists()


@pytest.mark.parametrize("publish", [False, True])
def test_a_draft_saved_since_the_plan_is_not_overwritten(editor: Person, publish: bool) -> None:
    made = flow(editor.actor, name="Orders", published=False)
    other = CHAIN if publish else UNKNOWN
    plan = plan_import(editor.actor, {"orders.json": file_of(other | {"flow": "Orders"})}, publish=publish)
    save_draft(editor.actor, made.pk, document=WEBHOOK, revision=1)
    with pytest.raises(StaleDraft):
        import_flows(editor.actor, plan)
    assert hashes(editor.actor)["Orders"] == content_hash(read_document(WEBHOOK))


def test_a_flow_of_that_name_made_since_the_plan_is_not_doubled(editor: Person) -> None:
    plan = plan_import(editor.actor, {"orders.json": file_of(CHAIN)})
    create_flow(editor.actor, name="orders")
    with pytest.raises(Conflict, match="meanwhile"):
        import_flows(editor.actor, plan)
    assert Flow.objects.count() == 1


def test_a_draft_that_is_no_document_is_replaced_whole_and_not_exported(editor: Person) -> None:
    create_flow(editor.actor, name="Orders", document={"nodes": 1})
    with pytest.raises(BadInput, match="the draft of Orders"):
        export_flows(editor.actor)
    plan = plan_import(editor.actor, {"orders.json": file_of(CHAIN | {"flow": "Orders"})})
    assert [(one.what, one.differences) for one in plan.entries] == [("changed", None)]
    import_flows(editor.actor, plan)
    assert hashes(editor.actor)["Orders"] == content_hash(read_document(CHAIN))


def test_what_is_live_can_be_exported_instead_of_the_drafts(editor: Person) -> None:
    made = flow(editor.actor, name="Orders")
    flow(editor.actor, name="Never", published=False)
    save_draft(editor.actor, made.pk, document=WEBHOOK, revision=1)
    manifest = read_text(export_flows(editor.actor, live=True)[MANIFEST])
    assert isinstance(manifest, dict)
    assert manifest["flows"] == [
        {
            "file": "orders.yaml",
            "name": "Orders",
            "id": str(made.pk),
            "hash": Version.objects.get().hash,
            "live": {"production": 1},
        }
    ]


def test_archived_flows_and_those_of_others_are_neither_exported_nor_matched(editor: Person, stranger: Person) -> None:
    made = flow(editor.actor, name="Orders")
    files = exported(editor.actor)
    with pytest.raises(NotFound):
        export_flows(stranger.actor, [made.pk])
    archive_flow(editor.actor, made.pk)
    assert list(exported(editor.actor)) == [MANIFEST]
    assert list(export_flows(editor.actor, [made.pk])) == ["orders.yaml", MANIFEST], "one that is asked for is"
    assert told(plan_import(editor.actor, files)) == [("new", "orders.yaml")]


def test_who_may_not_write_or_publish_takes_nothing_in(viewer: Person, editor: Person) -> None:
    files = {"a.json": file_of(CHAIN)}
    with pytest.raises(Forbidden):
        import_flows(viewer.actor, plan_import(viewer.actor, files))
    writer = Actor(
        user=None, name="w", workspace=editor.actor.workspace, role="editor",
        scopes=frozenset({"flows:read", "flows:write"}),
    )  # fmt: skip
    with pytest.raises(Forbidden):
        import_flows(writer, plan_import(writer, files, publish=True))
    assert not Flow.objects.exists()


def test_a_document_under_its_limit_comes_in_however_long_its_text_is(editor: Person, stranger: Person) -> None:
    flow(editor.actor, CHAIN | {"pins": {"one": [[[[[[0] * 200_000]]]]]}}, name="Long", published=False)
    files = exported(editor.actor)
    assert len(files["long.yaml"]) > 2**21
    plan = plan_import(stranger.actor, files)
    assert (plan.faults, told(plan)) == ([], [("new", "long.yaml")])


def test_a_long_manifest_counts_for_what_goes_out(editor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        flow(editor.actor, name=f"Live {number}")
    whole = sum(map(len, export_flows(editor.actor).values()))
    monkeypatch.setattr(exchange, "_FOR_MANIFEST", 0)
    monkeypatch.setattr(exchange, "MAX_BYTES", whole)
    assert plan_import(editor.actor, exported(editor.actor)).faults == []
    monkeypatch.setattr(exchange, "MAX_BYTES", whole - 1)
    with pytest.raises(TooMuch, match="size"):
        export_flows(editor.actor)


def test_no_more_goes_out_than_could_come_in(editor: Person) -> None:
    for number in range(5):
        flow(editor.actor, CHAIN | {"pins": {"one": "x" * 2_000_000}}, name=f"Long {number}", published=False)
    with pytest.raises(TooMuch, match="size"):
        export_flows(editor.actor)
    assert len(export_flows(editor.actor, list(Flow.objects.values_list("pk", flat=True)[:4]))) == 5
    text = "{}"
    made = Flow.objects.bulk_create([Flow(workspace_id=editor.actor.workspace, name="x") for _ in range(1_000)])
    Draft.objects.bulk_create([Draft(flow=one, document=text) for one in made])
    with pytest.raises(TooMuch, match="1005"):
        export_flows(editor.actor)
