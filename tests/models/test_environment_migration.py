"""What was live before there were environments is live in the default one afterwards."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("flows", "0027_runs_that_are_moved")]

pytestmark = pytest.mark.django_db(transaction=True)


def test_pointers_releases_and_triggers_go_to_production_and_runs_are_left_alone() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    try:
        old = executor.loader.project_state(BEFORE).apps
        place = old.get_model("flows", "Workspace").objects.create(slug="old", name="Old")
        flow = old.get_model("flows", "Flow").objects.create(workspace=place, name="Orders")
        old.get_model("flows", "Flow").objects.create(workspace=place, name="A draft alone")
        versions = [
            old.get_model("flows", "Version").objects.create(flow=flow, number=number, document="{}", hash="h")
            for number in (1, 2)
        ]
        releases = [
            old.get_model("flows", "Release").objects.create(flow=flow, kind="publish", version=version)
            for version in versions
        ]
        flow.live = releases[1]
        flow.save()
        old.get_model("flows", "Trigger").objects.create(
            workspace=place, flow=flow, version=versions[1], node="hook", kind="trigger.webhook", path="orders"
        )
    finally:
        call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, is_default FROM flows_environment ORDER BY place")
        assert cursor.fetchall() == [("dev", False), ("staging", False), ("production", True)]
        cursor.execute(
            "SELECT flow_id, release_id, e.name FROM flows_live l JOIN flows_environment e ON e.id = environment_id"
        )
        assert cursor.fetchall() == [(flow.pk, releases[1].pk, "production")]
        for table in ("release", "trigger"):
            cursor.execute(
                f"SELECT DISTINCT e.name FROM flows_{table} JOIN flows_environment e ON e.id = environment_id"
            )
            assert cursor.fetchall() == [("production",)]
