import django.db.models.deletion
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('permissions', '0001_initial'),
        ('tenants', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Staff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wecom_userid', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=60)),
                ('pinyin', models.CharField(blank=True, default='', max_length=200)),
                ('pinyin_initials', models.CharField(blank=True, default='', max_length=60)),
                ('avatar_url', models.CharField(blank=True, default='', max_length=400)),
                ('alias', models.CharField(blank=True, default='', max_length=60)),
                ('position', models.CharField(blank=True, default='', max_length=120)),
                ('status', models.CharField(choices=[('active', '在职'), ('disabled', '已禁用'), ('inactive', '未激活'), ('left', '已离职')], default='active', max_length=8)),
                ('can_receive', models.BooleanField(default=False)),
                ('cannot_reason', models.CharField(blank=True, choices=[('', '可接待'), ('no_follow', '未开客户联系'), ('not_activated', '未激活'), ('unverified', '未实名'), ('out_of_scope', '不在可见范围'), ('disabled', '已禁用'), ('left', '已离职')], default='no_follow', max_length=16)),
                ('reason_since', models.DateTimeField(null=True)),
                ('left_at', models.DateTimeField(null=True)),
                ('synced_at', models.DateTimeField(null=True)),
                ('department', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permissions.department')),
                ('member', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permissions.member')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'status', 'pinyin'], name='people_staff_list'), models.Index(fields=['tenant', 'department'], name='people_staff_department'), models.Index(fields=['tenant', 'member'], name='people_staff_member')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='people_staff_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='people_staff_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'wecom_userid'), name='people_staff_userid'), models.CheckConstraint(condition=models.Q(('can_receive', False), models.Q(('cannot_reason', ''), ('status', 'active')), _connector='OR'), name='people_staff_receives_only_when_able'), tenants.constraints.SameTenant(field='department', name='people_staff_department_tenant'), tenants.constraints.SameTenant(field='member', name='people_staff_member_tenant')],
            },
        ),
        migrations.CreateModel(
            name='StaffGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('created_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='people_staffgroup_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='people_staffgroup_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'name'), name='people_staffgroup_name')],
            },
        ),
        migrations.CreateModel(
            name='StaffGroupMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='people.staffgroup')),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='people.staff')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'staff'], name='people_groupmember_staff')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='people_staffgroupmember_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='people_staffgroupmember_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'group', 'staff'), name='people_staffgroupmember_once'), tenants.constraints.SameTenant(field='group', name='people_staffgroupmember_group_tenant'), tenants.constraints.SameTenant(field='staff', name='people_staffgroupmember_staff_tenant')],
            },
        ),
        migrations.CreateModel(
            name='ContactSync',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('claimed_until', models.DateTimeField(null=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('staff_count', models.IntegerField(default=0)),
                ('receivable_count', models.IntegerField(default=0)),
                ('left_count', models.IntegerField(default=0)),
                ('error', models.CharField(blank=True, default='', max_length=200)),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='people_contactsync_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='people_contactsync_isolation', ops=False), models.UniqueConstraint(fields=('tenant',), name='people_contactsync_one')],
            },
        ),
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_userid', models.CharField(max_length=64)),
                ('name', models.CharField(blank=True, default='', max_length=120)),
                ('avatar_url', models.CharField(blank=True, default='', max_length=400)),
                ('gender', models.SmallIntegerField(choices=[(0, '未知'), (1, '男'), (2, '女')], default=0)),
                ('kind', models.SmallIntegerField(choices=[(1, '微信'), (2, '企业微信')], default=1)),
                ('unionid', models.CharField(blank=True, default='', max_length=64)),
                ('first_seen_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', '-first_seen_at'], name='people_customer_recent')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='people_customer_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='people_customer_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'external_userid'), name='people_customer_external')],
            },
        ),
    ]
