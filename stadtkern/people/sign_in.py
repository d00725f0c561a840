"""How allauth signs people in here."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class Accounts(DefaultAccountAdapter):
    """Accounts by e-mail code or passkey."""


class SocialAccounts(DefaultSocialAccountAdapter):
    """Accounts by an OIDC provider."""
