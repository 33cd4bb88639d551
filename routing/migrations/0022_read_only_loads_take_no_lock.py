"""A load in a read-only transaction takes no lock and gives nothing back: it is for remembering, not for deciding.

The edge's warmer reads all codes again and again; each time it held the company's lock, and scans waited for it.
"""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

queues = import_module("routing.migrations.0010_batch_functions_that_do_not_slow_down")
before = import_module("routing.migrations.0018_batch_functions_by_index")

LOCKED = "    PERFORM routing_lock(p_tenant);\n" + before.LOOK_FIRST
UNLESS_READ_ONLY = f"""    IF current_setting('transaction_read_only') = 'off' THEN
{LOCKED}    END IF;
"""
LOAD = queues.replaced(before.LOAD, LOCKED, UNLESS_READ_ONLY)


class Migration(migrations.Migration):
    """The function that loads."""

    dependencies = (("routing", "0021_unanswered_requests_and_republish_steps"),)
    operations = (migrations.RunSQL(LOAD, before.LOAD),)
