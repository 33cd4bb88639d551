"""Strategies, hours, conditions, peak, fallbacks, groups in rosters, acquisition links and native ways."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):
    """Widen routing to all of product.md §2."""

    dependencies = [
        ("codes", "0002_create_resolve_slug"),
        ("people", "0001_initial"),
        ("permissions", "0004_refuse_other_rights"),
        ("routing", "0003_create_batch_functions"),
        ("tenants", "0002_create_resolver_functions"),
    ]

    operations = [
        migrations.CreateModel(
            name="AcquisitionLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("link_id", models.CharField(blank=True, default="", max_length=64)),
                ("url", models.CharField(blank=True, default="", max_length=200)),
                ("skip_verify", models.BooleanField(default=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "生成中"),
                            ("live", "可用"),
                            ("failed", "失败"),
                            ("unavailable", "暂不可用"),
                            ("retired", "停用"),
                        ],
                        default="pending",
                        max_length=12,
                    ),
                ),
                ("error", models.CharField(blank=True, default="", max_length=200)),
                ("errcode", models.IntegerField(null=True)),
                ("attempts", models.IntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("name", models.CharField(blank=True, default="", max_length=20)),
                ("works_as", models.SmallIntegerField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="NativeWay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(max_length=30)),
                ("config_id", models.CharField(blank=True, default="", max_length=64)),
                ("qr_url", models.CharField(blank=True, default="", max_length=400)),
                ("qr_content", models.CharField(blank=True, default="", max_length=400)),
                ("png", models.BinaryField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("pending", "生成中"), ("live", "可用"), ("failed", "失败")],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("wanted", models.JSONField(default=dict)),
                ("wanted_version", models.IntegerField(default=0)),
                ("pushed", models.JSONField(default=dict)),
                ("pushed_version", models.IntegerField(default=0)),
                ("pushed_at", models.DateTimeField(null=True)),
                ("next_look_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("drift", models.CharField(blank=True, default="", max_length=200)),
                ("error", models.CharField(blank=True, default="", max_length=200)),
                ("errcode", models.IntegerField(null=True)),
                ("attempts", models.IntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RosterSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rung",
                    models.SmallIntegerField(choices=[(1, "接待名单"), (2, "备用客服"), (3, "值班人")], default=1),
                ),
                ("position", models.IntegerField()),
                ("created_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="StaffSuspect",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("assigned", models.IntegerField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="VisitorFriend",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("visitor", models.CharField(max_length=32)),
                ("customer_id", models.BigIntegerField()),
                ("staff_id", models.BigIntegerField()),
                ("tied_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.RemoveIndex(
            model_name="slot",
            name="routing_slot_visitor",
        ),
        migrations.RemoveIndex(
            model_name="slot",
            name="routing_slot_waiting",
        ),
        migrations.AddField(
            model_name="snapshot",
            name="rule",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="coderoute",
            name="fallback_code",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="codes.livecode",
            ),
        ),
        migrations.AddField(
            model_name="coderoute",
            name="peak_window",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="contactway",
            name="skip_verify",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="receptiondefault",
            name="fallback",
            field=models.CharField(
                choices=[("", "按企业设置"), ("page", "企业兜底页"), ("duty", "值班人"), ("code", "另一个活码")],
                default="page",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="receptiondefault",
            name="fallback_code",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="codes.livecode",
            ),
        ),
        migrations.AddField(
            model_name="receptiondefault",
            name="links_exhausted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="receptiondefault",
            name="outside_count",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="receptiondefault",
            name="swap_allowed",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="conditions",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="fallback",
            field=models.CharField(
                blank=True,
                choices=[("", "按企业设置"), ("page", "企业兜底页"), ("duty", "值班人"), ("code", "另一个活码")],
                default="",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="fallback_code",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="codes.livecode",
            ),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="hours",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="peak_overflow",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="peak_window_seconds",
            field=models.IntegerField(default=300),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="turns_count",
            field=models.CharField(
                choices=[("assignments", "按分配计"), ("adds", "按添加计")], default="assignments", max_length=12
            ),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="verify_hours",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="seat",
            name="face_way_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="seat",
            name="hours",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="seat",
            name="link_url",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="seatday",
            name="owed",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="slot",
            name="link",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="slot",
            name="requested_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="stafflimit",
            name="peak_threshold",
            field=models.IntegerField(default=50),
        ),
        migrations.AlterField(
            model_name="routingrule",
            name="strategy",
            field=models.CharField(
                choices=[
                    ("in_turn", "平均分配(按序号轮询)"),
                    ("weighted", "按权重分配"),
                    ("least_loaded", "最少接待优先"),
                ],
                default="in_turn",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="slot",
            index=models.Index(fields=["tenant", "visitor", "code_id", "-id"], name="routing_slot_visitor"),
        ),
        migrations.AddIndex(
            model_name="slot",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["tenant", "staff_id", "seat_id", "taken_at"],
                name="routing_slot_waiting",
            ),
        ),
        migrations.AddField(
            model_name="acquisitionlink",
            name="seat",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="links",
                to="routing.seat",
            ),
        ),
        migrations.AddField(
            model_name="acquisitionlink",
            name="tenant",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.tenant"
            ),
        ),
        migrations.AddField(
            model_name="calendarday",
            name="tenant",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.tenant"
            ),
        ),
        migrations.AddField(
            model_name="nativeway",
            name="code",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="codes.livecode"
            ),
        ),
        migrations.AddField(
            model_name="nativeway",
            name="tenant",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.tenant"
            ),
        ),
        migrations.AddField(
            model_name="rostersource",
            name="code",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="codes.livecode"
            ),
        ),
        migrations.AddField(
            model_name="rostersource",
            name="department",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="permissions.department",
            ),
        ),
        migrations.AddField(
            model_name="rostersource",
            name="group",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.staffgroup",
            ),
        ),
        migrations.AddField(
            model_name="rostersource",
            name="tenant",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.tenant"
            ),
        ),
        migrations.AddField(
            model_name="seat",
            name="source",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="seats",
                to="routing.rostersource",
            ),
        ),
        migrations.AddField(
            model_name="staffsuspect",
            name="staff",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.staff"
            ),
        ),
        migrations.AddField(
            model_name="staffsuspect",
            name="tenant",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.tenant"
            ),
        ),
        migrations.AddField(
            model_name="visitorfriend",
            name="tenant",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.tenant"
            ),
        ),
        migrations.AddIndex(
            model_name="acquisitionlink",
            index=models.Index(fields=["tenant", "link_id"], name="routing_acquisitionlink_id"),
        ),
        migrations.AddIndex(
            model_name="acquisitionlink",
            index=models.Index(fields=["tenant", "next_at"], name="routing_acquisitionlink_due"),
        ),
        migrations.AddIndex(
            model_name="nativeway",
            index=models.Index(fields=["tenant", "next_look_at"], name="routing_nativeway_look"),
        ),
        migrations.AddIndex(
            model_name="rostersource",
            index=models.Index(fields=["tenant", "code"], name="routing_rostersource_code"),
        ),
        migrations.AddIndex(
            model_name="rostersource",
            index=models.Index(fields=["tenant", "group"], name="routing_rostersource_group"),
        ),
        migrations.AddIndex(
            model_name="rostersource",
            index=models.Index(fields=["tenant", "department"], name="routing_rostersource_dept"),
        ),
        migrations.AddIndex(
            model_name="visitorfriend",
            index=models.Index(fields=["tenant", "customer_id"], name="routing_visitorfriend_customer"),
        ),
        migrations.AddConstraint(
            model_name="acquisitionlink",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="routing_acquisitionlink_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="calendarday",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="routing_calendarday_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="nativeway",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="routing_nativeway_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="rostersource",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="routing_rostersource_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="staffsuspect",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="routing_staffsuspect_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="visitorfriend",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="routing_visitorfriend_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="coderoute",
            constraint=tenants.constraints.SameTenant(field="fallback_code", name="routing_coderoute_fallback_tenant"),
        ),
        migrations.AddConstraint(
            model_name="receptiondefault",
            constraint=tenants.constraints.SameTenant(
                field="fallback_code", name="routing_receptiondefault_fallback_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("peak_window_seconds__gte", 60), ("peak_window_seconds__lte", 3600)),
                name="routing_rule_peak",
            ),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=tenants.constraints.SameTenant(
                field="fallback_code", name="routing_routingrule_fallback_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="stafflimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("peak_threshold__gte", 1)), name="routing_stafflimit_peak"
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=tenants.constraints.SameTenant(field="source", name="routing_seat_source_tenant"),
        ),
        migrations.AddConstraint(
            model_name="acquisitionlink",
            constraint=tenants.constraints.TenantIsolation(
                column="tenant_id", name="routing_acquisitionlink_isolation", ops=False
            ),
        ),
        migrations.AddConstraint(
            model_name="acquisitionlink",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "retired"), _negated=True),
                fields=("tenant", "seat"),
                name="routing_acquisitionlink_seat",
            ),
        ),
        migrations.AddConstraint(
            model_name="acquisitionlink",
            constraint=tenants.constraints.SameTenant(field="seat", name="routing_acquisitionlink_seat_tenant"),
        ),
        migrations.AddConstraint(
            model_name="calendarday",
            constraint=tenants.constraints.TenantIsolation(
                column="tenant_id", name="routing_calendarday_isolation", ops=False
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarday",
            constraint=models.UniqueConstraint(fields=("tenant", "day"), name="routing_calendarday_once"),
        ),
        migrations.AddConstraint(
            model_name="calendarday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("works_as", None), models.Q(("works_as__gte", 0), ("works_as__lte", 6)), _connector="OR"
                ),
                name="routing_calendarday_weekday",
            ),
        ),
        migrations.AddConstraint(
            model_name="nativeway",
            constraint=tenants.constraints.TenantIsolation(
                column="tenant_id", name="routing_nativeway_isolation", ops=False
            ),
        ),
        migrations.AddConstraint(
            model_name="nativeway",
            constraint=models.UniqueConstraint(fields=("tenant", "code"), name="routing_nativeway_code"),
        ),
        migrations.AddConstraint(
            model_name="nativeway",
            constraint=models.UniqueConstraint(fields=("tenant", "state"), name="routing_nativeway_state"),
        ),
        migrations.AddConstraint(
            model_name="nativeway",
            constraint=tenants.constraints.SameTenant(field="code", name="routing_nativeway_code_tenant"),
        ),
        migrations.AddConstraint(
            model_name="rostersource",
            constraint=tenants.constraints.TenantIsolation(
                column="tenant_id", name="routing_rostersource_isolation", ops=False
            ),
        ),
        migrations.AddConstraint(
            model_name="rostersource",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("department__isnull", False), ("group", None)),
                    models.Q(("department", None), ("group__isnull", False)),
                    _connector="OR",
                ),
                name="routing_rostersource_one_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="rostersource",
            constraint=tenants.constraints.SameTenant(field="code", name="routing_rostersource_code_tenant"),
        ),
        migrations.AddConstraint(
            model_name="rostersource",
            constraint=tenants.constraints.SameTenant(field="group", name="routing_rostersource_group_tenant"),
        ),
        migrations.AddConstraint(
            model_name="rostersource",
            constraint=tenants.constraints.SameTenant(
                field="department", name="routing_rostersource_department_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="staffsuspect",
            constraint=tenants.constraints.TenantIsolation(
                column="tenant_id", name="routing_staffsuspect_isolation", ops=False
            ),
        ),
        migrations.AddConstraint(
            model_name="staffsuspect",
            constraint=models.UniqueConstraint(fields=("tenant", "staff"), name="routing_staffsuspect_once"),
        ),
        migrations.AddConstraint(
            model_name="staffsuspect",
            constraint=tenants.constraints.SameTenant(field="staff", name="routing_staffsuspect_staff_tenant"),
        ),
        migrations.AddConstraint(
            model_name="visitorfriend",
            constraint=tenants.constraints.TenantIsolation(
                column="tenant_id", name="routing_visitorfriend_isolation", ops=False
            ),
        ),
        migrations.AddConstraint(
            model_name="visitorfriend",
            constraint=models.UniqueConstraint(
                fields=("tenant", "visitor", "staff_id"), name="routing_visitorfriend_once"
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE routing_scan ADD COLUMN condition integer",
            "ALTER TABLE routing_scan DROP COLUMN condition",
        ),
        # The owner is under row level security too; this fills a column for all companies at once.
        migrations.RunSQL(
            [
                "ALTER TABLE routing_seat NO FORCE ROW LEVEL SECURITY",
                "ALTER TABLE routing_contactway NO FORCE ROW LEVEL SECURITY",
                (
                    "UPDATE routing_seat s SET face_way_id = (SELECT min(w.id) FROM routing_contactway w"
                    " WHERE w.tenant_id = s.tenant_id AND w.seat_id = s.id AND w.status = 'live')"
                ),
                "ALTER TABLE routing_seat FORCE ROW LEVEL SECURITY",
                "ALTER TABLE routing_contactway FORCE ROW LEVEL SECURITY",
            ],
            migrations.RunSQL.noop,
        ),
    ]
