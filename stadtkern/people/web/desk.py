"""The desk's pages about people: who belongs where, who may do what, who did what."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from stadtkern.core.problems import NotAllowed, NotFound
from stadtkern.people.domain import auditing, matrix, queries
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
    question = auditing.Question(**{key: form.cleaned_data.get(key) or default for key, default in _nothing(form)})
    page = auditing.search(question, by=request.user, after=request.GET.get("after"))  # type: ignore[arg-type]
    shown = {"form": form, "page": page, "lines": auditing.lines(page.items)}
    return render(request, "people/desk/audit.html", shown, status=422 if form.errors else 200)


def _nothing(form: AuditFilter) -> list[tuple[str, Any]]:
    """Each field with what an empty one means; validates the form on the way."""
    form.is_valid()
    return [(name, None if name in {"since", "until"} else "") for name in form.fields]


@needs("people.read")
def persons(request: HttpRequest) -> HttpResponse:
    form = PeopleFilter(request.GET)
    page = queries.staff(
        _wish(form),
        reach=reach(request.user, "people.read"),
        citizens_too=may(request.user, "people.manage"),
        after=request.GET.get("after"),
    )
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
    """The person, if the action reaches one of their organisations; whoever reaches all also sees citizens."""
    found = queries.with_memberships(Person.objects.filter(pk=person_id)).first()
    if found is None:
        raise NotFound
    mine = reach(request.user, action)
    if not mine.all and not any(mine.covers(m.organisation_id) for m in found.memberships.all()):
        raise NotAllowed
    return found
