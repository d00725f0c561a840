"""My data: see, take along, erase; all on one page."""

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from stadtkern.core import audit
from stadtkern.core.city import city
from stadtkern.people.domain import erasing, exporting
from stadtkern.people.models import Person
from stadtkern.people.rights import all_memberships
from stadtkern.people.web.forms import Erase


@never_cache
@login_required
def data(request: HttpRequest) -> HttpResponse:
    return _page(request, Erase())


def _page(request: HttpRequest, form: Erase) -> HttpResponse:
    shares = exporting.look(int(request.user.pk))
    page = {"shares": shares, "form": form, "belongs": all_memberships(request.user)}  # type: ignore[arg-type]
    return render(request, "people/data.html", page, status=422 if form.errors else 200)


@never_cache
@login_required
def download(request: HttpRequest) -> HttpResponse:
    """Everything as a ZIP file with JSON and CSV."""
    file = exporting.as_zip(int(request.user.pk))
    audit.record("people.data_taken_along", actor=request.user, subject=("person", request.user.pk))
    name = f"{city().key}-{timezone.localdate():%Y-%m-%d}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


@require_POST
@login_required
def erase(request: HttpRequest) -> HttpResponse:
    form = Erase(request.POST)
    if not form.is_valid():
        return _page(request, form)
    person = Person.objects.get(pk=request.user.pk)
    erasing.erase_person(person)
    get_adapter(request).logout(request)
    request.session.flush()
    return redirect("people:erased")


def erased(request: HttpRequest) -> HttpResponse:
    return render(request, "people/erased.html")
