"""One thing done to many runs: counted first, carried on in pieces, each run once, refused with a reason."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from flows.errors import Forbidden, LimitExceeded
from flows.models import AuditEntry, Flow, Inbox, Job, JobResult, Membership, Run
from flows.models.base import first_id_at
from flows.operations import carrying, jobs
from flows.operations.carrying import carry_jobs
from flows.operations.fsck import check
from flows.operations.jobs import NothingChosen, Order, TooManyJobs, make_job, preview, results_of, stop_job
from flows.operations.retention import purge
from flows.operations.run_filter import RunFilter
from flows.operations.starting import start
from flows.security import safejson
from tests.cast import Person, flow, person
from tests.operations.test_dead_letters import failed
from tests.runtime.house import drive

pytestmark = pytest.mark.django_db(transaction=True)


def queued(editor: Person, count: int) -> tuple[Flow, list[UUID]]:
    made = flow(editor.actor)
    return made, [start(editor.actor, made.pk).run.id for _ in range(count)]


def carried(job: Job) -> Job:
    while carry_jobs(60.0):
        pass
    job.refresh_from_db()
    return job


def outcomes(job: Job) -> dict[UUID, str]:
    return {row.run_id: row.code or row.outcome for row in JobResult.objects.filter(job=job)}


def test_failed_runs_are_run_again_each_once_and_told_apart_from_what_was_refused(
    editor: Person, operator: Person
) -> None:
    first, second, third = failed(editor, 3)
    code = safejson.loads(first.error or "")["code"]
    other = Order(action="retry", filter=RunFilter(flow=first.flow_id, code=f"{code}x"))
    asked = Order(action="retry", filter=RunFilter(flow=first.flow_id, code=code))
    assert [preview(operator.actor, order).count for order in (other, asked)] == [0, 3]
    job = make_job(operator.actor, asked)
    # Meanwhile somebody runs one of them again by hand.
    Run.objects.filter(pk=second.pk).update(attended_at=timezone.now())
    job = carried(job)
    assert (job.status, job.total, job.done, job.refused) == ("done", 3, 2, 1)
    assert outcomes(job) == {first.pk: "done", second.pk: "attended_already", third.pk: "done"}
    made = dict(JobResult.objects.filter(job=job, outcome="done").values_list("run_id", "made"))
    assert {run.rerun_of_id: run.pk for run in Run.objects.filter(rerun_of__isnull=False)} == made
    assert Run.objects.get(pk=made[first.pk]).started_by == "operator"
    assert Run.objects.get(pk=made[first.pk]).part, "it goes on at the step that failed"
    assert AuditEntry.objects.get(verb="began to run again").subject == "3 runs"
    # What ran again is no dead letter any more, so the same filter finds nothing.
    assert preview(operator.actor, asked).count == 0
    with pytest.raises(NothingChosen):
        make_job(operator.actor, asked)


def test_a_piece_that_was_cut_off_never_happened_and_is_done_once(
    editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = failed(editor, 4)
    job = make_job(editor.actor, Order(action="retry"))
    again, turns = carrying.rerun, []

    def cut(*given: Any) -> Any:
        turns.append(1)
        made = again(*given)
        if len(turns) == 3:
            raise KeyboardInterrupt
        return made

    monkeypatch.setattr(carrying, "rerun", cut)
    with pytest.raises(KeyboardInterrupt):
        carry_jobs(60.0)
    job.refresh_from_db()
    assert (job.status, job.done, Run.objects.filter(rerun_of__isnull=False).count()) == ("running", 2, 2)
    job = carried(job)
    assert (job.status, job.done) == ("done", 4)
    again_of = list(Run.objects.filter(rerun_of__isnull=False).values_list("rerun_of_id", flat=True))
    assert sorted(again_of) == sorted(run.pk for run in runs)


def test_a_run_with_something_nobody_thought_of_keeps_no_other_from_its_turn(
    editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = failed(editor, 2)
    job = make_job(editor.actor, Order(action="retry"))
    again = carrying.rerun

    def breaks(actor: Any, run: UUID, asked: Any) -> Any:
        if run == first.pk:
            raise KeyError("lacking")
        return again(actor, run, asked)

    monkeypatch.setattr(carrying, "rerun", breaks)
    assert carried(job).status == "done"
    assert outcomes(job) == {first.pk: "conflict", second.pk: "done"}


def test_live_runs_are_cancelled_by_filter_with_one_letter_each(editor: Person, operator: Person) -> None:
    made, runs = queued(editor, 5)
    other, _ = queued(editor, 1)
    job = make_job(operator.actor, Order(action="cancel", filter=RunFilter(flow=made.pk), reason="too many"))
    Run.objects.filter(pk=runs[0]).update(status="succeeded", finished_at=timezone.now())
    job = carried(job)
    assert (job.done, job.refused) == (4, 1)
    assert outcomes(job)[runs[0]] == "run_ended"
    (refused,) = results_of(operator.actor, job.pk, outcome="refused").rows
    assert refused.fields == {"status": "succeeded"}
    assert sorted(Inbox.objects.values_list("run_id", flat=True)) == sorted(runs[1:])
    drive()
    assert Run.objects.filter(flow=made, status="cancelled").count() == 4
    assert check().faults == []
    Inbox.objects.filter(run_id=runs[1]).delete()
    assert [fault.finding.rule for fault in check(runs[1]).faults].count("inbox") == 2, "sent, and read, and not there"
    assert Run.objects.get(flow=other).status == "succeeded"


def test_paused_runs_are_found_and_resumed(editor: Person) -> None:
    made, runs = queued(editor, 2)
    Run.objects.filter(pk=runs[0]).update(status="paused")
    assert preview(editor.actor, Order(action="pause")).count == 1
    job = carried(make_job(editor.actor, Order(action="resume", filter=RunFilter(flow=made.pk))))
    assert outcomes(job) == {runs[0]: "done"}
    assert Inbox.objects.get().kind == "resume"


def test_runs_named_by_hand_are_all_told_of(editor: Person) -> None:
    _, (one, ended) = queued(editor, 2)
    Run.objects.filter(pk=ended).update(status="succeeded", finished_at=timezone.now())
    stranger = person("stranger", "admin", home="elsewhere")
    _, (foreign,) = queued(stranger, 1)
    job = carried(make_job(editor.actor, Order(action="retry", runs=[one, ended, foreign, uuid4()])))
    assert outcomes(job) == {one: "not_failed", ended: "not_failed"}
    job = carried(make_job(editor.actor, Order(action="cancel", runs=[one, ended])))
    assert outcomes(job) == {one: "done", ended: "run_ended"}


def test_ended_runs_are_deleted_by_admins_alone(editor: Person, admin: Person, operator: Person) -> None:
    made, runs = queued(editor, 3)
    Run.objects.filter(pk__in=runs[:2]).update(status="succeeded", finished_at=timezone.now())
    for person_ in (operator, editor):
        with pytest.raises(Forbidden):
            make_job(person_.actor, Order(action="delete"))
    job = make_job(admin.actor, Order(action="delete", runs=runs))
    Run.objects.filter(pk=runs[1]).delete()
    job = carried(job)
    assert outcomes(job) == {runs[0]: "done", runs[1]: "not_found", runs[2]: "still_going"}
    assert [run.pk for run in Run.objects.filter(flow=made)] == [runs[2]]


def test_a_viewer_and_a_stranger_do_nothing(editor: Person, viewer: Person) -> None:
    _, runs = queued(editor, 1)
    for action in ("retry", "cancel", "pause", "resume"):
        with pytest.raises(Forbidden):
            make_job(viewer.actor, Order(action=action, runs=runs))  # type: ignore[arg-type]  # an action each
    job = make_job(editor.actor, Order(action="cancel", runs=runs))
    with pytest.raises(Forbidden):
        stop_job(viewer.actor, job.pk)
    assert list(jobs.list_jobs(person("stranger", "admin", home="elsewhere").actor).rows) == []


def test_what_is_stopped_leaves_the_rest_alone(editor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    queued(editor, 3)
    monkeypatch.setattr(carrying, "BATCH", 2)
    job = make_job(editor.actor, Order(action="cancel"))
    assert carrying._carry_one()
    stopped = stop_job(editor.actor, job.pk)
    assert (stopped.status, stopped.stopped_by) == ("stopped", "editor")
    assert not carry_jobs(60.0)
    assert sorted(outcomes(job).values()) == ["", "done", "done"]
    assert stop_job(editor.actor, job.pk).finished_at == stopped.finished_at


def test_a_job_of_someone_who_lost_the_right_stops_by_itself(editor: Person, operator: Person) -> None:
    queued(editor, 1)
    job = make_job(operator.actor, Order(action="cancel"))
    Membership.objects.filter(user_id=operator.actor.user).update(role="viewer")
    job = carried(job)
    assert (job.status, job.stopped_by, Inbox.objects.count()) == ("stopped", "mulgil", 0)


def test_retries_wait_while_too_much_waits_for_an_executor(editor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    failed(editor, 1)
    _, (waits,) = queued(editor, 1)
    monkeypatch.setattr(carrying, "MAX_READY", 1)
    job = make_job(editor.actor, Order(action="retry"))
    assert carry_jobs(60.0), "something is left to do"
    assert outcomes(job).popitem()[1] == ""
    Run.objects.filter(pk=waits).update(status="succeeded", finished_at=timezone.now())
    assert carrying._carry_one()
    assert outcomes(job).popitem()[1] == "done"


def test_jobs_take_turns_and_have_limits(editor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    made, runs = queued(editor, 4)
    monkeypatch.setattr(carrying, "BATCH", 1)
    monkeypatch.setattr(jobs, "MAX_JOBS", 2)
    one = make_job(editor.actor, Order(action="cancel", runs=runs[:2]))
    two = make_job(editor.actor, Order(action="cancel", runs=runs[2:]))
    with pytest.raises(TooManyJobs):
        make_job(editor.actor, Order(action="cancel"))
    assert carrying._carry_one()
    assert carrying._carry_one()
    assert [Job.objects.get(pk=job.pk).done for job in (one, two)] == [1, 1]
    monkeypatch.setattr(jobs, "MAX_JOBS", 5)
    monkeypatch.setattr(jobs, "MAX_RUNS", 3)
    assert preview(editor.actor, Order(action="cancel", filter=RunFilter(flow=made.pk))).count == 4
    with pytest.raises(LimitExceeded):
        make_job(editor.actor, Order(action="cancel"))
    assert Job.objects.count() == 2


def test_a_filter_means_when_a_run_was_made_and_no_run_made_later(editor: Person) -> None:
    _, (old, young) = queued(editor, 2)
    moment = timezone.now() - timedelta(days=3)
    Run.objects.filter(pk=old).update(id=first_id_at(moment), created_at=moment)
    day = timedelta(days=1)
    assert preview(editor.actor, Order(action="cancel", filter=RunFilter(until=moment + day))).count == 1
    assert preview(editor.actor, Order(action="cancel", filter=RunFilter(since=moment + day))).count == 1
    assert preview(editor.actor, Order(action="cancel", filter=RunFilter(since=moment))).count == 2
    seen = preview(editor.actor, Order(action="cancel")).until
    start(editor.actor, Run.objects.get(pk=young).flow_id)
    job = make_job(editor.actor, Order(action="cancel", filter=RunFilter(until=seen)))
    assert job.total == 2


def test_an_old_job_goes_with_its_results(editor: Person) -> None:
    queued(editor, 1)
    job = carried(make_job(editor.actor, Order(action="cancel")))
    purge()
    assert Job.objects.exists()
    Job.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(days=31))
    purge()
    assert not Job.objects.exists()
    assert not JobResult.objects.exists()
