"""What people offers to the registries of the house."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import MenuItem, PackLoader, Subject, SubjectView, menu, pack_loaders, subjects
from stadtkern.people.domain import loading
from stadtkern.people.models import Organisation, Person


def _persons(ids: Sequence[int]) -> Mapping[int, SubjectView]:
    return {
        person.pk: SubjectView(
            kind="person",
            id=person.pk,
            title=str(_("gelöschtes Konto")) if person.erased_at else str(person),
            url=reverse("people:person", args=[person.pk]),
        )
        for person in Person.objects.filter(pk__in=ids)
    }


def _organisations(ids: Sequence[int]) -> Mapping[int, SubjectView]:
    return {
        house.pk: SubjectView(
            kind="organisation", id=house.pk, title=house.name, url=f"{reverse('people:organisations')}#{house.key}"
        )
        for house in Organisation.objects.filter(pk__in=ids)
    }


pack_loaders.add(PackLoader(key="people", label=_("Organisationen und Personen"), load=loading.load))
subjects.add(Subject(key="person", label=_("Person"), resolve_many=_persons))
subjects.add(Subject(key="organisation", label=_("Organisation"), resolve_many=_organisations))

menu.add(MenuItem(key="people.account", label=_("Mein Konto"), url_name="people:account", icon="person", order=90))
for key, label, url_name, icon, order, action in (
    ("people.persons", _("Personen"), "people:persons", "people", 70, "people.read"),
    ("people.organisations", _("Organisationen"), "people:organisations", "building", 71, "people.read"),
    ("people.rights", _("Rechte"), "people:rights", "key", 72, "roles.read"),
    ("people.audit", _("Protokoll"), "people:audit", "list", 73, "audit.read"),
):
    menu.add(MenuItem(key=key, label=label, url_name=url_name, icon=icon, order=order, action=action, audience="staff"))
