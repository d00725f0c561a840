"""The observation store: partitions by month, rollups, the notice of changes. By hand, because Django knows no partitions."""

from django.db import migrations

OBSERVATION = """
create table hub_observation (
    datastream_id bigint not null,
    phenomenon_start timestamptz not null,
    slot bigint not null default 0,
    id bigint not null,
    phenomenon_end timestamptz,
    result_time timestamptz,
    number double precision,
    feature_id bigint,
    flags integer not null default 0,
    valid_start timestamptz,
    valid_end timestamptz,
    text text,
    json jsonb,
    quality jsonb,
    parameters jsonb,
    primary key (datastream_id, phenomenon_start, slot)
) partition by range (phenomenon_start);
create index hub_observation_id on hub_observation (id);
create index hub_observation_forecast on hub_observation (datastream_id, result_time)
    where result_time < phenomenon_start;
create sequence hub_observation_number increment by 1000;

create table hub_feature_use (
    datastream_id bigint not null,
    feature_id bigint not null,
    primary key (datastream_id, feature_id)
);
create index hub_feature_use_of on hub_feature_use (feature_id);

create table hub_dirty_hour (
    datastream_id bigint not null,
    hour timestamptz not null,
    primary key (datastream_id, hour)
);

create table hub_archived_span (
    datastream_id bigint not null,
    month date not null,
    count bigint not null,
    first_start timestamptz not null,
    last_start timestamptz not null,
    last_end timestamptz not null,
    first_result timestamptz,
    last_result timestamptz,
    primary key (datastream_id, month)
);
create index hub_archived_span_of on hub_archived_span (month);
"""
ROLLUP = """
create table hub_{name} (
    datastream_id bigint not null,
    bucket {kind} not null,
    count integer not null,
    flagged integer not null default 0,
    bad integer not null default 0,
    values integer not null,
    total double precision,
    minimum double precision,
    maximum double precision,
    first double precision,
    last double precision,
    primary key (datastream_id, bucket)
);
"""
PROPERTY_DAYS = """
create table hub_property_day (
    observed_property_id bigint not null,
    bucket date not null,
    count bigint not null,
    flagged bigint not null,
    bad bigint not null,
    values bigint not null,
    total double precision,
    minimum double precision,
    maximum double precision,
    primary key (observed_property_id, bucket)
);
create table hub_property_stale (
    observed_property_id bigint not null,
    bucket date not null,
    primary key (observed_property_id, bucket)
);
create function hub_property_is_stale() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(7031971);
    if tg_op = 'DELETE' then
        insert into hub_property_stale
        select distinct coalesce(observed_property_id, 0), date '-infinity' from gone
        order by 1 on conflict do nothing;
    else
        insert into hub_property_stale
        select distinct p.id, date '-infinity' from gone g join fresh f on f.id = g.id
            and (f.visibility, coalesce(f.observed_property_id, 0))
                is distinct from (g.visibility, coalesce(g.observed_property_id, 0))
        cross join lateral (values (coalesce(f.observed_property_id, 0)), (coalesce(g.observed_property_id, 0))) p (id)
        order by 1 on conflict do nothing;
    end if;
    return null;
end $$;
create trigger hub_property_of_gone after delete on hub_datastream
    referencing old table as gone for each statement execute function hub_property_is_stale();
create trigger hub_property_of_changed after update on hub_datastream
    referencing old table as gone new table as fresh for each statement execute function hub_property_is_stale();
"""
CHANGES = """
alter table hub_latest set (fillfactor = 60);
create function hub_tell_change() returns trigger language plpgsql as $$
begin
    perform pg_notify('hub_changed', tg_table_name);
    return null;
end $$;
create trigger hub_tell_change after insert or update or delete on hub_datastream
    for each statement execute function hub_tell_change();
create trigger hub_tell_change after insert or update or delete on hub_contract
    for each statement execute function hub_tell_change();
create function hub_begin_latest() returns trigger language plpgsql as $$
begin
    insert into hub_latest (datastream_id, flags, count) select id, 0, 0 from fresh;
    return null;
end $$;
create trigger hub_begin_latest after insert on hub_datastream
    referencing new table as fresh for each statement execute function hub_begin_latest();
"""
AWAY = """
drop trigger hub_begin_latest on hub_datastream;
drop function hub_begin_latest;
drop trigger hub_tell_change on hub_datastream;
drop trigger hub_tell_change on hub_contract;
drop function hub_tell_change;
drop trigger hub_property_of_gone on hub_datastream;
drop trigger hub_property_of_changed on hub_datastream;
drop function hub_property_is_stale;
drop table hub_property_day, hub_property_stale, hub_daily, hub_hourly, hub_dirty_hour, hub_feature_use, hub_archived_span, hub_observation;
drop sequence hub_observation_number;
"""


class Migration(migrations.Migration):
    dependencies = [("hub", "0001_initial")]
    operations = [
        migrations.RunSQL(
            [
                OBSERVATION,
                ROLLUP.format(name="hourly", kind="timestamptz"),
                ROLLUP.format(name="daily", kind="date"),
                PROPERTY_DAYS,
                CHANGES,
            ],
            AWAY,
        )
    ]
