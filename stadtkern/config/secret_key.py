"""The secret key of development: good for commands, checks and demos, never for a city that is served."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

DEVELOPMENT = "only-for-development-change-me-0123456789-0123456789"


def refuse_development_key() -> None:
    """Called by whatever answers visitors: with a key that everybody knows, everybody could sign in as anybody."""
    if settings.SECRET_KEY == DEVELOPMENT and not (settings.DEBUG or settings.DEMO):
        raise ImproperlyConfigured(
            "STADTKERN_SECRET_KEY is missing. Give 50 random characters (or STADTKERN_SECRET_KEY_FILE), "
            "the same to every part; `stadtkern up` makes a key by itself."
        )
