"""Secret links: into a matter, into one's own notifications, and out of the mails."""

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from stadtkern.core.parts import subjects, topics
from stadtkern.threads.domain import choosing, confirming, links
from stadtkern.threads.domain.audience import EVERY_TOPIC
from stadtkern.threads.web.parts import remember_contact, remember_thread
from stadtkern.threads.web.quiet import secret

ONE_CLICK = ("List-Unsubscribe", "One-Click")  # RFC 8058


@secret
@require_safe
def open_thread(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the right in the session and go on to the matter's own page, whose address holds no token."""
    thread = links.thread_by_token(token)
    remember_thread(request, thread)
    subject = subjects.get(thread.kind)
    view = subject.resolve(thread.subject_id) if subject and thread.subject_id is not None else None
    return redirect(view.url if view else "threads:inbox")


@secret
@require_safe
def open_contact(request: HttpRequest, token: str) -> HttpResponse:
    remember_contact(request, links.contact_by_token(token))
    return redirect("threads:inbox")


@secret
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button: what looks at links in mails presses no buttons."""
    if request.method == "POST" and "again" in request.POST:
        confirming.ask_to_confirm(confirming.contact_to_confirm(token, however_old=True))
        messages.success(request, _("Wir haben Ihnen einen neuen Link geschickt."))
        return redirect("threads:inbox")
    try:
        contact = confirming.contact_to_confirm(token)
    except signing.SignatureExpired:
        return render(request, "threads/confirm.html", {"expired": True}, status=410)
    if request.method == "POST":
        remember_contact(request, confirming.confirm(token))
        messages.success(request, _("Danke! Ihre E-Mail-Adresse ist bestätigt. Neues erfahren Sie jetzt per E-Mail."))
        return redirect("threads:inbox")
    follows = contact.follows.all()[:20] if contact.merged_into is None else []
    return render(request, "threads/confirm.html", {"follows": follows})


@csrf_exempt  # a mail program sends the POST of RFC 8058; the signed address is the proof
@secret
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, topic: str, token: str) -> HttpResponse:
    """One tap and the mails of this topic end; another tap and they come again."""
    contact = links.contact_by_unsubscribe_token(token, topic)
    done = ""
    if request.method == "POST":
        if request.POST.get("undo"):
            choosing.take_mails_again(contact, topic)
            done = "undo"
        else:
            choosing.end_mails(contact, EVERY_TOPIC if request.POST.get("all") else topic)
            done = "all" if request.POST.get("all") or topic == EVERY_TOPIC else "topic"
        if request.POST.get(ONE_CLICK[0]) == ONE_CLICK[1]:
            return HttpResponse("unsubscribed\n", content_type="text/plain")
    context = {"topic": topics.get(topic), "done": done, "manage_url": links.contact_path(contact)}
    return render(request, "threads/unsubscribe.html", context)
