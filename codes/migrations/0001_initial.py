import django.db.models.deletion
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('permissions', '0001_initial'),
        ('tenants', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=30)),
                ('abbreviation', models.CharField(blank=True, default='', max_length=8)),
                ('cost', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('created_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='codes_channel_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='codes_channel_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'name'), name='codes_channel_name'), models.CheckConstraint(condition=models.Q(('cost__isnull', True), ('cost__gte', 0), _connector='OR'), name='codes_channel_cost_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='CodeFolder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('created_at', models.DateTimeField()),
                ('parent', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='codes.codefolder')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='codes_codefolder_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='codes_codefolder_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'parent', 'name'), name='codes_codefolder_name', nulls_distinct=False), tenants.constraints.SameTenant(field='parent', name='codes_codefolder_parent_tenant')],
            },
        ),
        migrations.CreateModel(
            name='FolderGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.codefolder')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='codes_foldergrant_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='codes_foldergrant_isolation', ops=False), tenants.constraints.SameTenant(field='content_object', name='codes_foldergrant_object_tenant')],
            },
        ),
        migrations.CreateModel(
            name='LiveCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=30)),
                ('slug', models.CharField(max_length=10, unique=True)),
                ('purpose', models.CharField(choices=[('campaign', '短期活动'), ('service', '长期服务')], max_length=8)),
                ('purpose_text', models.CharField(max_length=30)),
                ('purpose_abbreviation', models.CharField(blank=True, default='', max_length=8)),
                ('kind', models.CharField(choices=[('single', '单人'), ('several', '多人'), ('group', '拉群')], default='several', max_length=8)),
                ('delivery', models.CharField(choices=[('hosted', '托管'), ('link', '获客链接'), ('native', '原生')], default='hosted', max_length=8)),
                ('state', models.CharField(choices=[('draft', '草稿'), ('live', '启用'), ('paused', '已暂停'), ('retired', '已归档')], default='draft', max_length=8)),
                ('expires_at', models.DateTimeField(null=True)),
                ('published_at', models.DateTimeField(null=True)),
                ('first_scan_at', models.DateTimeField(null=True)),
                ('landing_text', models.CharField(blank=True, default='', max_length=120)),
                ('remark_suffix', models.CharField(blank=True, default='', max_length=20)),
                ('description', models.CharField(blank=True, default='', max_length=150)),
                ('search_key', models.CharField(default='', editable=False, max_length=160)),
                ('created_at', models.DateTimeField()),
                ('channel', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='codes.channel')),
                ('created_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permissions.member')),
                ('department', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permissions.department')),
                ('folder', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='codes.codefolder')),
                ('owner', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permissions.member')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', '-created_at', '-id'], name='codes_livecode_newest'), models.Index(fields=['tenant', 'state', 'expires_at'], name='codes_livecode_expiry'), models.Index(fields=['tenant', 'purpose', '-created_at'], name='codes_livecode_purpose'), models.Index(fields=['tenant', 'folder'], name='codes_livecode_folder'), models.Index(fields=['tenant', 'channel'], name='codes_livecode_channel'), models.Index(fields=['tenant', 'owner'], name='codes_livecode_owner'), models.Index(fields=['tenant', 'department'], name='codes_livecode_department')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='codes_livecode_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='codes_livecode_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'name'), name='codes_livecode_name'), tenants.constraints.SameTenant(field='folder', name='codes_livecode_folder_tenant'), tenants.constraints.SameTenant(field='channel', name='codes_livecode_channel_tenant'), tenants.constraints.SameTenant(field='owner', name='codes_livecode_owner_tenant'), tenants.constraints.SameTenant(field='department', name='codes_livecode_department_tenant'), tenants.constraints.SameTenant(field='created_by', name='codes_livecode_created_by_tenant')],
            },
        ),
        migrations.CreateModel(
            name='CodeParticipant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permissions.member')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
                ('code', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='participants', to='codes.livecode')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'code'], name='codes_codeparticipant_code')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='codes_codeparticipant_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='codes_codeparticipant_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'member', 'code'), name='codes_codeparticipant_once'), tenants.constraints.SameTenant(field='code', name='codes_codeparticipant_code_tenant'), tenants.constraints.SameTenant(field='member', name='codes_codeparticipant_member_tenant')],
            },
        ),
        migrations.CreateModel(
            name='CodeGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
                ('content_object', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.livecode')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='codes_codegrant_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='codes_codegrant_isolation', ops=False), tenants.constraints.SameTenant(field='content_object', name='codes_codegrant_object_tenant')],
            },
        ),
        migrations.AlterUniqueTogether(
            name='foldergrant',
            unique_together={('group', 'permission', 'content_object')},
        ),
        migrations.AlterUniqueTogether(
            name='codegrant',
            unique_together={('group', 'permission', 'content_object')},
        ),
    ]
