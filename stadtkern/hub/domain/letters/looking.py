"""Look into a letter: what its device has sent, and what its decoder makes of it today. Nothing is written."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from stadtkern.hub.domain.decoders.payload import Reading
from stadtkern.hub.domain.decoders.trying import Trial, shown, try_out
from stadtkern.hub.domain.letters.desk import letters_of
from stadtkern.hub.domain.letters.sources import ENVELOPES
from stadtkern.hub.domain.letters.uplink import BadEnvelope, Uplink
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.models import Device, Letter


def letters_from(device: Device, *, reader: Reader) -> "QuerySet[Letter]":
    """What is still kept of the messages of a device, as far as they are the reader's."""
    return letters_of(reader).filter(source__in=tuple(ENVELOPES), device_key=device.key)


def look_into(letter: Letter, device: Device) -> Trial:
    """As it would be read now; without a decoder what the network has decoded."""
    try:
        uplink = ENVELOPES[letter.source](letter.payload)
    except BadEnvelope as error:
        return Trial(error=_("Umschlag: %s") % error)
    if uplink is None:
        return Trial(error=_("Die Nachricht bringt keine Werte."))
    if device.decoder:
        return try_out(device.decoder, uplink.data, port=uplink.port)
    return _as_the_network_says(uplink)


def _as_the_network_says(uplink: Uplink) -> Trial:
    if uplink.decoded is None:
        told = _("Das Gerät hat keinen Dekodierer, und das Netz hat nichts dekodiert.")
        return Trial(data=uplink.data, port=uplink.port, error=told)
    return Trial(data=uplink.data, port=uplink.port, readings=shown([Reading(dict(uplink.decoded))]))
