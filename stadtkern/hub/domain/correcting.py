"""Correct or remove observations that are there already; the number of a corrected one stays.

A correction that only brings another value is an ordinary record. One that moves the observation (another moment,
datastream or feature) takes it away and records it anew; rules, rollups and notices follow as for any value.
"""

from collections.abc import Collection
from typing import Any

import psycopg

from stadtkern.hub.domain.recording import record
from stadtkern.hub.domain.store import changing, writing
from stadtkern.hub.domain.store.changing import key_of
from stadtkern.hub.domain.store.port import Sample, UnknownDatastream
from stadtkern.hub.domain.store.slots import UNIQUE
from stadtkern.hub.words import Flag

Connection = psycopg.Connection[Any]


class NoObservation(LookupError):
    """There is no observation of this number."""


def held(connection: Connection, id: int) -> Sample:
    """The observation; its datastream is locked until the transaction ends. Raises NoObservation."""
    for _try in range(2):  # between finding and locking it may have been moved to another datastream
        found = changing.find(connection, [id])
        if not found:
            break
        try:
            writing.lock(connection, [found[0].datastream_id])
        except UnknownDatastream:
            break
        again = changing.find(connection, [id])
        if again and again[0].datastream_id == found[0].datastream_id:
            return again[0]
    raise NoObservation(f"no observation {id}")


def correct(connection: Connection, old: Sample, new: Sample) -> Sample:
    """`old` as `held` gave it becomes `new` (made by sample_of). Raises MomentTaken, UnknownDatastream, BeyondTime."""
    if new.slot == UNIQUE and _same_moment(old, new):
        new.slot = old.slot
    stays = key_of(new) == key_of(old)
    kept = record(connection, [new]).samples[0] if stays else _moved(connection, old, new)
    changing.restate_extents(connection, [old])
    return kept


def remove_observations(connection: Connection, ids: Collection[int]) -> int:
    """Delete these; returns how many there were. Bounded by the caller: all are held in memory and locked."""
    streams = {sample.datastream_id for sample in changing.find(connection, ids)}
    writing.lock(connection, streams)
    lost = changing.find(connection, ids)
    count = changing.remove(connection, [sample for sample in lost if sample.datastream_id in streams])
    changing.restate_extents(connection, lost)
    return count


def _moved(connection: Connection, old: Sample, new: Sample) -> Sample:
    writing.lock(connection, {old.datastream_id, new.datastream_id})
    if new.slot != UNIQUE:
        changing.check_free(connection, key_of(new))
    changing.remove(connection, [old])
    new.flags |= Flag.CORRECTED
    kept = record(connection, [new]).samples[0]
    changing.renumber(connection, kept, old.id)
    kept.id = old.id
    return kept


def _same_moment(old: Sample, new: Sample) -> bool:
    return (old.datastream_id, old.phenomenon_start) == (new.datastream_id, new.phenomenon_start)
