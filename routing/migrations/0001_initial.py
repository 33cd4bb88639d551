import django.db.models.deletion
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('codes', '0002_create_resolve_slug'),
        ('people', '0001_initial'),
        ('permissions', '0003_create_tenants_of_user'),
        ('tenants', '0002_create_resolver_functions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Scan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scan_day', models.DateField()),
                ('scan_id', models.UUIDField()),
                ('code_id', models.BigIntegerField()),
                ('scanned_at', models.DateTimeField()),
                ('kind', models.CharField(max_length=10)),
                ('outcome', models.CharField(max_length=10)),
                ('reason', models.CharField(max_length=16)),
                ('rung', models.SmallIntegerField(null=True)),
                ('version', models.IntegerField(null=True)),
                ('seat_id', models.BigIntegerField(null=True)),
                ('staff_id', models.BigIntegerField(null=True)),
                ('department_id', models.BigIntegerField(null=True)),
                ('visitor', models.CharField(max_length=32, null=True)),
                ('first_visit', models.BooleanField(default=False)),
                ('sub_channel', models.CharField(max_length=64)),
                ('trace', models.JSONField(null=True)),
                ('degraded', models.BooleanField(default=False)),
            ],
            options={
                'db_table': 'routing_scan',
                'managed': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='OrphanScan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('kind', models.CharField(max_length=12)),
                ('hits', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'kind'), name='routing_orphanscan_once')],
            },
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rung', models.SmallIntegerField(choices=[(1, '接待名单'), (2, '备用客服'), (3, '值班人')], default=1)),
                ('position', models.IntegerField()),
                ('daily_cap', models.IntegerField(null=True)),
                ('weight', models.IntegerField(default=1)),
                ('paused_until', models.DateTimeField(null=True)),
                ('live_ways', models.IntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
                ('code', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.livecode')),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'code', 'rung', 'position'], name='routing_seat_roster'), models.Index(fields=['tenant', 'staff'], name='routing_seat_staff')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='routing_seat_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='routing_seat_isolation', ops=False), models.UniqueConstraint(condition=models.Q(('rung', 3), _negated=True), fields=('tenant', 'code', 'staff'), name='routing_seat_staff_once'), models.UniqueConstraint(condition=models.Q(('removed_at', None), ('rung', 3)), fields=('tenant', 'code'), name='routing_seat_one_duty'), models.CheckConstraint(condition=models.Q(('daily_cap', None), ('daily_cap__gte', 0), _connector='OR'), name='routing_seat_cap'), models.CheckConstraint(condition=models.Q(('weight__gte', 0)), name='routing_seat_weight'), tenants.constraints.SameTenant(field='code', name='routing_seat_code_tenant'), tenants.constraints.SameTenant(field='staff', name='routing_seat_staff_tenant')],
            },
        ),
        migrations.CreateModel(
            name='ContactWay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=30)),
                ('config_id', models.CharField(blank=True, default='', max_length=64)),
                ('qr_url', models.CharField(blank=True, default='', max_length=400)),
                ('qr_content', models.CharField(blank=True, default='', max_length=400)),
                ('status', models.CharField(choices=[('pending', '生成中'), ('live', '可用'), ('failed', '失败'), ('retired', '停用')], default='pending', max_length=8)),
                ('error', models.CharField(blank=True, default='', max_length=200)),
                ('errcode', models.IntegerField(null=True)),
                ('attempts', models.IntegerField(default=0)),
                ('next_at', models.DateTimeField(null=True)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
                ('seat', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='ways', to='routing.seat')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'seat', 'status'], name='routing_contactway_seat'), models.Index(condition=models.Q(('status__in', ['pending', 'failed'])), fields=['tenant', 'next_at'], name='routing_contactway_due')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='routing_contactway_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='routing_contactway_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'state'), name='routing_contactway_state'), tenants.constraints.SameTenant(field='seat', name='routing_contactway_seat_tenant')],
            },
        ),
        migrations.CreateModel(
            name='SeatDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('assigned', models.IntegerField(default=0)),
                ('added', models.IntegerField(default=0)),
                ('late', models.IntegerField(default=0)),
                ('seat', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='routing.seat')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='routing_seatday_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='routing_seatday_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'seat', 'day'), name='routing_seatday_once'), models.CheckConstraint(condition=models.Q(('assigned__gte', 0), ('late__gte', 0)), name='routing_seatday_counts'), tenants.constraints.SameTenant(field='seat', name='routing_seatday_seat_tenant')],
            },
        ),
        migrations.CreateModel(
            name='Slot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scan_id', models.UUIDField()),
                ('code_id', models.BigIntegerField()),
                ('seat_id', models.BigIntegerField()),
                ('staff_id', models.BigIntegerField()),
                ('way_id', models.BigIntegerField(null=True)),
                ('leased', models.BooleanField(default=True)),
                ('visitor', models.CharField(max_length=32)),
                ('sub_channel', models.CharField(blank=True, default='', max_length=64)),
                ('day', models.DateField()),
                ('taken_at', models.DateTimeField()),
                ('held_until', models.DateTimeField()),
                ('pending_seconds', models.IntegerField(default=1800)),
                ('fetched_at', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('late', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('waiting', '等待添加'), ('friend', '已添加'), ('returned', '已退回')], default='waiting', max_length=8)),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'code_id', 'visitor', '-id'], name='routing_slot_visitor'), models.Index(fields=['tenant', 'way_id', '-id'], name='routing_slot_way'), models.Index(condition=models.Q(('state', 'waiting')), fields=['tenant', 'seat_id', 'way_id'], name='routing_slot_waiting'), models.Index(condition=models.Q(('state', 'waiting')), fields=['tenant', 'held_until'], name='routing_slot_due')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='routing_slot_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='routing_slot_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'scan_id'), name='routing_slot_scan'), models.UniqueConstraint(condition=models.Q(('leased', True), ('state', 'waiting')), fields=('tenant', 'way_id'), name='routing_slot_lease')],
            },
        ),
        migrations.CreateModel(
            name='Snapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.IntegerField()),
                ('data', models.JSONField()),
                ('reason', models.CharField(default='publish', max_length=12)),
                ('published_at', models.DateTimeField()),
                ('code', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.livecode')),
                ('published_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permissions.member')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='routing_snapshot_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='routing_snapshot_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'code', 'version'), name='routing_snapshot_version'), tenants.constraints.SameTenant(field='code', name='routing_snapshot_code_tenant'), tenants.constraints.SameTenant(field='published_by', name='routing_snapshot_by_tenant'), tenants.constraints.AppendOnly(name='routing_snapshot_history')],
            },
        ),
        migrations.CreateModel(
            name='StaffDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('assigned', models.IntegerField(default=0)),
                ('added', models.IntegerField(default=0)),
                ('late', models.IntegerField(default=0)),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'day'], name='routing_staffday_day')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='routing_staffday_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='routing_staffday_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'staff', 'day'), name='routing_staffday_once'), models.CheckConstraint(condition=models.Q(('assigned__gte', 0), ('late__gte', 0)), name='routing_staffday_counts'), tenants.constraints.SameTenant(field='staff', name='routing_staffday_staff_tenant')],
            },
        ),
        migrations.CreateModel(
            name='StaffLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('daily_cap', models.IntegerField(default=100)),
                ('paused_until', models.DateTimeField(null=True)),
                ('online', models.BooleanField(default=True)),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='routing_stafflimit_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='routing_stafflimit_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'staff'), name='routing_stafflimit_staff'), models.CheckConstraint(condition=models.Q(('daily_cap__gte', 0)), name='routing_stafflimit_cap'), tenants.constraints.SameTenant(field='staff', name='routing_stafflimit_staff_tenant')],
            },
        ),
        migrations.CreateModel(
            name='WayImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('png', models.BinaryField()),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
                ('way', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='images', to='routing.contactway')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='routing_wayimage_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='routing_wayimage_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'way'), name='routing_wayimage_way'), tenants.constraints.SameTenant(field='way', name='routing_wayimage_way_tenant')],
            },
        ),
        migrations.CreateModel(
            name='CodeRoute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.IntegerField()),
                ('code', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.livecode')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='routing_coderoute_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='routing_coderoute_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'code'), name='routing_coderoute_code'), tenants.constraints.SameTenant(field='code', name='routing_coderoute_code_tenant')],
            },
        ),
        migrations.CreateModel(
            name='CodeTurn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cursor', models.IntegerField(default=-1)),
                ('credits', models.JSONField(null=True)),
                ('code', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.livecode')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='routing_codeturn_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='routing_codeturn_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'code'), name='routing_codeturn_code'), tenants.constraints.SameTenant(field='code', name='routing_codeturn_code_tenant')],
            },
        ),
        migrations.CreateModel(
            name='ReceptionDefault',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty_staff', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='routing_receptiondefault_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='routing_receptiondefault_isolation', ops=False), models.UniqueConstraint(fields=('tenant',), name='routing_receptiondefault_one'), tenants.constraints.SameTenant(field='duty_staff', name='routing_receptiondefault_duty_tenant')],
            },
        ),
        migrations.CreateModel(
            name='RoutingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('strategy', models.CharField(choices=[('in_turn', '平均分配(按序号轮询)')], default='in_turn', max_length=12)),
                ('overflow', models.BooleanField(default=True)),
                ('pending_seconds', models.IntegerField(default=1800)),
                ('sticky_seconds', models.IntegerField(default=86400)),
                ('skip_verify', models.BooleanField(default=True)),
                ('code', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.livecode')),
                ('duty_staff', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='routing_routingrule_tenant_id'), tenants.constraints.TenantIsolation(column='tenant_id', name='routing_routingrule_isolation', ops=False), models.UniqueConstraint(fields=('tenant', 'code'), name='routing_routingrule_code'), models.CheckConstraint(condition=models.Q(('pending_seconds__gte', 60), ('pending_seconds__lte', 86400)), name='routing_rule_pending'), models.CheckConstraint(condition=models.Q(('sticky_seconds__gte', 0), ('sticky_seconds__lte', 2592000)), name='routing_rule_sticky'), tenants.constraints.SameTenant(field='code', name='routing_routingrule_code_tenant'), tenants.constraints.SameTenant(field='duty_staff', name='routing_routingrule_duty_tenant')],
            },
        ),
    ]
