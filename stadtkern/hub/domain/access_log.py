"""Who read what is not public: every interface notes it, the stewards of the data look it up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from stadtkern.core import audit
from stadtkern.core.models import ApiKey
from stadtkern.core.paging import Page, keyset
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.models import AccessEntry, Contract, Datastream
from stadtkern.hub.rights import MANAGE
from stadtkern.people.models import Person
from stadtkern.people.rights import Reach, reach, require

MOST_NAMED, MOST_QUERY = 100, 2_000
ORDER, PER_PAGE = ("-at", "-pk"), 50
TOUCHES = """exists (
    select 1 from jsonb_array_elements(hub_accessentry.datastreams) named
    join hub_datastream d on d.id = (named #>> '{}')::bigint where d.organisation_id = any(%s))"""


def note_access(reader: Reader, *, interface: str, query: str, rows: int, datastream_ids: Iterable[int]) -> AccessEntry:
    """Keep that somebody has read what is not public: rows, and the datastreams they belong to, as far as they do."""
    named = sorted(set(datastream_ids))
    return AccessEntry.objects.create(
        person_id=reader.person_id,
        key_prefix=reader.key_prefix,
        interface=interface,
        query=query.replace("\x00", "")[:MOST_QUERY],
        datastreams=named[:MOST_NAMED],
        more=max(0, len(named) - MOST_NAMED),
        rows=rows,
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """An entry with names. `datastreams`: those of the organisations the looker cares for; `others` are not named."""

    entry: AccessEntry
    who: str
    datastreams: Sequence[Datastream]
    others: int


@transaction.atomic
def look_up(
    *, by: Person, datastream_id: int | None = None, after: str | None = None
) -> tuple[Page[AccessEntry], list[Line]]:
    """A page of the log, the newest first, as far as the organisations of the looker are concerned.

    The look itself stands in the audit log. Raises NotAllowed.
    """
    require(by, MANAGE)
    page = keyset(_entries(reach(by, MANAGE), datastream_id), order=ORDER, after=after, limit=PER_PAGE)
    audit.record("hub.access_read", actor=by, detail={"datastream": datastream_id, "further_page": bool(after)})
    return page, _lines(page.items, reach(by, MANAGE))


def _entries(mine: Reach, datastream_id: int | None) -> QuerySet[AccessEntry]:
    found = AccessEntry.objects.all()
    if not mine.all:
        houses = sorted(mine.organisations)
        touches = RawSQL(TOUCHES, [houses], output_field=BooleanField())  # noqa: S611  a constant with a parameter
        found = found.annotate(touches=touches).filter(touches=True)
        if datastream_id and not Datastream.objects.filter(mine.q("organisation"), pk=datastream_id).exists():
            return found.none()  # who asks by numbers of others must not learn who else reads them
    if datastream_id is not None:
        found = found.filter(datastreams__contains=datastream_id)
    return found


def _lines(entries: Sequence[AccessEntry], mine: Reach) -> list[Line]:
    ids = {id for entry in entries for id in entry.datastreams}
    streams = Datastream.objects.filter(mine.q("organisation"), pk__in=ids).select_related("thing").in_bulk()
    people = Person.objects.in_bulk({entry.person_id for entry in entries if entry.person_id})
    prefixes = {entry.key_prefix for entry in entries if entry.key_prefix}
    keys = dict(ApiKey.objects.filter(prefix__in=prefixes).values_list("prefix", "name"))
    return [
        Line(
            entry=entry,
            who=_who(entry, people, keys),
            datastreams=(named := [streams[id] for id in entry.datastreams if id in streams]),
            others=len(entry.datastreams) - len(named) + entry.more,
        )
        for entry in entries
    ]


def _who(entry: AccessEntry, people: Mapping[int, Person], keys: Mapping[str, str]) -> str:
    if entry.person_id and (person := people.get(entry.person_id)) and person.erased_at is None:
        return str(person)
    return keys.get(entry.key_prefix, entry.key_prefix)


def forget(before: datetime) -> int:
    return AccessEntry.objects.filter(at__lt=before).delete()[0]


def export_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    """What the hub keeps of a person: contracts, and what was read in their name."""
    for contract in Contract.objects.filter(person=person_id).order_by("pk"):
        yield {"what": "contract", "purpose": contract.purpose, "since": contract.since, "until": contract.until}
    for entry in AccessEntry.objects.filter(person_id=person_id).order_by("pk").iterator():
        yield {"what": "access", "at": entry.at, "interface": entry.interface, "query": entry.query, "rows": entry.rows}


@transaction.atomic
def erase_person(person_id: int) -> int:
    """What was read stays without a name; the person's contracts are gone."""
    count = AccessEntry.objects.filter(person_id=person_id).update(person_id=None, query="")
    return count + Contract.objects.filter(person=person_id).delete()[0]
