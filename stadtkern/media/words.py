"""The words of the module media. Imports nothing of ours."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class State(StrEnum):
    """Where an image stands. `blurred` means: renditions are made and wait for a yes."""

    RECEIVED = "received"
    BLURRED = "blurred"
    PUBLIC = "public"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


NEXT: dict[State, set[State]] = {
    State.RECEIVED: {State.BLURRED, State.REFUSED, State.WITHDRAWN},
    State.BLURRED: {State.PUBLIC, State.WITHDRAWN},
    State.PUBLIC: {State.BLURRED, State.WITHDRAWN},
    State.WITHDRAWN: {State.BLURRED, State.RECEIVED},
    State.REFUSED: {State.WITHDRAWN},
}

STATE_LABELS = {
    State.RECEIVED: _("eingegangen, wird geprüft"),
    State.BLURRED: _("unkenntlich gemacht, nicht öffentlich"),
    State.PUBLIC: _("öffentlich"),
    State.WITHDRAWN: _("zurückgezogen"),
    State.REFUSED: _("nicht lesbar"),
}


class BoxKind(StrEnum):
    """What a box hides."""

    FACE = "face"
    PLATE = "plate"
    OTHER = "other"


BOX_LABELS = {
    BoxKind.FACE: _("Gesicht"),
    BoxKind.PLATE: _("Kennzeichen"),
    BoxKind.OTHER: _("Sonstiges"),
}


class Size(StrEnum):
    """The three sizes in which an image is shown."""

    THUMB = "thumb"
    CARD = "card"
    LARGE = "large"


LONGEST_SIDE = {Size.THUMB: 320, Size.CARD: 640, Size.LARGE: 1600}
