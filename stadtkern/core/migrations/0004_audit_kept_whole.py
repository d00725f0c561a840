from django.db import migrations

# A row trigger does not see TRUNCATE; a statement trigger does. Tests that empty whole databases say so by the
# setting stadtkern.emptying. Old entries go by core_forget_audit alone, and never before a year is over.
FORBID = """
create function core_refuse_truncate() returns trigger language plpgsql as $$
begin
    if coalesce(current_setting('stadtkern.emptying', true), '') <> 'yes' then
        raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
    end if;
    return null;
end $$;
create function core_keep_audit() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and old.at < now() - interval '1 year'
        and current_setting('stadtkern.forgetting', true) = 'audit'
    then
        return old;
    end if;
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create function core_forget_audit(before timestamptz) returns bigint language plpgsql as $$
declare
    gone bigint;
begin
    perform set_config('stadtkern.forgetting', 'audit', true);
    delete from core_auditentry where at < least(before, now() - interval '1 year');
    get diagnostics gone = row_count;
    perform set_config('stadtkern.forgetting', '', true);
    return gone;
end $$;
drop trigger audit_append_only on core_auditentry;
create trigger audit_append_only before update or delete on core_auditentry
    for each row execute function core_keep_audit();
create trigger audit_kept_whole before truncate on core_auditentry
    for each statement execute function core_refuse_truncate();
"""
ALLOW = """
drop trigger audit_kept_whole on core_auditentry;
drop trigger audit_append_only on core_auditentry;
create trigger audit_append_only before update or delete on core_auditentry
    for each row execute function core_refuse_change();
drop function core_forget_audit(timestamptz);
drop function core_keep_audit();
drop function core_refuse_truncate();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0003_apikey")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
