import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('tenants', '0002_create_resolver_functions'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(max_length=60, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()])),
                ('email', models.EmailField(blank=True, default='', max_length=254)),
                ('is_active', models.BooleanField(default=True)),
                ('date_joined', models.DateTimeField()),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'abstract': False,
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('path', models.CharField(default='/', max_length=400)),
                ('wecom_id', models.BigIntegerField(null=True)),
                ('order', models.IntegerField(default=0)),
                ('parent', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='permissions.department')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='permissions_department_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='permissions_department_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'parent', 'name'), name='permissions_department_name', nulls_distinct=False), models.UniqueConstraint(fields=('tenant', 'wecom_id'), name='permissions_department_wecom'), tenants.constraints.SameTenant(field='parent', name='permissions_department_parent_tenant')],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('display_name', models.CharField(max_length=40)),
                ('is_active', models.BooleanField(default=True)),
                ('is_owner', models.BooleanField(default=False)),
                ('joined_at', models.DateTimeField()),
                ('department', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='permissions.department')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='permissions_member_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='permissions_member_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'user'), name='permissions_member_user'), tenants.constraints.SameTenant(field='department', name='permissions_member_department_tenant')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('actor', models.CharField(blank=True, default='', max_length=80)),
                ('origin', models.CharField(blank=True, default='', max_length=80)),
                ('action', models.CharField(max_length=60)),
                ('object_type', models.CharField(max_length=40)),
                ('object_id', models.BigIntegerField()),
                ('object_label', models.CharField(blank=True, default='', max_length=120)),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
                ('nonce', models.CharField(max_length=16)),
                ('signature', models.CharField(max_length=64)),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
                ('member', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permissions.member')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'object_type', 'object_id', '-id'], name='permissions_audit_object'), models.Index(fields=['tenant', '-at'], name='permissions_audit_at')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='permissions_auditentry_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='permissions_auditentry_isolation', ops=True), tenants.constraints.SameTenant(field='member', name='permissions_auditentry_member_tenant'), tenants.constraints.AppendOnly(name='permissions_auditentry_history')],
            },
        ),
        migrations.CreateModel(
            name='RoleBundle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=40)),
                ('builtin', models.BooleanField(default=False)),
                ('version', models.PositiveIntegerField(default=1)),
                ('capabilities', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('scope', models.CharField(choices=[('own', '本人'), ('department', '本部门及以下'), ('all', '全部')], max_length=12)),
                ('tier', models.CharField(choices=[('basic', '基础'), ('standard', '常规'), ('sensitive', '敏感')], max_length=12)),
                ('group', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auth.group')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='permissions_rolebundle_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='permissions_rolebundle_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'key'), name='permissions_rolebundle_key'), models.UniqueConstraint(fields=('tenant', 'name'), name='permissions_rolebundle_name')],
            },
        ),
        migrations.CreateModel(
            name='BundleAssignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target', models.CharField(choices=[('tenant', '全企业'), ('folder', '分类'), ('code', '活码')], default='tenant', max_length=8)),
                ('target_id', models.BigIntegerField(null=True)),
                ('until', models.DateTimeField(null=True)),
                ('scope', models.CharField(blank=True, choices=[('own', '本人'), ('department', '本部门及以下'), ('all', '全部')], default='', max_length=12)),
                ('tier', models.CharField(blank=True, choices=[('basic', '基础'), ('standard', '常规'), ('sensitive', '敏感')], default='', max_length=12)),
                ('given_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
                ('given_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permissions.member')),
                ('member', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='permissions.member')),
                ('bundle', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='permissions.rolebundle')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='permissions_bundleassignment_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='permissions_bundleassignment_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'member', 'bundle', 'target', 'target_id'), name='permissions_bundleassignment_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('target', 'tenant'), ('target_id__isnull', True)), models.Q(models.Q(('target', 'tenant'), _negated=True), ('target_id__isnull', False)), _connector='OR'), name='permissions_bundleassignment_target'), tenants.constraints.SameTenant(field='member', name='permissions_bundleassignment_member_tenant'), tenants.constraints.SameTenant(field='bundle', name='permissions_bundleassignment_bundle_tenant'), tenants.constraints.SameTenant(field='given_by', name='permissions_bundleassignment_giver_tenant')],
            },
        ),
        migrations.CreateModel(
            name='TenantGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='tenants.tenant')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='permissions_tenantgrant_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='permissions_tenantgrant_isolation', ops=False), models.CheckConstraint(condition=models.Q(('content_object', models.F('tenant'))), name='permissions_tenantgrant_own')],
            },
        ),
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.BigIntegerField()),
                ('previous', models.CharField(blank=True, max_length=64)),
                ('hash', models.CharField(max_length=64)),
                ('sealed_at', models.DateTimeField()),
                ('entry', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='seal', to='permissions.auditentry')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='permissions_auditseal_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='permissions_auditseal_isolation', ops=True), models.UniqueConstraint(fields=('tenant', 'seq'), name='permissions_auditseal_seq'), tenants.constraints.SameTenant(field='entry', name='permissions_auditseal_entry_tenant'), tenants.constraints.AppendOnly(name='permissions_auditseal_history')],
            },
        ),
        migrations.AlterUniqueTogether(
            name='tenantgrant',
            unique_together={('group', 'permission', 'content_object')},
        ),
    ]
