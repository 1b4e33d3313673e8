"""Which run needs which large value, read off the journals once; from then on it is written with the events."""

import django.db.models.deletion
from django.db import migrations, models

# Of what events name, `refs` says the fields; a run that begins with outputs of another has them in `given`.
NAMED = """
INSERT INTO flows_payloaduse (run_id, hash)
SELECT DISTINCT named.run_id, named.hash FROM (
    SELECT e.run_id, e.data -> field.name ->> '$payload' AS hash
    FROM (SELECT run_id, data::jsonb AS data FROM flows_event WHERE data LIKE '%"refs":%') AS e
    CROSS JOIN LATERAL jsonb_array_elements_text(e.data -> 'refs') AS field(name)
    UNION
    SELECT e.run_id, given.step -> 'output' ->> '$payload'
    FROM (
        SELECT run_id, data::jsonb AS data FROM flows_event WHERE kind = 'run_started' AND data LIKE '%"refs":%'
    ) AS e
    CROSS JOIN LATERAL jsonb_array_elements(e.data -> 'given') AS given(step) WHERE given.step ? 'refs'
    UNION
    SELECT r.id, given.step -> 'output' ->> '$payload'
    FROM (SELECT id, part::jsonb AS part FROM flows_run WHERE part LIKE '%"refs":%') AS r
    CROSS JOIN LATERAL jsonb_array_elements(r.part -> 'given') AS given(step) WHERE given.step ? 'refs'
    UNION
    SELECT i.run_id, i.payload::jsonb -> 'output' ->> 'hash'
    FROM flows_inbox i WHERE i.kind = 'child' AND i.consumed_at IS NULL
    UNION
    SELECT id, document_hash FROM flows_run WHERE version_id IS NULL
) AS named
JOIN flows_run r ON r.id = named.run_id JOIN flows_payload p ON p.hash = named.hash
"""


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0022_failed_items'),
    ]

    operations = [
        migrations.AddField(
            model_name='flow',
            name='payload_days',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='days the large values of a run are kept'),
        ),
        migrations.CreateModel(
            name='PayloadUse',
            fields=[
                ('pk', models.CompositePrimaryKey('run', 'hash', blank=True, editable=False, primary_key=True, serialize=False)),
                ('hash', models.CharField(max_length=64)),
                ('removed_after', models.PositiveIntegerField(null=True)),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='flows.run')),
            ],
            options={
                'db_table': 'flows_payloaduse',
                'indexes': [models.Index(condition=models.Q(('removed_after', None)), fields=['hash'], name='payload_needed')],
            },
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
    ]
