"""The inbox as an Atom feed, for whoever holds its secret link."""

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stadtkern.core.city import city
from stadtkern.threads.domain import inbox, links
from stadtkern.threads.domain.conversation import language_of
from stadtkern.threads.feeds import Item, atom
from stadtkern.threads.web.quiet import secret

MOST = 50


@secret
@require_safe
def mine(request: HttpRequest, token: str) -> HttpResponse:
    contact = links.contact_by_feed_token(token)
    told = inbox.told(contact).order_by("-created_at", "-pk")[:MOST]
    host = links.absolute("")
    items = [
        Item(
            id=f"{host}/mitteilungen/#{notification.pk}",
            title=notification.title,
            text=notification.body,
            url=links.absolute(notification.url or "/mitteilungen/"),
            at=notification.created_at,
        )
        for notification in told
    ]
    with translation.override(language_of(contact)):
        title = _("Mitteilungen der Stadt %(city)s") % {"city": city().name}
    address = links.absolute(request.path)
    return atom(
        id=f"{host}/mitteilungen/contact/{contact.pk}",
        title=title,
        url=links.absolute("/mitteilungen/"),
        feed_url=address,
        author=city().name,
        language=language_of(contact),
        items=items,
        since=contact.created_at,
    )
