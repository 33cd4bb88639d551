"""What the printed QR of a native code says."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column."""

    dependencies = (("codes", "0003_create_live_slugs"),)
    operations = (
        migrations.AddField(
            "livecode",
            "native_qr",
            models.CharField(blank=True, default="", editable=False, max_length=400),
        ),
    )
