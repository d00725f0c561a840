"""The question a station answers, with its name in it."""

from django.utils.translation import get_language

from stadtkern.core.languages import Words, pick
from stadtkern.hub.domain.stations.listing import Station


def in_words(question: Words | None, station: Station) -> str:
    """ "Wie warm ist der Ümminger See?"; German alone has the name with its article."""
    if question is None:
        return ""
    german = (get_language() or "de") == "de"
    return pick(question).replace("{called}", station.called if german else station.name)
