"""Signing in: what django-allauth is given, and the providers of the city (e-mail code, passkey, TOTP, OIDC)."""

import json
from typing import Any

APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "allauth.account.middleware.AccountMiddleware",
    "stadtkern.people.web.second_factor.SecondFactor",
]
BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]

FORMS = "stadtkern.people.web.sign_in_forms"
CODE = {"numeric": True, "length": 8, "dashed": True}
NEEDED = ("provider_id", "name", "client_id")


OIDC_MEANING = (
    "OIDC providers (BundID, Servicekonto, Keycloak ...): JSON list of "
    '{"provider_id", "name", "client_id", "secret", "settings": {"server_url"}}.'
)


def _forms(*names: str) -> dict[str, str]:
    """allauth's name of a form -> our class: confirm_login_code -> ConfirmLoginCode."""
    return {name: f"{FORMS}.{name.title().replace('_', '')}" for name in names}


ACCOUNT_FORMS = _forms("login", "signup", "add_email", "confirm_login_code") | {
    "confirm_email_verification_code": f"{FORMS}.ConfirmEmailCode"
}
SOCIAL_FORMS = {"signup": f"{FORMS}.SocialSignup", "disconnect": f"{FORMS}.Disconnect"}
FACTOR_FORMS = _forms("authenticate", "reauthenticate", "activate_totp", "add_webauthn", "signup_webauthn") | {
    "edit_webauthn": f"{FORMS}.EditWebauthn"
}


def providers(text: str) -> list[dict[str, Any]]:
    """The OIDC providers of a JSON list; ValueError says what is wrong with it."""
    try:
        listed = json.loads(text or "[]")
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: {error.msg} at sign {error.pos + 1}") from error
    if not isinstance(listed, list):
        raise ValueError("say a JSON list, also for a single provider")
    for number, provider in enumerate(listed, start=1):
        missing = [name for name in NEEDED if not isinstance(provider, dict) or not provider.get(name)]
        if missing:
            raise ValueError(f"provider {number} has no {', '.join(missing)}")
    return listed
