"""Distribute: the same tables on a Citus cluster, every datastream with all of its values on one node.

Distributed by the number of the datastream, side by side: hub_datastream, hub_latest, hub_observation with its months,
hub_hourly, hub_daily, hub_dirty_hour, hub_feature_use, hub_archived_span. What statements join to them (things,
places, sensors, properties, features, contracts) is copied to every node as reference tables; all others stay where
they are. Citus does not allow (docs.citusdata.com, "Creating and Modifying Distributed Objects", "Triggers on
Distributed Tables"):
- unique keys without the distributing column: `hub_datastream_found_again` becomes an ordinary index, two imports of
  the same source at the same moment could register a datastream twice;
- foreign keys between distributed and local tables: dropped; the ORM goes on deleting what depends;
- triggers: hub_latest's rows are begun by triggers on the shards (again after a rebalance: run this command again);
  changes of datastreams are not told by NOTIFY, the door sees them after the seconds of streams.FRESH_SECONDS;
  city-wide days (property_days.py) are not kept, the nodes add up hub_daily together.
"""

from collections.abc import Iterator
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor, writing
from stadtkern.hub.domain.store import locks

Connection = psycopg.Connection[Any]

FIRST, COLUMN = "hub_datastream", "datastream_id"
BESIDE = (
    "hub_latest",
    "hub_observation",
    "hub_hourly",
    "hub_daily",
    "hub_dirty_hour",
    "hub_feature_use",
    "hub_archived_span",
)
DISTRIBUTED = (FIRST, *BESIDE)
REFERENCE = (
    "hub_thing",
    "hub_sensor",
    "hub_observedproperty",
    "hub_featureofinterest",
    "hub_location",
    "hub_thing_locations",
    "hub_historicallocation",
    "hub_historicallocation_locations",
    "hub_datastreamproperty",
    "hub_contract",
    "hub_archivedmonth",
)
EXTENSION = "select 1 from pg_extension where extname = 'citus'"
DONE = "select 1 from pg_dist_partition where logicalrelid = 'hub_observation'::regclass"
# Foreign keys that touch a distributed table: name, owner, target, definition.
FOREIGN = """
select c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text, pg_get_constraintdef(c.oid)
from pg_constraint c
where c.contype = 'f' and c.conparentid = 0
  and (c.conrelid::regclass::text = any(%(tables)s) or c.confrelid::regclass::text = any(%(tables)s))
order by 2, 1
"""
# Keys that Citus cannot keep: unique indexes without the distributing column.
UNIQUE = """
select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
from pg_index i
where i.indisunique and i.indrelid::regclass::text = any(%(tables)s) and not exists (
    select 1 from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any(i.indkey::smallint[])
        and a.attname = case when i.indrelid::regclass::text = %(first)s then 'id' else %(column)s end)
order by 1
"""
TRIGGERS = """
select tgname from pg_trigger where tgrelid = 'hub_datastream'::regclass and not tgisinternal order by 1
"""
BEGIN_ON_SHARD = """
create or replace function hub_begin_latest_on_shard() returns trigger language plpgsql as $body$
begin
    execute format('insert into %s (datastream_id, flags, count) values ($1, 0, 0) on conflict do nothing', tg_argv[0])
        using new.id;
    return null;
end $body$
"""
TRIGGER_ON_SHARD = """
create or replace trigger hub_begin_latest after insert on %s
    for each row execute function hub_begin_latest_on_shard('%s')
"""
ON_WORKERS = "select nodename, success, result from run_command_on_workers(%s)"
ON_SHARDS = """
select nodename, success, result from run_command_on_colocated_placements('hub_datastream', 'hub_latest', %s)
"""
Key = tuple[str, str, str, str]


class NotPossible(RuntimeError):
    """The tables cannot be distributed; nothing has changed."""


def distribute() -> list[str]:
    """Distribute the tables, or renew the triggers on the shards when they are; returns what was done.

    One transaction: all or nothing. Raises NotPossible.
    """
    with writing() as connection:
        run = cursor(connection).execute
        if not run(EXTENSION).fetchone():
            raise NotPossible(
                "The extension citus is not in this database. Install it on every node, say CREATE EXTENSION citus "
                "on each, add the workers with citus_add_node, and run this command again."
            )
        told = ["already distributed"] if run(DONE).fetchone() else list(_distribute(connection))
        told.append(_begin_latest_on_shards(connection))
    locks.forget()
    return told


def foreign_keys(connection: Connection) -> tuple[list[Key], list[Key]]:
    """(those that Citus can keep, those that it cannot) of the foreign keys from or to distributed tables."""
    found = cursor(connection).execute(FOREIGN, {"tables": list(DISTRIBUTED)}).fetchall()
    kept = [key for key in found if key[1] in DISTRIBUTED and key[2] in DISTRIBUTED + REFERENCE]
    return kept, [key for key in found if key not in kept]


def keys_given_up(connection: Connection) -> list[tuple[str, str]]:
    """(name, definition) of the unique indexes that Citus cannot keep."""
    asked = {"tables": list(DISTRIBUTED), "first": FIRST, "column": COLUMN}
    return cursor(connection).execute(UNIQUE, asked).fetchall()


def _distribute(connection: Connection) -> Iterator[str]:
    run = cursor(connection).execute
    run("set local citus.multi_shard_modify_mode to 'sequential'")
    kept, lost = foreign_keys(connection)
    for name, table, _target, _definition in [*kept, *lost]:
        run(f"alter table {table} drop constraint {name}")
    for name, definition in keys_given_up(connection):
        run(f"drop index {name}")
        run(definition.replace("CREATE UNIQUE INDEX", "CREATE INDEX", 1))
        yield f"no longer unique: {name}"
    for (name,) in run(TRIGGERS).fetchall():
        run(f"drop trigger {name} on {FIRST}")
    for table in REFERENCE:
        run("select create_reference_table(%s)", [table])
        yield f"on every node: {table}"
    run("select create_distributed_table(%s, 'id')", [FIRST])
    for table in BESIDE:
        run("select create_distributed_table(%s, %s, colocate_with => %s)", [table, COLUMN, FIRST])
    yield f"distributed: {', '.join(DISTRIBUTED)}"
    for name, table, _target, definition in kept:
        run(f"alter table {table} add constraint {name} {definition}")
    yield from (f"no longer a foreign key: {name} of {table}" for name, table, _target, _definition in lost)


def _begin_latest_on_shards(connection: Connection) -> str:
    """A new datastream's row in hub_latest, made where the datastream is."""
    run = cursor(connection).execute
    run(BEGIN_ON_SHARD)
    done = run(ON_WORKERS, [BEGIN_ON_SHARD]).fetchall() + run(ON_SHARDS, [TRIGGER_ON_SHARD]).fetchall()
    if failed := [f"{node}: {result}" for node, success, result in done if not success]:
        raise NotPossible(f"triggers could not be made on the shards: {'; '.join(failed[:3])}")
    return f"triggers on {len(done)} places"
