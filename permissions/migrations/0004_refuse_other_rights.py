"""Rights come from bundles alone: the database refuses every other way in which Django or guardian could hold one.

A permission of a group on a whole model, or of a user directly, would be answered for every tenant at once.
"""

from django.db import migrations, models

from tenants.roles import APP, OPS

CLOSED = (
    "auth_group_permissions",
    "permissions_user_groups",
    "permissions_user_user_permissions",
    "guardian_groupobjectpermission",
    "guardian_userobjectpermission",
)


class Migration(migrations.Migration):
    """No superuser, and no writing on these tables by the roles that serve requests and jobs."""

    dependencies = [
        ("permissions", "0003_create_tenants_of_user"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("guardian", "0001_initial"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_superuser", False)), name="permissions_user_no_superuser"
            ),
        ),
        *(
            migrations.RunSQL(
                f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {APP}, {OPS}",
                f"GRANT INSERT, UPDATE, DELETE ON {table} TO {APP}, {OPS}",
            )
            for table in CLOSED
        ),
    ]
