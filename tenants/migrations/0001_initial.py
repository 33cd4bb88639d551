
import django.db.models.deletion
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        # Written by hand: triggers of every app's history tables call it (tenants.constraints.AppendOnly).
        migrations.RunSQL(
            [
                (
                    """
                    CREATE FUNCTION livecode_refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        RAISE EXCEPTION 'history is never changed: % on %', TG_OP, TG_TABLE_NAME
                            USING ERRCODE = 'insufficient_privilege';
                    END $$
                    """,
                    None,
                )
            ],
            [("DROP FUNCTION livecode_refuse_history_change()", None)],
        ),
        migrations.CreateModel(
            name='Tenant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=40, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('time_zone', models.CharField(default='Asia/Shanghai', max_length=40)),
                ('corp_id', models.CharField(default=None, max_length=64, null=True, unique=True)),
                ('brand_color', models.CharField(default='#1f6f63', max_length=7)),
                ('tagline', models.CharField(blank=True, default='', max_length=60)),
                ('telephone', models.CharField(blank=True, default='', max_length=30)),
                ('entry_host', models.CharField(blank=True, default='', max_length=120)),
                ('landing_host', models.CharField(blank=True, default='', max_length=120)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [tenants.constraints.TenantIsolation(column='id', name='tenants_tenant_isolation', ops=True)],
            },
        ),
        migrations.CreateModel(
            name='WeComConnection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('corp_id', models.CharField(max_length=64)),
                ('agent_id', models.CharField(blank=True, default='', max_length=20)),
                ('secret', models.TextField(blank=True, default='')),
                ('callback_token', models.TextField(blank=True, default='')),
                ('aes_key', models.TextField(blank=True, default='')),
                ('callback_key', models.CharField(max_length=64, unique=True)),
                ('base_url', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='tenants_wecomconnection_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='tenants_wecomconnection_isolation', ops=False), models.UniqueConstraint(fields=('tenant',), name='tenants_wecomconnection_one')],
            },
        ),
    ]
