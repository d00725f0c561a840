"""allauth's forms in our words, with limits that all processes count together (core.limits).

Known and unknown addresses spend the same, so a limit tells nothing about an account.
"""

from datetime import timedelta
from typing import Any

from allauth.account import forms as account
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.core import context
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.socialaccount import forms as social
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from stadtkern.core import limits
from stadtkern.core.web.client_address import client_address
from stadtkern.people.domain.one_time_codes import first_use

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
EMAIL_LABEL = _("E-Mail-Adresse")
CODE_LABEL = _("Code")
NAME_LABEL = _("Name des Passkeys")
NAME_HINT = _("Damit Sie ihn wiedererkennen, zum Beispiel „Mein Telefon“.")


def spend_a_letter(email: str) -> None:
    """One more letter with a code: few per address, more per place, and not without end."""
    limits.spend("people.letters-from", client_address(context.request), most=60, per=QUARTER)
    limits.spend("people.letters", email.lower(), most=5, per=QUARTER)
    limits.spend("people.letters-day", email.lower(), most=20, per=DAY)


def _field(form: forms.Form, name: str, *, label: Any, hint: Any = "", **attrs: str) -> None:
    field = form.fields[name]
    field.label, field.help_text = label, hint
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= attrs


class Login(account.LoginForm):
    """One field: the address that gets the code."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        _field(self, "login", label=EMAIL_LABEL, autocomplete="username webauthn", inputmode="email", maxlength="254")
        self.fields["login"].validators.append(MaxLengthValidator(254))

    def clean_login(self) -> str:
        email = super().clean_login()
        spend_a_letter(email)
        return email

    def clean(self) -> Any:
        """Whoever was entered by a colleague or the demo has an address that allauth does not know yet."""
        cleaned = super().clean()
        if self.user:
            sync_user_email_address(self.user)
        return cleaned


class Signup(account.SignupForm):
    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        _field(self, "email", label=EMAIL_LABEL, autocomplete="email", inputmode="email")

    def clean_email(self) -> str:
        spend_a_letter(self.cleaned_data["email"])
        return str(super().clean_email())


class SocialSignup(social.SignupForm):
    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        _field(self, "email", label=EMAIL_LABEL, autocomplete="email", inputmode="email")

    def clean_email(self) -> str:
        spend_a_letter(self.cleaned_data["email"])
        return str(super().clean_email())


class Disconnect(social.DisconnectForm):
    """Take a provider away. Nobody is locked out: a code to the confirmed address always opens the account."""

    def clean(self) -> Any:
        cleaned = forms.Form.clean(self)  # not allauth's rule, which asks for a password
        if not self.request.user.emailaddress_set.filter(verified=True).exists():
            raise forms.ValidationError(_("Bitte bestätigen Sie zuerst Ihre E-Mail-Adresse."))
        return cleaned


class AddEmail(account.AddEmailForm):
    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        _field(self, "email", label=_("Neue E-Mail-Adresse"), autocomplete="email", inputmode="email")

    def clean_email(self) -> str:
        spend_a_letter(self.cleaned_data["email"])
        return str(super().clean_email())


class _Code(forms.Form):
    """A field for the digits of a letter or an app."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        _field(self, "code", label=CODE_LABEL, autocomplete="one-time-code", inputmode="numeric")
        self.fields["code"].widget.attrs |= {"maxlength": "20", "dir": "ltr"}


class ConfirmLoginCode(_Code, account.ConfirmLoginCodeForm):
    pass


class ConfirmEmailCode(_Code, account.ConfirmEmailVerificationCodeForm):
    pass


class _SecondFactorCode(_Code):
    """A code of the app or a spare code; each counts once, and trying is limited per person."""

    def clean_code(self) -> str:
        person = self.user  # type: ignore[attr-defined]
        limits.spend("people.second-factor", str(person.pk), most=15, per=QUARTER)
        code = str(super().clean_code())  # type: ignore[misc]
        used: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if used.type == Authenticator.Type.TOTP and not first_use(used, code):
            raise forms.ValidationError(_("Dieser Code wurde schon benutzt. Bitte warten Sie auf den nächsten."))
        return code


class Authenticate(_SecondFactorCode, base.AuthenticateForm):
    pass


class Reauthenticate(_SecondFactorCode, base.ReauthenticateForm):
    pass


class ActivateTotp(_Code, totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["code"].label = _("Code aus der App")
        self.fields["code"].help_text = _("Sechs Ziffern, die sich alle 30 Sekunden ändern.")

    def clean_code(self) -> str:
        limits.spend("people.second-factor", str(self.user.pk), most=15, per=QUARTER)
        return str(super().clean_code())


class AddWebauthn(webauthn.AddWebAuthnForm):
    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        _field(self, "name", label=NAME_LABEL, hint=NAME_HINT, maxlength="60")
        box = self.fields["passwordless"]
        box.initial, box.label = True, _("Damit allein anmelden, ohne Code")
        box.help_text = _("Ihr Gerät fragt dann nach Fingerabdruck, Gesicht oder PIN.")


class SignupWebauthn(webauthn.SignupWebAuthnForm):
    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        _field(self, "name", label=NAME_LABEL, hint=NAME_HINT, maxlength="60")


class EditWebauthn(webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        _field(self, "name", label=NAME_LABEL, hint=NAME_HINT, maxlength="60")
