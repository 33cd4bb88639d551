"""Platform jobs find the codes whose 免验证 depends on the hour."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """One policy."""

    dependencies = (("routing", "0010_batch_functions_that_do_not_slow_down"),)
    operations = (
        migrations.RunSQL(
            ["CREATE POLICY routing_routingrule_ops ON routing_routingrule FOR SELECT TO livecode_ops USING (true)"],
            ["DROP POLICY routing_routingrule_ops ON routing_routingrule"],
        ),
    )
