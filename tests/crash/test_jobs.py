"""A job whose worker host is killed in mid-job goes on with the next one, and does each run once."""

import os
import secrets
import signal
import time

import pytest
from django.db import connection as django_connection

from flows.journal.connection import connect_sync
from flows.models import Job, JobResult, Run
from flows.operations.fsck import check
from flows.operations.jobs import Order, make_job
from flows.operations.run_filter import RunFilter
from tests.cast import person
from tests.crash.hosts import Host, address_of_test_database
from tests.operations.test_dead_letters import failed

pytestmark = pytest.mark.django_db(transaction=True)

RUNS = 240
KILLED_AT = (20, 110)
PATIENCE = 180


def test_a_job_goes_on_after_its_host_was_killed_and_does_each_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", address_of_test_database())
    monkeypatch.setenv("MULGIL_SECRET_KEY", secrets.token_urlsafe(48))
    monkeypatch.setenv("MULGIL_WORKERS", "1")
    operator = person("editor", "editor")
    runs = failed(operator, RUNS)
    job = make_job(operator.actor, Order(action="retry", filter=RunFilter(flow=runs[0].flow_id)))
    host, strikes = Host(), list(KILLED_AT)
    until = time.monotonic() + PATIENCE
    try:
        with connect_sync("test") as connection:
            while True:
                row = connection.execute("SELECT status, done + refused FROM flows_job WHERE id = %s", (job.pk,))
                status, settled = row.fetchone() or ("", 0)
                if status == "done":
                    break
                assert time.monotonic() < until, f"{settled} of {RUNS} after {PATIENCE} s"
                if strikes and settled >= strikes[0]:
                    assert settled < RUNS, "it was killed in mid-job"
                    strikes.pop(0)
                    os.kill(host.pid, signal.SIGKILL)
                host.look()
                time.sleep(0.02)
    finally:
        host.stop()
    assert not strikes
    django_connection.close()
    job = Job.objects.get(pk=job.pk)
    assert (job.total, job.done, job.refused) == (RUNS, RUNS, 0)
    made = dict(JobResult.objects.filter(job=job).values_list("run_id", "made"))
    again = Run.objects.filter(rerun_of__in=[run.pk for run in runs])
    assert sorted(again.values_list("rerun_of_id", "pk")) == sorted(made.items()), "each once, and the one it says"
    assert check().faults == []
