"""The database itself refuses to edit a version: its flow, number, hash and text stay what they were when it was published.
Pruning may take the text, and nothing gives it another."""

from django.db import migrations

REFUSES = """
CREATE FUNCTION flows_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a version is never edited: v% of flow %', OLD.number, OLD.flow_id USING ERRCODE = 'restrict_violation';
END $$
"""
# Rows that are only added cost nothing: the trigger is asked at updates alone, and called for what it refuses.
HELD = """
CREATE TRIGGER flows_version_stays BEFORE UPDATE ON flows_version FOR EACH ROW
WHEN (NEW.id <> OLD.id OR NEW.flow_id <> OLD.flow_id OR NEW.number <> OLD.number OR NEW.hash <> OLD.hash
  OR (NEW.document <> OLD.document AND NEW.document <> ''))
EXECUTE FUNCTION flows_version_stays()
"""


class Migration(migrations.Migration):
    dependencies = [("flows", "0030_taken_out")]

    operations = [
        migrations.RunSQL(REFUSES, "DROP FUNCTION flows_version_stays()"),
        migrations.RunSQL(HELD, "DROP TRIGGER flows_version_stays ON flows_version"),
    ]
