"""One person at the desk: invite, give and end roles, lock, help with a lost second factor."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stadtkern.core import audit
from stadtkern.core.problems import BadInput, Conflict, NotFound
from stadtkern.people.domain import auditing, belonging, matrix, second_factor, sessions
from stadtkern.people.models import Membership, Person
from stadtkern.people.rights import may, require
from stadtkern.people.web.desk import needs, person_for
from stadtkern.people.web.forms import Invite, Joining
from stadtkern.people.words import Role


@needs("people.manage")
def invite(request: HttpRequest) -> HttpResponse:
    form = Invite(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = belonging.invite(form.cleaned_data["email"], name=form.cleaned_data["name"], by=_me(request))
        messages.success(request, _("Jetzt fehlt noch die Rolle."))
        return redirect("people:person", person_id=person.pk)
    return render(request, "people/desk/invite.html", {"form": form}, status=422 if form.errors else 200)


@needs("people.read")
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    return _page(request, person_for(request, person_id, "people.read"), Joining())


@needs("people.manage")
def join(request: HttpRequest, person_id: int) -> HttpResponse:
    """Add a membership; a refusal comes back with everything that was filled in."""
    found = person_for(request, person_id, "people.manage")
    form = Joining(request.POST or None)
    if request.method == "POST" and form.is_valid():
        require(request.user, "people.manage", form.cleaned_data["organisation"].pk)
        try:
            belonging.add_membership(found, by=_me(request), **form.facts())
        except (BadInput, Conflict) as refused:
            for field, reason in (refused.fields or {None: str(refused)}).items():
                form.add_error(field, reason)
        else:
            messages.success(request, _("Die Rolle ist eingetragen."))
            return redirect("people:person", person_id=found.pk)
    return _page(request, found, form)


def _page(request: HttpRequest, found: Person, form: Joining) -> HttpResponse:
    auditing.note_look(found, by=_me(request))
    page = {
        "found": found,
        "form": form,
        "rows": [(m, _state(m)) for m in found.memberships.all()],
        "home": belonging.home_of(found),
        "may_manage": may(request.user, "people.manage"),
        "sessions_open": len(sessions.of(found)),
        "has_second_factor": second_factor.has_one(found),
        "roles": [(role.label, matrix.allowed(role)) for role in Role],
    }
    return render(request, "people/desk/person.html", page, status=422 if form.errors else 200)


def _state(membership: Membership) -> str:
    today = timezone.localdate()
    if membership.until and membership.until < today:
        return "ended"
    return "future" if membership.since and membership.since > today else "held"


@require_POST
@needs("people.manage")
def end(request: HttpRequest, person_id: int, membership_id: int) -> HttpResponse:
    found = person_for(request, person_id, "people.manage")
    membership = found.memberships.filter(pk=membership_id).first()
    if membership is None:
        raise NotFound
    require(request.user, "people.manage", membership.organisation_id)
    belonging.end_membership(membership, by=_me(request))
    messages.success(request, _("Die Zugehörigkeit ist beendet."))
    return redirect("people:person", person_id=found.pk)


def _lock(found: Person, by: Person) -> str:
    belonging.deactivate(found, by=by)
    return _("Das Konto ist gesperrt, alle Anmeldungen sind beendet.")


def _unlock(found: Person, by: Person) -> str:
    belonging.reactivate(found, by=by)
    return _("Das Konto ist wieder offen.")


def _sign_out(found: Person, by: Person) -> str:
    sessions.end_all(found)
    audit.record("people.sessions_ended", actor=by, subject=("person", found.pk))
    return _("Alle Anmeldungen dieser Person sind beendet.")


def _reset(found: Person, by: Person) -> str:
    second_factor.take_away(found)
    sessions.end_all(found)
    audit.record("people.second_factor_reset", actor=by, subject=("person", found.pk))
    return _("Der zweite Faktor ist entfernt. Bei der nächsten Anmeldung wird ein neuer eingerichtet.")


DEEDS: dict[str, Callable[[Person, Person], str]] = {
    "sperren": _lock,
    "entsperren": _unlock,
    "abmelden": _sign_out,
    "zweiter-faktor": _reset,
}


@require_POST
@needs("people.manage")
def act(request: HttpRequest, person_id: int, deed: str) -> HttpResponse:
    """One of the buttons that change the account itself."""
    found = person_for(request, person_id, "people.manage")
    if deed not in DEEDS:
        raise NotFound
    messages.success(request, DEEDS[deed](found, _me(request)))
    return redirect("people:person", person_id=found.pk)


def _me(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101  `needs` stands in front
    return request.user
