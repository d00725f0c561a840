"""Who is in front of us, and in which threads may they take part? Kept in the session, never in an address.

Session keys: `threads` (ids of threads whose secret link was opened here), `thread_nonces` (so that an ended
link ends here too), `contact` (id and nonce of the contact of this browser).
"""

from django.http import HttpRequest
from django.utils.translation import get_language

from stadtkern.people.models import Person
from stadtkern.threads.domain.conversation import contact_for, device_contact
from stadtkern.threads.models import Contact, Participant, Thread
from stadtkern.threads.words import INSIDE

THREADS, NONCES, CONTACT = "threads", "thread_nonces", "contact"
MOST_THREADS = 50
A_YEAR = 365 * 24 * 3600  # seconds; a device that follows something is recognised that long


def may_take_part(request: HttpRequest, thread: Thread) -> bool:
    """By the secret link opened in this browser, or as a contact whose matter it is (never as a mere party)."""
    if thread.pk in threads_of(request) and thread_nonce(request, thread.pk) == thread.nonce:
        return True
    contact = contact_of(request)
    return contact is not None and Participant.objects.filter(thread=thread, contact=contact, part__in=INSIDE).exists()


def remember_thread(request: HttpRequest, thread: Thread) -> None:
    """From now on this browser may take part in the thread."""
    others = [id for id in threads_of(request) if id != thread.pk]
    kept = [*others, thread.pk][-MOST_THREADS:]
    nonces = request.session.get(NONCES, {})
    request.session[THREADS] = kept
    request.session[NONCES] = {str(id): nonces.get(str(id), "") for id in kept} | {str(thread.pk): thread.nonce}


def threads_of(request: HttpRequest) -> list[int]:
    return list(request.session.get(THREADS, []))


def thread_nonce(request: HttpRequest, thread_id: int) -> str:
    return str(request.session.get(NONCES, {}).get(str(thread_id), ""))


def person_of(request: HttpRequest) -> Person | None:
    return request.user if isinstance(request.user, Person) and request.user.is_authenticated else None


def contact_of(request: HttpRequest) -> Contact | None:
    """The contact of the account, else the one whose link was opened in this browser."""
    if not hasattr(request, "_contact"):
        person = person_of(request)
        mine = Contact.objects.select_related("person").filter(person=person).first() if person else None
        request._contact = mine if person else browser_contact(request)  # type: ignore[attr-defined]
    found: Contact | None = request._contact  # type: ignore[attr-defined]
    return found


def browser_contact(request: HttpRequest) -> Contact | None:
    """The contact kept in the session, without regard to an account."""
    pk, nonce = request.session.get(CONTACT, (None, ""))
    if pk is None:
        return None
    contact = Contact.objects.select_related("merged_into").filter(pk=pk, nonce=nonce).first()
    return (contact.merged_into or contact) if contact else None


def contact_or_new(request: HttpRequest) -> Contact:
    """The contact in front of us; for a browser nobody knows yet, a new one without any data."""
    person = person_of(request)
    if person is not None:
        return contact_for(person=person)
    contact = contact_of(request)
    if contact is None:
        contact = device_contact(language=get_language() or "de")
        remember_contact(request, contact)
    return contact


def remember_contact(request: HttpRequest, contact: Contact) -> None:
    """Only for the browser that made the contact, or that came by its secret link.

    Who is signed in keeps the end their sign-in has: a link in a mail must not stretch a working day to a year.
    """
    request.session[CONTACT] = [contact.pk, contact.nonce]
    if person_of(request) is None:
        request.session.set_expiry(A_YEAR)
    request._contact = contact  # type: ignore[attr-defined]


def forget_browser(request: HttpRequest) -> None:
    """This browser no longer knows any contact or thread."""
    for key in (THREADS, NONCES, CONTACT):
        request.session.pop(key, None)
    request._contact = None  # type: ignore[attr-defined]
