"""The desk's pages about people: who belongs where, who may do what, who did what."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from stadtkern.core.problems import NotAllowed, NotFound
from stadtkern.people.domain import auditing, belonging, matrix, queries
from stadtkern.people.models import Person
from stadtkern.people.rights import may, reach, require
from stadtkern.people.web.forms import AuditFilter, PeopleFilter

View = Callable[..., HttpResponse]


def needs(action: str) -> Callable[[View], View]:
    """A page for whom the action is allowed somewhere; the domain asks again where it matters."""

    def wrap(view: View) -> View:
        @never_cache
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, **given: Any) -> HttpResponse:
            require(request.user, action)
            return view(request, **given)

        return guarded

    return wrap


@needs("roles.read")
def rights(request: HttpRequest) -> HttpResponse:
    return render(request, "people/desk/rights.html", {"roles": matrix.roles(), "groups": matrix.table()})


@needs("audit.read")
def audit_log(request: HttpRequest) -> HttpResponse:
    form = AuditFilter(request.GET)
    form.is_valid()  # a field that is right counts even beside a wrong one
    question = auditing.Question(**{name: given for name, given in form.cleaned_data.items() if given})
    page = auditing.search(question, by=request.user, after=request.GET.get("after"))  # type: ignore[arg-type]
    shown = {"form": form, "page": page, "lines": auditing.lines(page.items)}
    return render(request, "people/desk/audit.html", shown, status=422 if form.errors else 200)


@needs("people.read")
def persons(request: HttpRequest) -> HttpResponse:
    form = PeopleFilter(request.GET)
    page = queries.staff(
        _wish(form),
        reach=reach(request.user, "people.read"),
        citizens_too=may(request.user, "people.manage"),
        after=request.GET.get("after"),
    )
    auditing.note_citizens(page.items, by=request.user)  # type: ignore[arg-type]  # `needs` stands in front
    shown = {"form": form, "page": page, "may_manage": may(request.user, "people.manage")}
    return render(request, "people/desk/persons.html", shown)


def _wish(form: PeopleFilter) -> queries.Wish:
    given = form.cleaned_data if form.is_valid() else {}
    house = given.get("organisation")
    return queries.Wish(
        text=given.get("q", "").strip(),
        organisation=house.pk if house else None,
        role=given.get("role", ""),
        state=given.get("state") or "active",
    )


@needs("people.read")
def organisations(request: HttpRequest) -> HttpResponse:
    return render(request, "people/desk/organisations.html", {"branches": queries.tree()})


def person_for(request: HttpRequest, person_id: int, action: str) -> Person:
    """The person, if the action reaches an organisation they belong to; a citizen only for who manages people."""
    found = queries.with_memberships(Person.objects.filter(pk=person_id)).first()
    if found is None:
        raise NotFound
    if reach(request.user, "people.manage").all:
        return found
    mine = reach(request.user, action)
    houses = found.memberships.filter(belonging.not_ended()).values_list("organisation_id", flat=True)
    if not any(mine.covers(house) for house in houses):
        raise NotAllowed
    return found
