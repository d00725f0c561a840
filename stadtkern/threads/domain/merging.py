"""Two contacts that turned out to be one: the later one is absorbed by the one that stays."""

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Subquery

from stadtkern.core.problems import Conflict
from stadtkern.people.models import Person
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.models import ChannelChoice, Contact, Entry, Follow, Notification, Participant
from stadtkern.threads.words import INSIDE, Part

ONCE_PER_CONTACT: dict[type[models.Model], tuple[str, ...]] = {
    Participant: ("thread",),
    Follow: ("topic", "value"),
    ChannelChoice: ("topic", "channel"),
    Notification: ("happening",),
}


@transaction.atomic
def absorb(stays: Contact, goes: Contact) -> Contact:
    """Give everything of `goes` to `stays`. Both must be proven to be the same somebody.

    `goes` remains as an empty row, so that its links, told earlier, lead to `stays`.
    """
    if stays.pk == goes.pk:
        return stays
    list(Contact.objects.select_for_update(of=("self",)).filter(pk__in=[stays.pk, goes.pk]).order_by("pk"))
    _keep_the_nearer_part(stays, goes)
    for model, keys in ONCE_PER_CONTACT.items():
        _move(model, keys, stays=stays, goes=goes)
    goes.push_subscriptions.update(contact=stays)
    goes.absorbed.update(merged_into=stays)
    stays.name, stays.phone = goes.name or stays.name, goes.phone or stays.phone
    stays.save(update_fields=["name", "phone"])
    goes.merged_into, goes.email, goes.name, goes.phone = stays, "", "", ""
    goes.save(update_fields=["merged_into", "email", "name", "phone"])
    Entry.objects.filter(contact=goes).update(contact=stays)
    return stays


def adopt(contact: Contact, person: Person) -> Contact:
    """A signed-in person who came by the contact's secret link takes its matters into the account."""
    if contact.person_id not in {None, person.pk}:
        raise Conflict()
    return absorb(contact_for(person=person), contact)


def _keep_the_nearer_part(stays: Contact, goes: Contact) -> None:
    """Who reported with one contact and only joined with the other has reported."""
    inside = Participant.objects.filter(contact=goes, part__in=INSIDE, thread=OuterRef("thread")).values("part")[:1]
    party = Participant.objects.filter(contact=stays, part=Part.PARTY)
    party.filter(Exists(inside)).update(part=Subquery(inside))


def _move(model: type[models.Model], keys: tuple[str, ...], *, stays: Contact, goes: Contact) -> None:
    rows = model._default_manager.filter(contact=goes)
    twin = model._default_manager.filter(contact=stays, **{key: OuterRef(key) for key in keys})
    rows.exclude(Exists(twin)).update(contact=stays)
    rows.delete()
