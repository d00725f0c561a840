"""How much is new in the inbox."""

from django.http import HttpRequest


def unread(request: HttpRequest) -> int:
    """One count per page, only for people who are signed in."""
    from stadtkern.threads.models import Notification

    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return 0
    return Notification.objects.filter(contact__person=person, read_at=None).count()
