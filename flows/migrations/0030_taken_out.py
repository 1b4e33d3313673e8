from django.db import migrations, models

KINDS = [
    ("publish", "published"),
    ("promote", "promoted"),
    ("rollback", "rolled back"),
    ("canary", "canary"),
    ("end_canary", "canary ended"),
    ("guard", "rolled back by a guard"),
    ("take_out", "taken out"),
]


class Migration(migrations.Migration):
    """A release may say that nothing is live any more. Only the words change."""

    dependencies = [("flows", "0029_deployments")]

    operations = [
        migrations.AlterField(
            model_name="proposal",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=16, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="release",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=16, verbose_name="kind"),
        ),
    ]
