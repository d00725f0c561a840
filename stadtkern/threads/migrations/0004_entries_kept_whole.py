from django.db import migrations

FORBID = """
create trigger entries_kept_whole before truncate on threads_entry
    for each statement execute function core_refuse_truncate();
"""
ALLOW = "drop trigger entries_kept_whole on threads_entry;"


class Migration(migrations.Migration):
    dependencies = [("threads", "0003_area_index"), ("core", "0004_audit_kept_whole")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
