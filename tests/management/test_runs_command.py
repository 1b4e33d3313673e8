"""`manage.py runs`: counts, jobs and their results from a shell."""

import os
from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from flows.models import Inbox, Job, Run
from flows.models.base import first_id_at
from flows.operations.carrying import carry_jobs
from flows.operations.starting import start
from tests.cast import Person, flow


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("runs", *arguments, stdout=out)
    return out.getvalue()


def test_a_job_is_counted_made_told_and_stopped(editor: Person) -> None:
    made = flow(editor.actor, name="Orders")
    runs = [start(editor.actor, made.pk).run.id for _ in range(3)]
    assert told("cancel", "--flow", "Orders", "--dry-run") == "3 runs\n"
    assert told("cancel", "--flow", str(made.pk), "--until", "2020-01-31", "--dry-run") == "0 runs\n"
    assert not Job.objects.exists()
    said = told("cancel", "--flow", "Orders", "--status", "queued", "--reason", "enough")
    job = Job.objects.get()
    assert said == f"{job.pk}  cancel running: 0 of 3 done\n"
    assert (job.actor, job.options["reason"]) == ("command line", "enough")
    Run.objects.filter(pk=runs[0]).update(status="succeeded", finished_at=timezone.now())
    carry_jobs(60.0)
    assert Inbox.objects.count() == 2
    told_of = told("job", str(job.pk)).splitlines()
    assert told_of[0] == f"{job.pk}  cancel done: 2 of 3 done, 1 refused"
    assert told_of[1].startswith(f"  refused  {runs[0]}  #1: The run has ended")
    assert told("jobs") == told_of[0] + "\n"
    assert told("stop", str(job.pk)) == told_of[0] + "\n"


def test_what_cannot_be_is_one_clear_sentence(editor: Person) -> None:
    for arguments in (["retry"], ["retry", "--flow", "nothing"], ["retry", "--status", "odd"], ["job", "--workspace"]):
        with pytest.raises(CommandError):
            told(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["runs", "cancel", "--flow", "Orders", "--reason"],
        ["runs", "cancel", "--code"],
        ["runs", "resolve", str(UUID(int=7)), "charge", "failed", "--message"],
        ["flow", "rollback", "Orders", "--to", "1", "--reason"],
        ["flow", "promote", "Orders", "--to", "staging", "--version", "1", "--reason"],
        ["flow", "take-out", "Orders", "--from", "production", "--reason"],
        ["token", "create", "editor", "--name"],
        ["token", "create"],
    ],
)
def test_what_a_shell_hands_over_in_another_coding_is_said_to_be_no_text(editor: Person, arguments: list[str]) -> None:
    flow(editor.actor, name="Orders")
    with pytest.raises(CommandError, match="not written in UTF-8"):
        call_command(*arguments, os.fsdecode(b"caf\xe9"))
    assert not Job.objects.exists()


def test_what_is_past_its_days_is_told_before_it_goes(editor: Person) -> None:
    made = flow(editor.actor, name="Orders")
    old = timezone.now() - timedelta(days=40)
    Run.objects.filter(pk=start(editor.actor, made.pk).run.id).update(
        id=first_id_at(old), status="failed", created_at=old, finished_at=old
    )
    assert told("purge", "--dry-run").splitlines() == [
        f"1 failed runs of Orders ({made.pk}), kept 30 days",
        "1 runs would be deleted",
    ]
    assert Run.objects.exists()
    assert told("purge") == "1 runs deleted\n"
