"""Signing in: django-allauth's settings, one place (e-mail code, passkey, TOTP, OIDC)."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit

from stadtkern.config.env import env

APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]
BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]


def allauth_settings(*, base_url: str, demo: bool) -> dict[str, Any]:
    """No user names, no passwords for citizens: a code by e-mail, or a passkey."""
    return {
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*"],
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED": True,
        "ACCOUNT_LOGIN_BY_CODE_ENABLED": True,
        "ACCOUNT_PREVENT_ENUMERATION": True,
        "ACCOUNT_ADAPTER": "stadtkern.people.sign_in.Accounts",
        "SOCIALACCOUNT_ADAPTER": "stadtkern.people.sign_in.SocialAccounts",
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
