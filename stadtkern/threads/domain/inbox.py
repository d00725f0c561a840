"""The inbox: all that the city has told a contact, newest first, grouped by matter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from stadtkern.core.paging import Page, keyset
from stadtkern.core.parts import SubjectView, subjects, topics
from stadtkern.threads.models import Contact, Notification, Thread

PAGE = 30
NEWEST = ("-created_at", "-id")
MOST_MATTERS = 50


@dataclass
class Matter:
    """A thread with what was told of it (or a topic without a thread)."""

    key: str
    title: str
    url: str = ""
    state: str = ""
    told: list[Notification] = field(default_factory=list)

    @property
    def unread(self) -> int:
        return sum(1 for notification in self.told if notification.read_at is None)


def page(contact: Contact, *, after: str | None = None, limit: int = PAGE) -> Page[Notification]:
    return keyset(told(contact), order=NEWEST, after=after, limit=limit)


def told(contact: Contact) -> QuerySet[Notification]:
    return Notification.objects.filter(contact=contact).select_related("thread")


def unread_count(contact: Contact) -> int:
    return Notification.objects.filter(contact=contact, read_at=None).count()


def by_matter(notifications: Iterable[Notification]) -> list[Matter]:
    """In the order of each matter's newest notification."""
    rows = list(notifications)
    views = views_of([row.thread for row in rows if row.thread])
    found: dict[str, Matter] = {}
    for row in rows:
        key = f"thread-{row.thread_id}" if row.thread_id else f"topic-{row.topic}"
        found.setdefault(key, _matter(key, row, views)).told.append(row)
    return list(found.values())


def _matter(key: str, row: Notification, views: Mapping[int, SubjectView]) -> Matter:
    if row.thread is None:
        topic = topics.get(row.topic)
        return Matter(key, str(topic.label) if topic else "")
    return matter_of(row.thread, views)


def matter_of(thread: Thread, views: Mapping[int, SubjectView]) -> Matter:
    view = views.get(thread.pk)
    key = f"thread-{thread.pk}"
    return Matter(key, view.title, view.url, view.state) if view else Matter(key, thread.title)


def views_of(threads: Iterable[Thread]) -> dict[int, SubjectView]:
    """Thread -> how its matter looks from outside; one question per kind of matter."""
    ids: dict[str, dict[int, int]] = {}
    for thread in threads:
        if thread.subject_id is not None:
            ids.setdefault(thread.kind, {})[thread.subject_id] = thread.pk
    found: dict[int, SubjectView] = {}
    for kind, wanted in ids.items():
        subject = subjects.get(kind)
        for subject_id, view in (subject.resolve_many(list(wanted)) if subject else {}).items():
            found[wanted[subject_id]] = view
    return found


def matters(contact: Contact | None, thread_ids: Sequence[int] = ()) -> list[Matter]:
    """The matters a contact takes part in, and those whose secret link was opened in this browser."""
    mine = Q(participants__contact=contact) if contact else Q(pk__in=[])
    threads = list(Thread.objects.filter(mine | Q(pk__in=thread_ids)).distinct().order_by("-pk")[:MOST_MATTERS])
    views = views_of(threads)
    return [matter_of(thread, views) for thread in threads]


def mark_read(contact: Contact, *, ids: Sequence[int] | None = None, until: datetime | None = None) -> int:
    """Mark these notifications of the contact as read, or all up to a moment."""
    unread = Notification.objects.filter(contact=contact, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=list(ids))
    if until is not None:
        unread = unread.filter(created_at__lte=until)
    return unread.update(read_at=timezone.now())


def mark_thread_read(contact: Contact, thread: Thread) -> int:
    """Who looks at the matter has read what was told of it."""
    return Notification.objects.filter(contact=contact, thread=thread, read_at=None).update(read_at=timezone.now())
