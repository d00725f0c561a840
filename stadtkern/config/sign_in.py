"""Signing in: django-allauth's settings, one place (e-mail code, passkey, TOTP, OIDC)."""

import json
import os
from typing import Any
from urllib.parse import unquote, urlsplit

from stadtkern.config.env import env

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


def _forms(*names: str) -> dict[str, str]:
    """allauth's name of a form -> our class: confirm_login_code -> ConfirmLoginCode."""
    return {name: f"{FORMS}.{name.title().replace('_', '')}" for name in names}


def allauth_settings(*, base_url: str, demo: bool) -> dict[str, Any]:
    """No user names, no passwords for citizens: a code by e-mail, or a passkey."""
    return {
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*"],
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED": True,
        "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT": CODE,
        "ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND": True,
        "ACCOUNT_LOGIN_BY_CODE_ENABLED": True,
        "ACCOUNT_LOGIN_BY_CODE_FORMAT": CODE,
        "ACCOUNT_LOGIN_BY_CODE_TIMEOUT": 15 * 60,
        "ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND": True,
        "ACCOUNT_CHANGE_EMAIL": True,
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_PREVENT_ENUMERATION": True,
        "ACCOUNT_SESSION_REMEMBER": True,
        "ACCOUNT_ADAPTER": "stadtkern.people.sign_in.Accounts",
        "ACCOUNT_FORMS": _forms("login", "signup", "add_email", "confirm_login_code")
        | {"confirm_email_verification_code": f"{FORMS}.ConfirmEmailCode"},
        "CSRF_FAILURE_VIEW": "stadtkern.people.web.entrance.stale_form",
        "ALLAUTH_TRUSTED_PROXY_COUNT": 2 if os.environ.get("STADTKERN_PROXIES") else 1,
        "SOCIALACCOUNT_ADAPTER": "stadtkern.people.sign_in.SocialAccounts",
        "SOCIALACCOUNT_FORMS": {"signup": f"{FORMS}.SocialSignup", "disconnect": f"{FORMS}.Disconnect"},
        "SOCIALACCOUNT_LOGIN_ON_GET": True,  # a form may not lead to another site (CSP); people.web.entrance guards it
        "MFA_ADAPTER": "stadtkern.people.sign_in.SecondFactors",
        "MFA_FORMS": _forms("authenticate", "reauthenticate", "activate_totp", "add_webauthn", "signup_webauthn")
        | {"edit_webauthn": f"{FORMS}.EditWebauthn"},
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_PASSKEY_SIGNUP_ENABLED": True,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not base_url.startswith("https://"),
        "MFA_TOTP_ISSUER": "Stadtkern",
        "STAFF_SECOND_FACTOR": not demo,
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": _providers()}},
    }


def _providers() -> list[dict[str, Any]]:
    text = env(
        "STADTKERN_OIDC",
        "[]",
        "OIDC providers (BundID, Servicekonto, Keycloak ...): JSON list of "
        '{"provider_id", "name", "client_id", "secret", "settings": {"server_url"}}.',
        str,
    )
    return list(json.loads(text))


def smtp_settings(address: str) -> dict[str, Any]:
    """smtp://user:password@host:port (STARTTLS) or smtps://… (TLS from the start)."""
    if not address:
        return {}
    parts = urlsplit(address)
    return {
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or 587,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp" and bool(parts.username),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 20,
    }
