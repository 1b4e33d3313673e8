"""Environments: what was live is live in `production`, the default one, and so are its releases and triggers. Runs aren't touched:
one that names no environment is the default one's."""

import django.contrib.postgres.fields
import django.db.models.deletion
import flows.models.base
from django.conf import settings
from django.db import migrations, models

MADE = """
INSERT INTO flows_environment (id, workspace_id, name, place, is_default, users, roles, groups, needs_second, created_at)
SELECT gen_random_uuid(), w.id, one.name, one.place, one.name = 'production', '{}', '{}', '{}', false, now()
FROM flows_workspace w CROSS JOIN (VALUES ('dev', 1), ('staging', 2), ('production', 3)) AS one(name, place)
"""
RELEASED = """
UPDATE flows_release r SET environment_id = e.id FROM flows_flow f, flows_environment e
WHERE f.id = r.flow_id AND e.workspace_id = f.workspace_id AND e.is_default
"""
LIVE = """
INSERT INTO flows_live (id, flow_id, environment_id, release_id)
SELECT gen_random_uuid(), f.id, e.id, f.live_id FROM flows_flow f
JOIN flows_environment e ON e.workspace_id = f.workspace_id AND e.is_default WHERE f.live_id IS NOT NULL
"""
TRIGGERS = """
UPDATE flows_trigger t SET environment_id = e.id FROM flows_environment e
WHERE e.workspace_id = t.workspace_id AND e.is_default
"""
# A table with checks that are still to come can't be changed.
CHECKED = "SET CONSTRAINTS ALL IMMEDIATE"


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('flows', '0027_runs_that_are_moved'),
    ]

    operations = [
        migrations.CreateModel(
            name='Environment',
            fields=[
                ('id', models.UUIDField(default=flows.models.base.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('place', models.PositiveSmallIntegerField(verbose_name='place')),
                ('is_default', models.BooleanField(default=False, verbose_name='the default one')),
                ('users', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=150), blank=True, default=list, size=None, verbose_name='users')),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('viewer', 'viewer'), ('operator', 'operator'), ('editor', 'editor'), ('admin', 'admin')], max_length=16), blank=True, default=list, size=None, verbose_name='roles')),
                ('groups', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None, verbose_name='groups')),
                ('needs_second', models.BooleanField(default=False, verbose_name='needs a second pair of eyes')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='environments', to='flows.workspace', verbose_name='workspace')),
            ],
            options={
                'verbose_name': 'environment',
                'verbose_name_plural': 'environments',
                'ordering': ('place', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Setting',
            fields=[
                ('id', models.UUIDField(default=flows.models.base.new_id, editable=False, primary_key=True, serialize=False)),
                ('vars', models.TextField(default='{}')),
                ('credentials', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='since')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('environment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='settings', to='flows.environment')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='environment',
            name='setting',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='flows.setting'),
        ),
        migrations.AddConstraint(
            model_name='environment',
            constraint=models.UniqueConstraint(fields=('workspace', 'name'), name='flows_environment_name'),
        ),
        migrations.AddConstraint(
            model_name='environment',
            constraint=models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('workspace',), name='flows_environment_default'),
        ),
        migrations.CreateModel(
            name='Live',
            fields=[
                ('id', models.UUIDField(default=flows.models.base.new_id, editable=False, primary_key=True, serialize=False)),
                ('environment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lives', to='flows.environment')),
                ('flow', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lives', to='flows.flow')),
                ('release', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='flows.release')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('flow', 'environment'), name='flows_live_once')],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.UUIDField(default=flows.models.base.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('publish', 'published'), ('promote', 'promoted'), ('rollback', 'rolled back'), ('canary', 'canary'), ('end_canary', 'canary ended'), ('guard', 'rolled back by a guard')], max_length=16, verbose_name='kind')),
                ('canary', models.JSONField(blank=True, default=dict)),
                ('reason', models.TextField(blank=True, default='', verbose_name='reason')),
                ('proposer', models.CharField(max_length=200, verbose_name='proposed by')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='proposed')),
                ('outcome', models.CharField(blank=True, choices=[('approved', 'approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('replaced', 'replaced by a newer one')], default='', max_length=16, verbose_name='outcome')),
                ('decided_by', models.CharField(blank=True, default='', max_length=200, verbose_name='decided by')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                ('comment', models.TextField(blank=True, default='', verbose_name='comment')),
                ('environment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='flows.environment', verbose_name='environment')),
                ('flow', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='flows.flow', verbose_name='flow')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('release', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='flows.release')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='flows.version', verbose_name='version')),
            ],
            options={
                'verbose_name': 'proposed release',
                'verbose_name_plural': 'proposed releases',
                'indexes': [models.Index(fields=['flow', '-id'], name='flows_proposal_of_flow')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('flow', 'environment'), name='flows_proposal_open')],
            },
        ),
        migrations.AlterField(
            model_name='release',
            name='kind',
            field=models.CharField(choices=[('publish', 'published'), ('promote', 'promoted'), ('rollback', 'rolled back'), ('canary', 'canary'), ('end_canary', 'canary ended'), ('guard', 'rolled back by a guard')], max_length=16, verbose_name='kind'),
        ),
        migrations.AddField(
            model_name='release',
            name='environment',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='flows.environment', verbose_name='environment'),
        ),
        migrations.AddField(
            model_name='trigger',
            name='environment',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='flows.environment', verbose_name='environment'),
        ),
        migrations.AddField(
            model_name='run',
            name='environment',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='flows.environment'),
        ),
        migrations.AddField(
            model_name='run',
            name='setting',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='flows.setting'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('environment__isnull', False)), fields=['environment', '-id'], name='flows_run_environment'),
        ),
        migrations.RunSQL([MADE, RELEASED, LIVE, TRIGGERS, CHECKED], migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='release',
            name='environment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='flows.environment', verbose_name='environment'),
        ),
        migrations.AlterField(
            model_name='trigger',
            name='environment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='flows.environment', verbose_name='environment'),
        ),
        migrations.RemoveConstraint(
            model_name='trigger',
            name='flows_trigger_path',
        ),
        migrations.RemoveConstraint(
            model_name='trigger',
            name='flows_trigger_node',
        ),
        migrations.AddConstraint(
            model_name='trigger',
            constraint=models.UniqueConstraint(condition=models.Q(('active', True), models.Q(('path', ''), _negated=True)), fields=('environment', 'path'), name='flows_trigger_path'),
        ),
        migrations.AddConstraint(
            model_name='trigger',
            constraint=models.UniqueConstraint(condition=models.Q(('active', True)), fields=('flow', 'environment', 'node'), name='flows_trigger_node'),
        ),
        migrations.RemoveField(
            model_name='flow',
            name='live',
        ),
    ]
