"""The question for stations, as it stands in an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from stadtkern.core.problems import BadQuery
from stadtkern.hub.domain.stations.measured import property_ids
from stadtkern.hub.domain.vocabulary import vocabulary
from stadtkern.places.domain.geometry import district_names

LONGEST_SEARCH = 100
NAMES = ("suche", "groesse", "art", "bezirk", "nur", "after")
WORKING = "aktuell"


@dataclass(frozen=True, slots=True)
class StationQuery:
    """`quantity`: a key of the pack or the number of an observed property; `district`, `kind`: keys.

    `working`: only stations with a fresh value. `after`: the cursor of a page.
    """

    text: str = ""
    quantity: str = ""
    kind: str = ""
    district: str = ""
    working: bool = False
    after: str = ""

    @classmethod
    def parse(cls, params: Mapping[str, str], *, also: Sequence[str] = ()) -> "StationQuery":
        """Raises BadQuery, whose text may be shown. Names in `also` are for somebody else."""
        if strange := sorted(set(params) - {*NAMES, *also}):
            raise BadQuery(_("Diesen Filter kennen wir nicht: %(names)s") % {"names": ", ".join(strange)[:200]})
        text = "".join(sign for sign in params.get("suche", "") if sign.isprintable()).strip()
        if len(text) > LONGEST_SEARCH:
            raise BadQuery(_("Das ist zu viel Text für eine Suche."))
        query = cls(
            text=text,
            quantity=params.get("groesse", ""),
            kind=_known(params.get("art", ""), vocabulary().kinds, _("Diese Art von Messstelle gibt es nicht.")),
            district=_known(params.get("bezirk", ""), district_names(), _("Diesen Stadtbezirk gibt es nicht.")),
            working=_known(params.get("nur", ""), {WORKING: ""}, _("„nur“ kann nur „aktuell“ sein.")) == WORKING,
            after=params.get("after", ""),
        )
        if query.quantity and property_ids(query.quantity) is None:
            raise BadQuery(_("Diese Messgröße gibt es nicht."))
        return query

    @property
    def is_filtered(self) -> bool:
        return self.first_page() != StationQuery()

    def first_page(self) -> "StationQuery":
        return replace(self, after="")

    def address(self) -> str:
        """As parameters, without the page."""
        given = {
            "suche": self.text,
            "groesse": self.quantity,
            "art": self.kind,
            "bezirk": self.district,
            "nur": WORKING if self.working else "",
        }
        return urlencode({name: value for name, value in given.items() if value})


def _known(value: str, among: Mapping[str, object], otherwise: str) -> str:
    if value and value not in among:
        raise BadQuery(otherwise)
    return value
