"""How allauth signs people in here: one address per person, codes by mail, passkeys, no passwords.

allauth's texts become ours: `send_mail` queues the templates of `people/mail/`.
"""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from stadtkern.core import mail
from stadtkern.core.city import city
from stadtkern.core.secrets import box
from stadtkern.core.web.client_address import client_address
from stadtkern.people.models import Person
from stadtkern.people.rights import all_memberships

STAFF_SESSION_SECONDS = 12 * 3600
CODES_LAST = timedelta(minutes=15)  # as long as allauth takes a code
SECRETS = "people.second_factor"
NOTICES = {"email_changed", "totp_activated", "totp_deactivated", "webauthn_added", "webauthn_removed"} | {
    "recovery_codes_generated", "account_connected", "account_disconnected",
}  # fmt: skip
PLAIN = ("code", "signup_url", "from_email", "to_email", "provider")
TELLS = {
    "account_inactive": _("Dieses Konto ist gesperrt."),
    "duplicate_email": _("Das ist schon Ihre Adresse."),
    "email_taken": _("Diese Adresse gehört schon zu einem Konto."),
    "incorrect_code": _("Der Code stimmt nicht. Bitte prüfen Sie ihn noch einmal."),
    "rate_limited": _("Bitte warten Sie einen Moment und versuchen Sie es dann noch einmal."),
    "too_many_login_attempts": _("Das waren zu viele Versuche. Bitte fangen Sie noch einmal von vorn an."),
    "unverified_email": _("Bitte bestätigen Sie zuerst Ihre E-Mail-Adresse."),
    "cannot_generate_recovery_codes": _("Ersatzcodes gibt es erst, wenn ein zweiter Faktor eingerichtet ist."),
}


class Accounts(DefaultAccountAdapter):
    """Accounts by e-mail code or passkey."""

    error_messages = DefaultAccountAdapter.error_messages | TELLS

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue our own letter. The same is done for known and unknown addresses, so time tells nothing."""
        name = template_prefix.rpartition("/")[2]
        plain = {key: str(context[key]) for key in PLAIN if context.get(key)}
        plain |= {"city": city().name, "app": app_name(), "url": settings.BASE_URL, "notice": name}
        template = "notice" if name in NOTICES else name
        within = None if name in NOTICES else CODES_LAST
        mail.send(f"people/mail/{template}", to=email, context=plain, language=_language_of(email), within=within)

    def save_user(self, request: HttpRequest, user: Person, form: Any, commit: bool = True) -> Person:
        """The new account speaks the language of the page it was made on."""
        user.language = get_language() or user.language
        return super().save_user(request, user, form, commit)  # type: ignore[return-value]

    def post_login(self, request: HttpRequest, user: Person, **given: Any) -> Any:
        # said for everybody: this browser may have followed something before, which lasts longer than a sign-in
        lasts = STAFF_SESSION_SECONDS if all_memberships(user) else settings.SESSION_COOKIE_AGE
        request.session.set_expiry(lasts)
        return super().post_login(request, user, **given)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff begin at the desk, everybody else in their account."""
        person = request.user
        if isinstance(person, Person) and all_memberships(person):
            try:
                return reverse("reports-desk:inbox")
            except NoReverseMatch:
                pass
        return reverse("people:account")

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)


class SocialAccounts(DefaultSocialAccountAdapter):
    """Accounts by an OIDC provider (BundID, Servicekonto.NRW, an organisation's directory)."""

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Person:
        person: Person = super().populate_user(request, sociallogin, data)
        whole = data.get("name") or " ".join(filter(None, (data.get("first_name"), data.get("last_name"))))
        person.name = str(whole or "")[:120]
        person.language = get_language() or person.language
        return person


class SecondFactors(DefaultMFAAdapter):
    """Second factors: secrets are kept encrypted, names are said in words."""

    error_messages = DefaultMFAAdapter.error_messages | {key: TELLS[key] for key in TELLS if key != "email_taken"}

    def encrypt(self, text: str) -> str:
        return box(SECRETS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return box(SECRETS).decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return app_name()

    def _get_site_name(self) -> str:
        return app_name()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        count = user.authenticator_set.filter(type=type).count()
        return gettext("Passkey %(number)d") % {"number": count + 1}


def app_name() -> str:
    return str(city().facts.get("app", {}).get("name") or city().name)


def _language_of(email: str) -> str:
    person = Person.objects.filter(email=email.lower()).only("language").first()
    return person.language if person else get_language() or "de"
