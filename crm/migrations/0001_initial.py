import django.db.models.deletion
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenants', '0002_create_resolver_functions'),
    ]

    operations = [
        migrations.CreateModel(
            name='OutboxMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(max_length=40)),
                ('event_type', models.CharField(max_length=40)),
                ('customer_id', models.BigIntegerField()),
                ('body_sealed', models.TextField()),
                ('occurred_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('held', '未开启，已留存'), ('pending', '待发送'), ('delivered', '已送达'), ('dead', '多次失败')], max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(blank=True, default='', max_length=300)),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['tenant', 'next_at'], name='crm_outbox_due'), models.Index(condition=models.Q(('state', 'pending')), fields=['tenant', 'customer_id', 'id'], name='crm_outbox_order'), models.Index(fields=['tenant', '-id'], name='crm_outbox_recent')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='crm_outboxmessage_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='crm_outboxmessage_isolation', ops=True), models.UniqueConstraint(fields=('tenant', 'message_id'), name='crm_outbox_message_id')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tried_at', models.DateTimeField()),
                ('took_ms', models.PositiveIntegerField()),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('error', models.CharField(blank=True, default='', max_length=300)),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
                ('message', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='tries', to='crm.outboxmessage')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'message'], name='crm_attempt_message')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='crm_deliveryattempt_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='crm_deliveryattempt_isolation', ops=False), tenants.constraints.SameTenant(field='message', name='crm_deliveryattempt_message_tenant'), tenants.constraints.AppendOnly(name='crm_deliveryattempt_history')],
            },
        ),
        migrations.CreateModel(
            name='CrmEndpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.URLField(max_length=500)),
                ('secret_sealed', models.TextField()),
                ('enabled', models.BooleanField(default=True)),
                ('failing_since', models.DateTimeField(null=True)),
                ('disabled_at', models.DateTimeField(null=True)),
                ('disabled_reason', models.CharField(blank=True, default='', max_length=200)),
                ('updated_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='crm_crmendpoint_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='crm_crmendpoint_isolation', ops=False), models.UniqueConstraint(fields=('tenant',), name='crm_endpoint_one_per_tenant')],
            },
        ),
    ]
