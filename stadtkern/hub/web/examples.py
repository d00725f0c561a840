"""Questions to try out: what the explorer offers."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class Example:
    """A question below the root; {thing} and {datastream} are numbers that exist, {week} is the day a week ago."""

    key: str
    title: Any
    text: Any
    question: str


EXAMPLES = (
    Example(
        "root",
        gettext_lazy("Was kann die Schnittstelle?"),
        gettext_lazy("Das Wurzeldokument nennt alle Mengen und alle Fähigkeiten."),
        "",
    ),
    Example(
        "stations",
        gettext_lazy("Welche Messstellen gibt es?"),
        gettext_lazy("Die ersten fünf, mit ihrem Ort."),
        "Things?$top=5&$select=name,description&$expand=Locations($select=location)",
    ),
    Example(
        "newest",
        gettext_lazy("Was misst diese Messstelle gerade?"),
        gettext_lazy("Alle Messreihen eines Dings mit ihrem neuesten Wert, in einer Anfrage."),
        "Things({thing})?$select=name&$expand=Datastreams($select=name,unitOfMeasurement;"
        "$expand=Observations($top=1;$orderby=phenomenonTime desc;$select=phenomenonTime,result))",
    ),
    Example(
        "values",
        gettext_lazy("Die letzten Werte einer Messreihe"),
        gettext_lazy("Neueste zuerst, nur Zeitpunkt und Wert."),
        "Datastreams({datastream})/Observations?$top=10&$orderby=phenomenonTime desc&$select=phenomenonTime,result",
    ),
    Example(
        "count",
        gettext_lazy("Wie viele Werte gibt es?"),
        gettext_lazy("Die Zahl allein, ohne die Werte."),
        "Datastreams({datastream})/Observations?$count=true&$top=0",
    ),
    Example(
        "means",
        gettext_lazy("Tagesmittel, vom Server gerechnet"),
        gettext_lazy("Eine Erweiterung: Mittel, Minimum und Maximum je Tag."),
        "Datastreams({datastream})/Observations?$apply=aggregate(mean,min,max,count;interval=day)"
        "&$filter=phenomenonTime ge {week}T00:00:00Z",
    ),
    Example(
        "csv",
        gettext_lazy("Als Tabelle (CSV)"),
        gettext_lazy("Für Tabellenprogramme und Statistik."),
        "Datastreams({datastream})/Observations?$top=20&$orderby=phenomenonTime desc&$resultFormat=CSV",
    ),
    Example(
        "near",
        gettext_lazy("Was misst in der Nähe?"),
        gettext_lazy("Orte im Umkreis von zwei Kilometern um das Rathaus, nach Entfernung (in Grad)."),
        "Locations?$filter=geo.distance(location,geography'POINT(7.2162 51.4818)') lt 0.02&$top=5&"
        "$select=name,location",
    ),
)
