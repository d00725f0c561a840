"""The receipt: one mail after filing, with the number, the secret link, and the button that confirms the address."""

from django.utils import translation

from stadtkern.core.city import city
from stadtkern.core.jobs import job
from stadtkern.core.languages import pick
from stadtkern.core.mail import compose
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.models import Report
from stadtkern.threads.domain.confirming import confirm_path
from stadtkern.threads.domain.conversation import language_of
from stadtkern.threads.domain.links import absolute, secret_path
from stadtkern.threads.domain.receipts import may_write_to
from stadtkern.threads.models import Contact


def queue_receipt(report: Report, contact: Contact) -> None:
    """Send it once the report exists. The job knows ids only; no address stands in the queue."""
    if (contact.email or contact.person_id) and may_write_to(contact):
        send_receipt.defer(report_id=report.pk, contact_id=contact.pk)


@job("reports.send_receipt", retry=10)
def send_receipt(report_id: int, contact_id: int) -> None:
    report = Report.objects.select_related("thread").get(pk=report_id)
    contact = Contact.objects.select_related("person").filter(pk=contact_id).first()
    address = (contact.person.email if contact.person else contact.email) if contact else ""
    if contact is None or not address:
        return
    language = language_of(contact)
    compose(
        "reports/mail/receipt",
        to=address,
        context=_context(report, contact, language),
        language=language,
        headers={"Auto-Submitted": "auto-generated"},
    ).send()


def _context(report: Report, contact: Contact, language: str) -> dict[str, object]:
    category = catalogue().category(report.category_id)
    waits = contact.person_id is None and contact.confirmed_at is None
    with translation.override(language):
        return {
            "city": city().name,
            "number": report.pk,
            "category": pick(category.name),
            "place": report.address,
            "owner": report.owner.name,
            "due_at": report.due_at,
            "link": absolute(secret_path(report.thread)),
            "confirm_link": absolute(confirm_path(contact)) if waits else "",
        }
