import django.db.models.deletion
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('codes', '0002_create_resolve_slug'),
        ('people', '0001_initial'),
        ('tenants', '0002_create_resolver_functions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('request', 'request'), ('friend', 'friend'), ('lost', 'lost')], max_length=8)),
                ('state_since', models.DateTimeField(null=True)),
                ('state_rank', models.PositiveSmallIntegerField(default=0)),
                ('seat_id', models.BigIntegerField(null=True)),
                ('sub_channel', models.CharField(blank=True, default='', max_length=64)),
                ('match', models.CharField(choices=[('exact', '精确'), ('sole', '精确'), ('oldest', '估算'), ('none', '无扫码')], default='none', max_length=6)),
                ('late', models.BooleanField(default=False)),
                ('added_at', models.DateTimeField(null=True)),
                ('lost_at', models.DateTimeField(null=True)),
                ('updated_at', models.DateTimeField()),
                ('code', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.livecode')),
                ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.customer')),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', '-added_at', '-id'], name='reception_contact_recent'), models.Index(fields=['tenant', 'code', '-added_at'], name='reception_contact_of_code')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='reception_contact_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='reception_contact_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'customer', 'staff'), name='reception_contact_pair'), tenants.constraints.SameTenant(field='customer', name='reception_contact_customer_tenant'), tenants.constraints.SameTenant(field='staff', name='reception_contact_staff_tenant'), tenants.constraints.SameTenant(field='code', name='reception_contact_code_tenant')],
            },
        ),
        migrations.CreateModel(
            name='ContactEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('inbox_id', models.BigIntegerField()),
                ('change', models.CharField(choices=[('half_added', 'half_added'), ('added', 'added'), ('edited', 'edited'), ('lost', 'lost'), ('removed', 'removed')], max_length=12)),
                ('customer_id', models.BigIntegerField()),
                ('staff_id', models.BigIntegerField()),
                ('department_id', models.BigIntegerField(null=True)),
                ('code_id', models.BigIntegerField(null=True)),
                ('seat_id', models.BigIntegerField(null=True)),
                ('scan_id', models.UUIDField(null=True)),
                ('sub_channel', models.CharField(blank=True, default='', max_length=64)),
                ('match', models.CharField(choices=[('exact', '精确'), ('sole', '精确'), ('oldest', '估算'), ('none', '无扫码')], default='none', max_length=6)),
                ('late', models.BooleanField(default=False)),
                ('first_time', models.BooleanField(default=False)),
                ('occurred_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('contact', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='reception.contact')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'contact', 'id'], name='reception_event_of_contact'), models.Index(fields=['tenant', 'occurred_at'], name='reception_event_by_time')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='reception_contactevent_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='reception_contactevent_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'inbox_id'), name='reception_contactevent_once'), tenants.constraints.SameTenant(field='contact', name='reception_contactevent_contact_tenant'), tenants.constraints.AppendOnly(name='reception_contactevent_history')],
            },
        ),
        migrations.CreateModel(
            name='InboxEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dedup', models.CharField(max_length=64)),
                ('event', models.CharField(max_length=40)),
                ('change_type', models.CharField(blank=True, default='', max_length=40)),
                ('payload_sealed', models.TextField(blank=True, default='')),
                ('occurred_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('new', '待处理'), ('done', '已处理'), ('failed', '处理失败')], default='new', max_length=8)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField()),
                ('processed_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, default='', max_length=200)),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('state', 'new')), fields=['tenant', 'next_at'], name='reception_inbox_due')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='reception_inboxevent_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='reception_inboxevent_isolation', ops=True), models.UniqueConstraint(fields=('tenant', 'dedup'), name='reception_inbox_once')],
            },
        ),
        migrations.CreateModel(
            name='WelcomeDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('welcome_code_sealed', models.TextField(blank=True, default='')),
                ('way_state', models.CharField(blank=True, default='', max_length=64)),
                ('staff_userid', models.CharField(max_length=64)),
                ('external_sealed', models.TextField(blank=True, default='')),
                ('code_id', models.BigIntegerField(null=True)),
                ('received_at', models.DateTimeField()),
                ('deadline', models.DateTimeField()),
                ('state', models.CharField(choices=[('pending', '待发送'), ('sent', '已发送'), ('already', '会话已开始或另有欢迎语'), ('missed', '超过 20 秒未发送'), ('failed', '发送失败'), ('none', '未设置欢迎语')], default='pending', max_length=8)),
                ('lease_until', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('called_at', models.DateTimeField(null=True)),
                ('took_ms', models.PositiveIntegerField(null=True)),
                ('errcode', models.IntegerField(null=True)),
                ('note', models.CharField(blank=True, default='', max_length=200)),
                ('inbox', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.inboxevent')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['tenant', 'deadline'], name='reception_welcome_due'), models.Index(fields=['tenant', '-id'], name='reception_welcome_recent')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='reception_welcomedelivery_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='reception_welcomedelivery_isolation', ops=True), models.UniqueConstraint(fields=('tenant', 'inbox'), name='reception_welcome_once'), tenants.constraints.SameTenant(field='inbox', name='reception_welcome_inbox_tenant')],
            },
        ),
        migrations.CreateModel(
            name='WelcomeTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('folder', models.CharField(default='通用', max_length=40)),
                ('name', models.CharField(max_length=40)),
                ('text', models.TextField()),
                ('attachments', models.JSONField(default=list)),
                ('updated_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='reception_welcometemplate_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='reception_welcometemplate_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'folder', 'name'), name='reception_template_name')],
            },
        ),
        migrations.CreateModel(
            name='CodeWelcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(blank=True, default='')),
                ('updated_at', models.DateTimeField()),
                ('code', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.livecode')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
                ('template', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.welcometemplate')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='reception_codewelcome_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='reception_codewelcome_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'code'), name='reception_codewelcome_one'), tenants.constraints.SameTenant(field='code', name='reception_codewelcome_code_tenant'), tenants.constraints.SameTenant(field='template', name='reception_codewelcome_template_tenant')],
            },
        ),
    ]
