"""What the database itself holds of runs: it checks their flow, and through it all the rest."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from flows.models import Flow, Run
from tests.runtime.house import chain, publish, start, workspace

pytestmark = pytest.mark.django_db(transaction=True)


def removed(table: str, key: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [key])


def test_neither_the_flow_of_a_run_nor_its_workspace_can_be_taken_away() -> None:
    run = start(publish(chain(1)))
    with pytest.raises(IntegrityError):
        removed("flows_flow", run.flow_id)
    with pytest.raises(IntegrityError):
        removed("flows_workspace", run.workspace_id)
    assert Run.objects.filter(pk=run.pk).exists()


def test_a_run_of_no_flow_is_refused() -> None:
    version = publish(chain(1))
    gone = Flow(workspace=workspace(), name="gone")
    version.flow = gone
    with pytest.raises(IntegrityError), transaction.atomic():
        start(version)


def test_a_version_that_runs_were_started_of_is_protected() -> None:
    run = start(publish(chain(1)))
    assert run.version is not None
    with pytest.raises(ProtectedError):
        run.version.delete()
