"""A rerun of only those items of a step that failed: on PostgreSQL, with everything that is taken over."""

from typing import Any, Final
from uuid import UUID

import orjson
import pytest
from django.db.models import F

from flows.dsl.read import read_document
from flows.engine.compile import compile_plan
from flows.engine.remaining import NoItems, NotAFailedItem, NothingFailed, RunTogether
from flows.engine.snapshot import dump_state
from flows.errors import Forbidden
from flows.journal import read
from flows.journal.moments import item_states
from flows.journal.snapshots import EVENTS, refold
from flows.models import AuditEntry, Flow, Payload, Run, Snapshot
from flows.nodes.installed import catalogue
from flows.operations.dead_letters import retry
from flows.operations.drafts import save_draft
from flows.operations.fsck import check
from flows.operations.publishing import publish
from flows.operations.rerunning import Again, preview_rerun, rerun
from flows.operations.starting import start
from tests.cast import Person, flow, person
from tests.runtime.house import drive, kinds

pytestmark = pytest.mark.django_db(transaction=True)

ITEMS: Final = [4, 0, 2, 0]


def document(on_error: str = "collect", divided: str = "8 // item", **loop: Any) -> dict[str, Any]:
    """`share` divides by each item, `total` says what came of it."""
    each = {"items": "{{ input.items }}", "on_error": on_error}
    return {
        "dsl": 1,
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "before", "type": "data.set", "config": {"fields": {"x": 1}}},
            {
                "id": "share",
                "type": "data.transform",
                "config": {"value": f"{{{{ {divided} }}}}"},
                "each": each,
                **loop,
            },
            {"id": "total", "type": "data.transform", "config": {"value": "{{ nodes.share }}"}},
        ],
        "edges": [
            {"from": "start", "to": "before"},
            {"from": "before", "to": "share"},
            {"from": "share", "to": "total"},
        ],
    }


def driven(run: UUID) -> Run:
    """The run at its end; on a busy machine that may take a second turn."""
    for _ in range(5):
        drive()
        if Run.objects.get(pk=run).finished_at is not None:
            break
    assert check().faults == []
    return Run.objects.get(pk=run)


def ran(editor: Person, made: Flow, items: Any = ITEMS) -> Run:
    return driven(start(editor.actor, made.pk, input={"items": items}).run.id)


def again(editor: Person, old: Run, asked: Again) -> dict[str, Any]:
    run = driven(rerun(editor.actor, old.pk, asked).run.id)
    return dict(read.run_view(run.pk) or {})


def begun(run: Any) -> list[str]:
    rows = read.events_after(run, 0, 1_000)
    return [row.step or "" for row in rows if row.kind == "step_started" and "[" in (row.step or "")]


def test_only_the_failed_items_run_again_on_the_version_that_was_mended(editor: Person) -> None:
    made = flow(editor.actor, document())
    old = ran(editor, made)
    save_draft(editor.actor, made.pk, document=document(divided="8 // (item or 1)"), revision=1)
    publish(editor.actor, made.pk)
    asked = Again(from_step="share", items="failed", version=2)
    preview = preview_rerun(editor.actor, old.pk, asked)
    assert preview.items is not None
    assert (preview.items.again, preview.items.kept, preview.items.left) == (2, 2, 0)
    assert (preview.reused, preview.run_again) == (["start", "before"], ["share", "total"])
    view = again(editor, old, asked)
    assert (view["status"], view["output"]) == ("succeeded", [2, 8, 4, 8])
    assert begun(view["id"]) == ["share[1]", "share[3]"]
    share = next(step for step in view["steps"] if step["key"] == "share")
    assert (share["items"], share["done"]) == (4, 4)
    entry = AuditEntry.objects.get(verb="ran again")
    assert entry.subject == "2 items of share"


def test_one_of_the_failed_items_runs_again_and_the_other_stays_failed(editor: Person) -> None:
    old = ran(editor, flow(editor.actor, document()))
    view = again(editor, old, Again(from_step="share", items=(3,)))
    assert begun(view["id"]) == ["share[3]"]
    assert [isinstance(one, dict) for one in view["output"]] == [False, True, False, True]
    states = item_states(UUID(view["id"]), "share", read.ALL)
    assert states is not None
    assert states["states"] == "sfsf"
    taken, left = (read.step_detail(UUID(view["id"]), f"share[{place}]") or {} for place in (0, 1))
    assert (taken["status"], taken["given"], taken["output"]) == ("succeeded", True, 2)
    assert (left["status"], left["given"]) == ("failed", True)
    assert "zero" in str(left["error"])
    assert read.step_detail(UUID(view["id"]), "share[7]") is None


def test_a_dead_letter_that_failed_in_a_list_goes_on_with_what_has_no_output(editor: Person) -> None:
    old = ran(editor, flow(editor.actor, document("stop")))
    assert old.status == "failed"
    run = driven(retry(editor.actor, [old.pk]).retried[0][1])
    assert begun(run.pk) == ["share[1]"], "the first item is taken over; the second fails again"
    with pytest.raises(RunTogether):
        rerun(editor.actor, old.pk, Again(from_step="share", items=(1,)))


def test_a_dead_letter_whose_list_could_not_be_made_runs_again_as_a_whole(editor: Person) -> None:
    old = ran(editor, flow(editor.actor, document()), "no list")
    assert old.status == "failed"
    assert "items_listed" not in kinds(driven(retry(editor.actor, [old.pk]).retried[0][1]))


def test_outputs_that_stand_beside_the_journal_are_taken_over(editor: Person) -> None:
    wide = document("stop", divided="[str(8 // item)] * 20000")
    old = ran(editor, flow(editor.actor, wide), [4, 2, 0, 1])
    before = Payload.objects.count()
    asked = Again(from_step="share", items="failed")
    made = rerun(editor.actor, old.pk, asked).run.id
    assert Payload.objects.count() == before + 1
    driven(made)
    rows = [row for row in read.events_after(made, 0, 100) if row.kind == "items_listed"]
    assert '"refs":["outputs"]' in rows[0].data
    assert begun(made) == ["share[2]"]


def test_an_item_of_a_container_runs_again_as_a_whole(editor: Person) -> None:
    nodes = document()
    nodes["nodes"][2] = {
        "id": "share",
        "type": "flow.for_each",
        "config": {"items": "{{ input.items }}", "on_error": "collect"},
    }
    inner = {"id": "divide", "type": "data.transform", "parent": "share"}
    each = {"items": [1, 0], "on_error": "collect"}
    nodes["nodes"] += [{**inner, "config": {"value": "{{ 8 // (item + index) }}"}, "each": each}]
    old = ran(editor, flow(editor.actor, nodes), [1, 2])
    assert old.status == "succeeded"
    with pytest.raises(NothingFailed):
        rerun(editor.actor, old.pk, Again(from_step="share", items="failed"))
    view = again(editor, old, Again(from_step="share[1]/divide", items="failed"))
    assert begun(view["id"]) == ["share[1]/divide", "share[1]/divide[0]", "share[1]/divide[1]"]


def test_what_cannot_be_run_again_is_refused_before_anything_starts(editor: Person) -> None:
    old = ran(editor, flow(editor.actor, document()))
    for asked, error in (
        (Again(from_step="share", items=(0,)), NotAFailedItem),
        (Again(from_step="total", items=(0,)), NoItems),
    ):
        with pytest.raises(error):
            preview_rerun(editor.actor, old.pk, asked)
    with pytest.raises(Forbidden):
        rerun(person("viewer", "viewer").actor, old.pk, Again(from_step="share", items="failed"))
    assert Run.objects.count() == 1


MANY: Final = [number % 7 for number in range(300)]


@pytest.mark.parametrize("on_error", ["collect", "stop"])
def test_what_a_long_list_lost_is_read_off_the_state_its_run_ended_with(editor: Person, on_error: str) -> None:
    made = flow(editor.actor, document(on_error, divided="8 // (item - 6)"))
    old = ran(editor, made, MANY if on_error == "collect" else [*[1] * 290, 6, 1])
    assert old.seq - Snapshot.objects.get(run=old).seq <= EVENTS < old.seq
    asked = Again(from_step="share", items="failed")
    from_the_state = preview_rerun(editor.actor, old.pk, asked)
    Snapshot.objects.all().delete()
    assert preview_rerun(editor.actor, old.pk, asked) == from_the_state, "the whole journal says the same"
    assert from_the_state.items is not None
    assert from_the_state.items.again == (MANY.count(6) if on_error == "collect" else 2)


def test_a_state_that_was_kept_in_mid_list_is_folded_on(editor: Person) -> None:
    old = ran(editor, flow(editor.actor, document()), MANY)
    asked = Again(from_step="share", items="failed")
    wanted = preview_rerun(editor.actor, old.pk, asked)
    plan = compile_plan(read_document(document()), catalogue())
    rows = [row for row in read.all_events(old.pk) if row.seq <= 250]
    data = orjson.dumps(dump_state(refold(plan, None, rows).state))
    Snapshot.objects.filter(run=old).update(seq=250, data=data)
    assert preview_rerun(editor.actor, old.pk, asked) == wanted
    view = again(editor, old, asked)
    assert begun(view["id"]) == [f"share[{place}]" for place, item in enumerate(MANY) if item == 0]


def test_a_run_that_lost_nothing_and_one_that_is_short_end_without_a_state(editor: Person) -> None:
    made = flow(editor.actor, document())
    ran(editor, made, [1] * 300)
    ran(editor, made, [0] * 3)
    assert not Snapshot.objects.exclude(run__seq__gt=F("seq")).exists()
