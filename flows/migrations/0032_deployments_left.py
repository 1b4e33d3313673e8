"""Deployments that ended without a word of their node are abandoned, also those of runs that ended before."""

from typing import ClassVar

from django.db import migrations, models

ABANDON = """
UPDATE flows_deployment d SET state = 'abandoned', changed_at = now() WHERE d.state = 'under_way'
AND NOT EXISTS (SELECT 1 FROM flows_run r WHERE r.id = d.run AND r.finished_at IS NULL)
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("flows", "0031_versions_stay")]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="deployment",
            name="state",
            field=models.CharField(
                choices=[
                    ("under_way", "under way"),
                    ("succeeded", "succeeded"),
                    ("failed", "failed"),
                    ("abandoned", "abandoned"),
                ],
                max_length=12,
                verbose_name="state",
            ),
        ),
        migrations.RunSQL(ABANDON, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="deployment",
            index=models.Index(
                condition=models.Q(("state", "under_way")),
                fields=["workspace", "endpoint"],
                name="flows_deployment_standing",
            ),
        ),
    ]
