"""Where somebody is signed in, and how it ends everywhere.

A session carries a digest of the person's (unusable) password: a new one ends every session at once,
also those that no list knows.
"""

from collections.abc import Iterable

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils.translation import gettext as _

from stadtkern.people.models import Person

BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def of(person: Person) -> list[UserSession]:
    """The sessions that are still open, the newest first."""
    mine = UserSession.objects.filter(user_id=person.pk).order_by("-created_at")
    alive = set(Session.objects.filter(pk__in=[one.session_key for one in mine]).values_list("pk", flat=True))
    return [one for one in mine if one.session_key in alive]


def end(person: Person, session_id: int) -> bool:
    """End one session of this person; False when it is not theirs or already gone."""
    one = UserSession.objects.filter(user_id=person.pk, pk=session_id).first()
    if one:
        one.end()
    return one is not None


def end_all(person: Person, *, except_keys: Iterable[str] = ()) -> None:
    """Sign out everywhere. To stay signed in, a request calls `update_session_auth_hash` afterwards."""
    keep = set(except_keys)
    for one in UserSession.objects.filter(user_id=person.pk):
        if one.session_key not in keep:
            one.end()
    person.set_unusable_password()
    person.save(update_fields=["password"])


def device(user_agent: str) -> str:
    """ "Firefox auf Windows": enough to recognise one's own device."""
    browser = next((name for sign, name in BROWSERS.items() if sign in user_agent), _("Ein Browser"))
    system = next((name for sign, name in SYSTEMS.items() if sign in user_agent), "")
    return _("%(browser)s auf %(system)s") % {"browser": browser, "system": system} if system else browser
