"""Data contracts: who may use what is not public, for what, until when. They end, they are not deleted."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from stadtkern.core import audit
from stadtkern.core.jobs import nightly
from stadtkern.core.models import ApiKey
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.hub.domain.alerts.recipients import stewards_of
from stadtkern.hub.domain.alerts.wording import at_clock, in_each_language
from stadtkern.hub.models import Contract, Datastream, Thing
from stadtkern.hub.rights import MANAGE
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import reach, require
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.domain.notifying import notify

TOPIC = "hub.contract"
SOON = timedelta(days=30)
PAGE = "/desk/daten/vertraege/"


@transaction.atomic
def grant_contract(
    *,
    subject: Thing | Datastream,
    person: Person | None = None,
    organisation: Organisation | None = None,
    key_prefix: str = "",
    purpose: str,
    until: datetime | None = None,
    may_write: bool = False,
    by: Person,
) -> Contract:
    """Let one holder (a person, an organisation or an API key) use a thing or a datastream.

    Raises BadInput with the field, NotAllowed.
    """
    require(by, MANAGE, subject.organisation_id or 0)
    _check(person, organisation, key_prefix, purpose, until)
    contract = Contract.objects.create(
        thing=subject if isinstance(subject, Thing) else None,
        datastream=subject if isinstance(subject, Datastream) else None,
        person=person,
        organisation=organisation,
        key_prefix=key_prefix,
        purpose=purpose.strip(),
        until=until,
        may_write=may_write,
    )
    detail: dict[str, Any] = {
        "thing": contract.thing_id,
        "datastream": contract.datastream_id,
        "person": contract.person_id,
        "organisation": contract.organisation_id,
        "key": key_prefix,
        "may_write": may_write,
        "until": until and until.isoformat(),
    }
    audit.record("hub.contract_granted", actor=by, subject=("contract", contract.pk), detail=detail)
    return contract


@transaction.atomic
def extend_contract(contract_id: int, *, until: datetime | None, by: Person) -> Contract:
    """The contract holds until then; one that has ended comes alive again."""
    contract = _held(contract_id, by)
    if until is not None and until <= timezone.now():
        raise BadInput(fields={"until": _("Dieser Zeitpunkt ist schon vorbei.")})
    detail = {"before": contract.until and contract.until.isoformat(), "until": until and until.isoformat()}
    contract.until = until
    contract.save(update_fields=["until"])
    audit.record("hub.contract_extended", actor=by, subject=("contract", contract.pk), detail=detail)
    return contract


@transaction.atomic
def end_contract(contract_id: int, *, by: Person) -> Contract:
    """Nothing may be read or written by it from now on."""
    contract = _held(contract_id, by)
    if contract.until is None or contract.until > timezone.now():
        contract.until = timezone.now()
        contract.save(update_fields=["until"])
        audit.record("hub.contract_ended", actor=by, subject=("contract", contract.pk))
    return contract


def contracts_for(person: Person) -> QuerySet[Contract]:
    """The contracts on data of the organisations this person cares for, those that end first on top."""
    mine = reach(person, MANAGE)
    if not mine:
        return Contract.objects.none()
    about = mine.q("thing__organisation") | mine.q("datastream__organisation")
    found = Contract.objects.filter(about).select_related("thing", "datastream__thing", "person", "organisation")
    return found.order_by("until", "pk")


def holding() -> Q:
    """Those that hold now."""
    return Q(until=None) | Q(until__gt=timezone.now())


def ending_soon() -> Q:
    now = timezone.now()
    return Q(until__gt=now, until__lte=now + SOON)


@nightly("hub.contracts_end")
def remind_of_the_end() -> None:
    """A month before a contract ends its holder and the stewards of the data hear of it, once."""
    for contract in Contract.objects.filter(ending_soon()).select_related(
        "thing", "datastream__thing", "person", "organisation"
    ):
        _remind(contract)


@transaction.atomic
def _remind(contract: Contract) -> int:
    assert contract.until is not None  # noqa: S101  the query asked for it
    until = contract.until
    subject = subject_of(contract)
    people = stewards_of(subject.organisation_id)
    if contract.person is not None:
        people.append(contract.person)
    elif contract.organisation_id is not None:
        people += stewards_of(contract.organisation_id)
    return notify(
        topic=TOPIC,
        happening=f"hub-contract:{contract.pk}:ends:{until:%Y%m%d}",
        title=in_each_language(lambda: _("Datenvertrag endet bald: %(name)s") % {"name": subject.name}),
        body=in_each_language(
            lambda: (
                _("Er gilt bis %(until)s. Zweck: %(purpose)s") % {"until": at_clock(until), "purpose": contract.purpose}
            )
        ),
        url=PAGE,
        to=[contact_for(person=person) for person in {person.pk: person for person in people}.values()],
    )


def subject_of(contract: Contract) -> Thing | Datastream:
    found = contract.thing if contract.thing is not None else contract.datastream
    assert found is not None  # noqa: S101  the table has a constraint
    return found


def _held(contract_id: int, by: Person) -> Contract:
    contract = contracts_for(by).filter(pk=contract_id).select_for_update(of=("self",)).first()
    if contract is None:
        raise NotFound
    return contract


def _check(
    person: Person | None, organisation: Organisation | None, key_prefix: str, purpose: str, until: datetime | None
) -> None:
    wrong: dict[str, Any] = {}
    if sum(map(bool, (person, organisation, key_prefix))) != 1:
        wrong["holder"] = _("Ein Vertrag gilt für genau eines: eine Person, eine Stelle oder einen Schlüssel.")
    if key_prefix and not ApiKey.objects.filter(prefix=key_prefix, revoked_at=None).exists():
        wrong["key_prefix"] = _("Diesen Schlüssel gibt es nicht.")
    if not purpose.strip():
        wrong["purpose"] = _("Wofür werden die Daten gebraucht?")
    if until is not None and until <= timezone.now():
        wrong["until"] = _("Dieser Zeitpunkt ist schon vorbei.")
    if wrong:
        raise BadInput(fields=wrong)
