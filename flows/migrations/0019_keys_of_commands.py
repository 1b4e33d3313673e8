from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("flows", "0018_retention_of_flows"),
    ]

    operations = [
        migrations.AddField(
            model_name="profile",
            name="keys",
            field=models.JSONField(blank=True, default=dict, verbose_name="keys"),
        ),
    ]
