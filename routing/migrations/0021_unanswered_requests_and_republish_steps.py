"""Requests of slots that were given back are found too; a job that publishes codes anew knows how far it came."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """An index instead of another, and three columns."""

    dependencies = (("routing", "0020_republish_jobs_are_found_again"),)
    operations = (
        migrations.RemoveIndex("slot", "routing_slot_requested"),
        migrations.AddIndex(
            "slot",
            models.Index(
                fields=["tenant", "requested_at"],
                condition=~Q(state="friend") & Q(requested_at__isnull=False) & (Q(reminded=None) | Q(reminded__lt=10)),
                name="routing_slot_unanswered",
            ),
        ),
        migrations.AddField("receptiondefault", "republish_after", models.BigIntegerField(default=0)),
        migrations.AddField("receptiondefault", "republish_tries", models.SmallIntegerField(default=0)),
        migrations.AddField("receptiondefault", "republish_failed", models.JSONField(default=list)),
    )
