from django.db import migrations

# An entry may lose its text, its data or its author (moderation, erasure), never say something else.
# Its author may become another contact only when the two were found to be one (merged_into).
FORBID = """
create function threads_keep_entry() returns trigger language plpgsql as $$
begin
    if (new.at, new.kind, new.code, new.shown_to, new.thread_id, new.organisation_id)
        is distinct from (old.at, old.kind, old.code, old.shown_to, old.thread_id, old.organisation_id)
        or (new.text <> old.text and new.text <> '')
        or (new.data <> old.data and new.data <> '{}'::jsonb)
        or (new.person_id is distinct from old.person_id and new.person_id is not null)
        or (new.contact_id is distinct from old.contact_id and new.contact_id is not null
            and not exists (select 1 from threads_contact
                            where id = old.contact_id and merged_into_id = new.contact_id))
    then
        raise exception 'entries are append-only' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger entry_kept before update on threads_entry for each row execute function threads_keep_entry();
create trigger entry_never_deleted before delete on threads_entry
    for each row execute function core_refuse_change();
"""
ALLOW = """
drop trigger entry_kept on threads_entry;
drop trigger entry_never_deleted on threads_entry;
drop function threads_keep_entry();
"""


class Migration(migrations.Migration):
    dependencies = [("threads", "0001_initial"), ("core", "0002_audit_append_only")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
