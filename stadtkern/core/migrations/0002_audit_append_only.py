from django.db import migrations

FORBID = """
create function core_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger audit_append_only before update or delete on core_auditentry
    for each row execute function core_refuse_change();
"""
ALLOW = """
drop trigger audit_append_only on core_auditentry;
drop function core_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
