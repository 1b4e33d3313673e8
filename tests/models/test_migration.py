from django.core.management import call_command
from django.db import connection


def test_the_one_migration_says_all_that_the_models_say(db: None) -> None:
    call_command("makemigrations", "flows", check=True, dry_run=True, verbosity=0)


def test_no_key_of_another_table_makes_the_purge_look_through_all_runs(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conrelid::regclass::text FROM pg_constraint WHERE confrelid = 'flows_run'::regclass")
        tables = {table for (table,) in cursor.fetchall()}
    assert tables <= {"flows_snapshot"}
