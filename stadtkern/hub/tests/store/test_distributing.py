"""Tables that fit on a Citus cluster; and the store's tests on one, when CITUS_URL names its coordinator."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stadtkern.hub.domain.connection import cursor, writing
from stadtkern.hub.domain.store import distributing, locks

HERE = Path(__file__).parent


@pytest.mark.django_db
def test_every_unique_key_has_the_distributing_column_but_one() -> None:
    with writing() as connection:
        assert [name for name, _definition in distributing.keys_given_up(connection)] == ["hub_datastream_found_again"]


@pytest.mark.django_db
def test_foreign_keys_that_citus_refuses_are_known() -> None:
    with writing() as connection:
        kept, lost = distributing.foreign_keys(connection)
    assert {(table, target) for _name, table, target, _definition in kept} >= {
        ("hub_latest", "hub_datastream"), ("hub_datastream", "hub_thing"), ("hub_datastream", "hub_sensor"),
    }  # fmt: skip
    crossing = {(table, target) for _name, table, target, _definition in lost}
    assert ("hub_datastream", "people_organisation") in crossing
    assert ("hub_qualityrule", "hub_datastream") in crossing
    assert all({table, target} & set(distributing.DISTRIBUTED) for table, target in crossing)


@pytest.mark.django_db
def test_every_table_that_is_distributed_or_copied_is_there() -> None:
    with writing() as connection:
        for table in (*distributing.DISTRIBUTED, *distributing.REFERENCE):
            assert cursor(connection).execute("select to_regclass(%s)::text", [table]).fetchone() == (table,)


@pytest.mark.django_db
def test_no_observation_refers_to_anything() -> None:
    """What has no foreign key needs none given up."""
    with writing() as connection:
        kept, lost = distributing.foreign_keys(connection)
    assert {table for _name, table, _target, _definition in kept + lost} & set(distributing.BESIDE) == {"hub_latest"}


@pytest.mark.django_db
def test_rows_are_held_in_the_order_of_their_numbers_on_one_machine() -> None:
    locks.forget()
    with writing() as connection:
        assert not locks.is_distributed(connection)
        assert locks.statement(connection, "l.count", "true").endswith("order by l.datastream_id for update")


@pytest.mark.citus
def test_the_store_keeps_its_contract_on_citus() -> None:
    """All tests of this folder that need no second process, on distributed tables (see conftest.py)."""
    if not os.environ.get("CITUS_URL"):
        pytest.skip("no Citus here (CITUS_URL)")
    files = ["test_append.py", "test_rolling.py", "test_contract.py", "test_aggregating.py", "test_retention.py"]
    environment = os.environ | {"DATABASE_URL": os.environ["CITUS_URL"], "STADTKERN_TEST_DISTRIBUTED": "yes"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n0",
        "-p",
        "no:cacheprovider",
        *[str(HERE / name) for name in files],
    ]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stdout[-4000:]
