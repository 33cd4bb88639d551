"""Friend requests that nobody accepts: who was reminded of them."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column and the index that finds what waits."""

    dependencies = (("routing", "0018_batch_functions_by_index"),)
    operations = (
        migrations.AddField("slot", "reminded", models.SmallIntegerField(null=True)),
        migrations.AddIndex(
            "slot",
            models.Index(
                fields=["tenant", "requested_at"],
                condition=models.Q(state="waiting", requested_at__isnull=False),
                name="routing_slot_requested",
            ),
        ),
    )
