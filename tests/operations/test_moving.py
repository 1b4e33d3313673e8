"""Moving parked runs to another version: looked at, asked for, obeyed by the executor, one by one and by filter."""

import asyncio
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from flows.engine.events import RunMoved, StepStarted
from flows.errors import BadInput, Forbidden, NotFound
from flows.journal.moved import stretches
from flows.models import Alert, AuditEntry, Event, Inbox, Job, JobResult, Run, Snapshot, Version
from flows.operations import carrying, moving, steering
from flows.operations.backtests import back_test
from flows.operations.carrying import carry_jobs
from flows.operations.drafts import save_draft
from flows.operations.environments import Releasers, change_environment
from flows.operations.fsck import check
from flows.operations.jobs import Order, make_job, preview
from flows.operations.moving import CannotMove, NoVersionToLeave, SameVersion, move, preview_move
from flows.operations.protection import NotReleaser, SecondNeeded
from flows.operations.pruning import SETTLES, keep_versions, prune
from flows.operations.publishing import publish
from flows.operations.releases import release
from flows.operations.run_filter import RunFilter
from flows.operations.starting import start
from flows.operations.steering import RunEnded
from flows.security import safejson
from tests.cast import Person, flow
from tests.operations.parked import FIRST, SECOND, goes_by, parked, pay
from tests.runtime.house import drive, executing, journal, kinds, vanish

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_parked_run_is_moved_and_goes_on_by_the_new_version(editor: Person, operator: Person) -> None:
    _, (run,) = parked(editor)
    move(operator.actor, run.pk, 2, reason="the old one said old")
    drive()
    assert goes_by(run) == (2, "waiting")
    (event,) = [event for event in journal(run) if isinstance(event, RunMoved)]
    assert (event.was_version, event.version, event.by, event.reason) == (1, 2, "operator", "the old one said old")
    assert stretches([event]) == [(1, event.was_hash), (2, event.document_hash)]
    assert Snapshot.objects.get(run=run).seq == Run.objects.get(pk=run.pk).seq, "right behind the move"
    pay(operator, run)
    assert goes_by(run) == (2, "succeeded")
    output = safejson.loads(Run.objects.get(pk=run.pk).output or "")
    assert output == {"said": "once"}, "what was done before the move stays done"
    begun = [event.step for event in journal(run) if isinstance(event, StepStarted)]
    assert begun == ["before", "paid", "after", "more"]
    assert check().faults == []
    assert AuditEntry.objects.filter(verb="sent move to").count() == 1


def test_a_moved_run_is_folded_from_its_beginning_where_there_is_no_snapshot(editor: Person, operator: Person) -> None:
    _, (run,) = parked(editor)
    move(operator.actor, run.pk, 2)
    drive()
    Snapshot.objects.all().delete()
    assert preview_move(operator.actor, run.pk, 1).fit.obstacles == ()
    pay(operator, run)
    assert goes_by(run) == (2, "succeeded")
    assert check().faults == []


def test_a_run_is_moved_there_and_back(editor: Person, operator: Person) -> None:
    _, (run,) = parked(editor)
    for version in (2, 1):
        move(operator.actor, run.pk, version)
        drive()
    assert goes_by(run) == (1, "waiting")
    Snapshot.objects.all().delete()
    pay(operator, run)
    assert goes_by(run) == (1, "succeeded")
    assert safejson.loads(Run.objects.get(pk=run.pk).output or "") == {"said": "old"}
    assert check().faults == []


def test_a_paused_run_is_moved_and_stays_paused(editor: Person, operator: Person) -> None:
    _, (run,) = parked(editor)
    steering.pause(operator.actor, run.pk)
    drive()
    move(operator.actor, run.pk, 2)
    drive()
    assert goes_by(run) == (2, "paused")
    steering.resume(operator.actor, run.pk)
    pay(operator, run)
    assert goes_by(run) == (2, "succeeded")
    assert check().faults == []


def test_an_executor_that_vanishes_with_the_letter_leaves_it_to_the_next(editor: Person, operator: Person) -> None:
    _, (run,) = parked(editor)
    move(operator.actor, run.pk, 2)

    async def dies() -> None:
        async with executing() as executor:
            turn = asyncio.ensure_future(executor.turn())
            while not executor.drivers:
                await asyncio.sleep(0)
            await vanish(executor)
            turn.cancel()
            await asyncio.wait([turn])

    asyncio.run(dies())
    drive()
    drive()
    assert goes_by(run)[0] == 2
    assert kinds(run).count("run_moved") == 1
    pay(operator, run)
    assert goes_by(run) == (2, "succeeded")
    assert check().faults == []


def test_what_does_not_fit_is_told_beforehand_and_refused(editor: Person, operator: Person) -> None:
    _, (run,) = parked(editor)
    found = preview_move(operator.actor, run.pk, 3)
    assert [(one.why, one.node) for one in found.fit.obstacles] == [("before_it", "paid")]
    with pytest.raises(CannotMove, match="paid has begun"):
        move(operator.actor, run.pk, 3)
    assert not Inbox.objects.exists()
    assert goes_by(run) == (1, "waiting")


def test_a_run_that_went_on_where_it_fits_no_more_stays_and_an_alert_says_so(editor: Person, operator: Person) -> None:
    _, (run,) = parked(editor)
    way = moving._way(operator.actor, run.pk, 3)
    letter = {"version": 3, "version_id": str(way.version.pk), "hash": way.version.hash, "by": "operator", "reason": ""}
    steering.send(operator.actor, way.run, "move", letter)
    drive()
    assert goes_by(run) == (1, "waiting")
    assert Run.objects.get(pk=run.pk).mail == 0
    alert = Alert.objects.get(run_id=run.pk)
    assert (alert.code, "not moved to version 3: paid has begun" in alert.message) == ("not_moved", True)
    pay(operator, run)
    assert goes_by(run) == (1, "succeeded")
    assert check().faults == []


def test_who_may_not_steer_moves_nothing_and_what_is_no_move_is_named(
    editor: Person, operator: Person, viewer: Person
) -> None:
    _, (run,) = parked(editor)
    with pytest.raises(Forbidden):
        move(viewer.actor, run.pk, 2)
    with pytest.raises(Forbidden):
        preview_move(viewer.actor, run.pk, 2)
    with pytest.raises(NotFound):
        move(operator.actor, run.pk, 9)
    with pytest.raises(SameVersion):
        move(operator.actor, run.pk, 1)
    pay(operator, run)
    with pytest.raises(RunEnded):
        move(operator.actor, run.pk, 2)
    Run.objects.filter(pk=run.pk).update(status="waiting", version=None)
    with pytest.raises(NoVersionToLeave):
        move(operator.actor, run.pk, 2)


def test_the_fsck_sees_a_row_that_names_another_version_than_the_journal(editor: Person, operator: Person) -> None:
    made, (run,) = parked(editor)
    move(operator.actor, run.pk, 2)
    drive()
    first = made.versions.get(number=1)
    Run.objects.filter(pk=run.pk).update(version=first, document_hash=first.hash)
    assert [fault.finding.rule for fault in check().faults] == ["projection"]


# --- by filter --------------------------------------------------------------------------------------------


def test_runs_are_moved_by_filter_and_each_refusal_is_told(editor: Person, operator: Person) -> None:
    made, (one, two, gone) = parked(editor, 3)
    order = Order(action="move", filter=RunFilter(flow=made.pk, version=1), to=2, reason="mended")
    assert preview(operator.actor, order).count == 3
    job = make_job(operator.actor, order)
    assert (job.options, job.total) == ({"to": 2, "reason": "mended"}, 3)
    pay(operator, gone)
    while carry_jobs(60.0):
        pass
    drive()
    job.refresh_from_db()
    assert (job.status, job.done, job.refused) == ("done", 2, 1)
    told = dict(JobResult.objects.filter(job=job).values_list("run_id", "code"))
    assert told == {one.pk: "", two.pk: "", gone.pk: "run_ended"}
    assert [goes_by(run) for run in (one, two, gone)] == [(2, "waiting"), (2, "waiting"), (1, "succeeded")]
    assert check().faults == []
    other = start(editor.actor, flow(editor.actor, FIRST, name="another").pk).run
    with pytest.raises(BadInput, match="several"):
        make_job(operator.actor, Order(action="move", runs=(one.pk, other.id), to=2))
    misfit = make_job(operator.actor, Order(action="move", filter=RunFilter(flow=made.pk), to=3))
    while carry_jobs(60.0):
        pass
    assert set(JobResult.objects.filter(job=misfit).values_list("code", flat=True)) == {"cannot_move"}


def test_a_run_that_cannot_be_read_keeps_no_other_from_being_moved(
    editor: Person, operator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (one, two) = parked(editor, 2)
    whole = carrying.move

    def breaks(actor: Any, run: Any, *rest: Any, **more: Any) -> Any:
        if run == one.pk:
            raise KeyError("lacking")
        return whole(actor, run, *rest, **more)

    monkeypatch.setattr(carrying, "move", breaks)
    job = make_job(operator.actor, Order(action="move", runs=(one.pk, two.pk), to=2))
    while carry_jobs(60.0):
        pass
    assert dict(JobResult.objects.filter(job=job).values_list("run_id", "code")) == {one.pk: "conflict", two.pk: ""}


def test_runs_are_moved_from_the_command_line(editor: Person) -> None:
    made, (one, two) = parked(editor, 2)
    out = StringIO()
    call_command("runs", "move", "--workspace", "home", "--to", "2", "--run", str(one.pk), stdout=out)
    call_command("runs", "move", "--workspace", "home", "--to", "2", "--flow", made.name, "--dry-run", stdout=out)
    while carry_jobs(60.0):
        pass
    drive()
    assert "1 runs" not in out.getvalue().splitlines()[0]
    assert Job.objects.get().action == "move"
    assert (goes_by(one), goes_by(two)) == ((2, "waiting"), (1, "waiting"))


# --- over HTTP --------------------------------------------------------------------------------------------


def test_the_move_is_looked_at_and_asked_for_over_http(client: Client, editor: Person, operator: Person) -> None:
    _, (run,) = parked(editor)

    def post(version: int, query: str = "", **headers: str) -> Any:
        told = {**operator.headers, **headers}
        body = {"version": version}
        return client.post(f"/api/runs/{run.pk}/move/{query}", body, content_type="application/json", headers=told)

    looked = post(2, "?preview=true")
    assert looked.status_code == 200
    assert looked.json() == {
        "was": 1, "version": 2, "obstacles": [], "matched": ["start", "before", "paid"], "new": ["more"], "gone": [],
        "begins": [], "deadline": None,
        "stands": [{
            "step": "paid", "node": "paid", "status": "waiting", "waits_on": "signal", "ref": "paid", "due": None,
            "changed": False,
        }],
    }  # fmt: skip
    (obstacle,) = post(3, "?preview=true", **{"Accept-Language": "ko"}).json()["obstacles"]
    assert (obstacle["code"], obstacle["node"]) == ("before_it", "paid")
    assert obstacle["message"].startswith("paid")
    assert "새 버전" in obstacle["message"]
    refused = post(3)
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_move")
    assert not Event.objects.filter(kind="run_moved").exists()
    assert post(2).status_code == 202
    drive()
    assert goes_by(run) == (2, "waiting")
    shown = client.get(f"/api/runs/{run.pk}/", headers=operator.headers).json()
    assert shown["moved"]
    assert (shown["version"], [step["node"] for step in shown["steps"]]) == (
        2,
        ["start", "before", "paid", "after", "more"],
    )


def waiting_and_a_version_nobody_saw(editor: Person) -> Run:
    """A run of version 1 that waits in production; versions 1 to 3 were live there, version 4 never was."""
    made, (run,) = parked(editor)
    save_draft(editor.actor, made.pk, document=SECOND | {"description": "unseen"}, revision=3)
    publish(editor.actor, made.pk, release=False)
    return run


def test_runs_are_not_moved_past_the_second_pair_of_eyes(editor: Person, operator: Person, admin: Person) -> None:
    run = waiting_and_a_version_nobody_saw(editor)
    change_environment(admin.actor, "production", needs_second=True)
    for somebody in (editor, admin):
        with pytest.raises(SecondNeeded, match="Version 4 was never live in production"):
            preview_move(somebody.actor, run.pk, 4)
    with pytest.raises(Forbidden):
        move(operator.actor, run.pk, 4)
    job = make_job(admin.actor, Order(action="move", to=4, runs=[run.pk]))
    while carry_jobs():
        pass
    assert [result.code for result in JobResult.objects.filter(job=job)] == ["second_needed"]
    move(operator.actor, run.pk, 2)
    drive()
    assert goes_by(run) == (2, "waiting"), "what was live there was looked at"


def test_runs_are_moved_to_what_was_never_live_by_those_who_may_release_it(
    editor: Person, operator: Person, admin: Person
) -> None:
    run = waiting_and_a_version_nobody_saw(editor)
    change_environment(admin.actor, "production", releasers=Releasers(roles=["admin"]))
    with pytest.raises(NotReleaser):
        move(editor.actor, run.pk, 4)
    with pytest.raises(Forbidden):
        move(operator.actor, run.pk, 4)
    assert preview_move(operator.actor, run.pk, 2).fit.obstacles == ()
    move(admin.actor, run.pk, 4)
    drive()
    assert goes_by(run) == (4, "waiting")


def test_a_test_run_is_moved_by_hand_wherever_it_is(editor: Person, operator: Person, admin: Person) -> None:
    run = waiting_and_a_version_nobody_saw(editor)
    change_environment(admin.actor, "production", needs_second=True)
    Run.objects.filter(pk=run.pk).update(is_test=True)
    assert preview_move(operator.actor, run.pk, 4).fit.obstacles == ()


def gone(admin: Person, flow: Any) -> list[int]:
    """The versions that have no text any more after both rounds of pruning, where but the last is kept."""
    keep_versions(admin.actor, flow.pk, by="own", last=1)
    now = timezone.now()
    prune(now)
    prune(now + SETTLES + timedelta(minutes=1))
    return sorted(Version.objects.filter(flow=flow, document="").values_list("number", flat=True))


def test_a_version_that_a_run_was_asked_to_go_by_is_there_when_its_letter_is_read(
    editor: Person, admin: Person
) -> None:
    made, (run,) = parked(editor)
    release(editor.actor, made.pk, version=1)
    release(editor.actor, made.pk, version=3)
    move(editor.actor, run.pk, 2, reason='a NUL: \0, and "version_id":"none"')
    assert gone(admin, made) == []
    drive()
    assert goes_by(run) == (2, "waiting")
    assert gone(admin, made) == [], "it was on version 1, and is on version 2"


def test_a_version_that_a_job_moves_runs_to_stays_until_the_job_is_through(editor: Person, admin: Person) -> None:
    made, (run,) = parked(editor)
    release(editor.actor, made.pk, version=1)
    release(editor.actor, made.pk, version=3)
    job = make_job(editor.actor, Order(action="move", runs=[run.pk], to=2))
    assert gone(admin, made) == []
    Job.objects.filter(pk=job.pk).update(status="stopped")
    assert gone(admin, made) == [2]


def test_a_back_test_finds_what_runs_of_older_versions_went_by_after_pruning(editor: Person, admin: Person) -> None:
    made, (run,) = parked(editor)
    move(editor.actor, run.pk, 2)
    drive()
    pay(editor, run)
    for _ in range(2):
        publish(editor.actor, made.pk)
    assert gone(admin, made) == [3], "5 is live, 4 the way back, and the run went by the first two"
    told = back_test(editor.actor, made.pk, version=2).runs
    assert [(one.run, one.reason) for one in told] == [(run.pk, None)]
