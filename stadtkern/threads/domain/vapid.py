"""The key pair of web push (VAPID, RFC 8292): from the settings, or made once and shared by all processes."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02

from stadtkern.threads.models import PushKey

CURVE = ec.SECP256R1()


def private_key() -> str:
    """The private scalar, 32 bytes, base64url without padding."""
    if settings.VAPID_KEY:
        return str(settings.VAPID_KEY)
    row, _made = PushKey.objects.get_or_create(id=1, defaults={"private": new_key()})
    return row.private


def public_key() -> str:
    """The uncompressed point, base64url: what a browser wants as applicationServerKey."""
    point = Vapid02.from_string(private_key()).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return _letters(point)


def new_key() -> str:
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    return _letters(number.to_bytes(32, "big"))


def _letters(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
