import django.db.models.deletion
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('codes', '0001_initial'),
        ('people', '0001_initial'),
        ('permissions', '0001_initial'),
        ('tenants', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.SmallIntegerField(default=1)),
                ('name', models.CharField(max_length=30)),
                ('tier', models.CharField(choices=[('basic', '基础'), ('standard', '常规'), ('sensitive', '敏感')], default='standard', max_length=9)),
                ('position', models.IntegerField(default=0)),
                ('is_active', models.BooleanField(default=True)),
                ('wecom_tag_id', models.CharField(blank=True, default='', max_length=64)),
                ('wecom_group_id', models.CharField(blank=True, default='', max_length=64)),
                ('created_at', models.DateTimeField()),
                ('parent', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='tagging.tag')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'level', 'position'], name='tagging_tag_tree')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='tagging_tag_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='tagging_tag_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'parent', 'name'), name='tagging_tag_name', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('level__gte', 1), ('level__lte', 3)), name='tagging_tag_three_levels'), tenants.constraints.SameTenant(field='parent', name='tagging_tag_parent_tenant')],
            },
        ),
        migrations.CreateModel(
            name='CustomerTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('code', '活码'), ('rule', '规则'), ('person', '手动'), ('wecom', '企业微信')], max_length=6)),
                ('set_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('pending', '待同步'), ('set', '已生效'), ('failed', '同步失败'), ('removed', '已移除')], default='pending', max_length=7)),
                ('errcode', models.IntegerField(null=True)),
                ('error', models.CharField(blank=True, default='', max_length=200)),
                ('attempts', models.SmallIntegerField(default=0)),
                ('next_at', models.DateTimeField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('removed_at', models.DateTimeField(null=True)),
                ('code', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.livecode')),
                ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.customer')),
                ('set_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permissions.member')),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
                ('tag', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tagging.tag')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'tag', '-set_at'], name='tagging_customertag_tag'), models.Index(condition=models.Q(('next_at__isnull', False)), fields=['tenant', 'next_at'], name='tagging_customertag_due')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='tagging_customertag_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='tagging_customertag_isolation', ops=False), models.UniqueConstraint(condition=models.Q(('state', 'removed'), _negated=True), fields=('tenant', 'customer', 'staff', 'tag'), name='tagging_customertag_standing_once'), tenants.constraints.SameTenant(field='customer', name='tagging_customertag_customer_tenant'), tenants.constraints.SameTenant(field='staff', name='tagging_customertag_staff_tenant'), tenants.constraints.SameTenant(field='tag', name='tagging_customertag_tag_tenant'), tenants.constraints.SameTenant(field='code', name='tagging_customertag_code_tenant'), tenants.constraints.SameTenant(field='set_by', name='tagging_customertag_set_by_tenant')],
            },
        ),
        migrations.CreateModel(
            name='CodeTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('set_at', models.DateTimeField()),
                ('code', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.livecode')),
                ('set_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permissions.member')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
                ('tag', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tagging.tag')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'tag'], name='tagging_codetag_tag')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='tagging_codetag_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='tagging_codetag_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'code', 'tag'), name='tagging_codetag_once'), tenants.constraints.SameTenant(field='code', name='tagging_codetag_code_tenant'), tenants.constraints.SameTenant(field='tag', name='tagging_codetag_tag_tenant'), tenants.constraints.SameTenant(field='set_by', name='tagging_codetag_set_by_tenant')],
            },
        ),
    ]
