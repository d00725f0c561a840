"""Forms of alerts: what is watched, how people are told."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stadtkern.hub.domain.alerts.rules import Wishes
from stadtkern.hub.models import AlertRule, ObservedProperty
from stadtkern.hub.rights import MANAGE
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import reach

CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


# What is asked at once, and what stands in folds below: heading -> fields.
FIRST = (
    "name",
    "datastream_id",
    "thing_id",
    "observed_property_id",
    "kind",
    "direction",
    "threshold",
    "minutes",
    "is_active",
)
FOLDS = (
    (_("Wie empfindlich"), ("clear", "hold_minutes")),
    (_("Wann und wem"), ("is_important", "quiet_from", "quiet_until", "organisation_id")),
    (_("Wenn niemand antwortet"), ("escalate_minutes", "escalate_email", "escalate_organisation_id")),
    (_("Andere Systeme"), ("webhook_url", "mqtt_topic")),
)


SAME = (  # in the form as in the table
    *("name", "datastream_id", "thing_id", "observed_property_id", "kind", "direction", "threshold", "clear"),
    *("is_important", "quiet_from", "quiet_until", "organisation_id", "escalate_minutes"),
    *("escalate_organisation_id", "webhook_url", "mqtt_topic", "is_active"),
)


class AlertFilter(forms.Form):
    stand = forms.ChoiceField(
        label=_("Zeigen"), required=False, choices=[("", _("offene")), ("alle", _("auch vergangene"))]
    )


class AlertRuleForm(forms.Form):
    """A rule. Exactly one subject; durations in minutes."""

    name = forms.CharField(label=_("Name der Warnung"), help_text=_("Zum Beispiel: Teich zu hoch"), max_length=120)
    datastream_id = forms.IntegerField(label=_("Nummer der Messreihe"), required=False, min_value=1)
    thing_id = forms.IntegerField(
        label=_("oder Nummer des Objekts"), help_text=_("Alle Messreihen daran."), required=False, min_value=1
    )
    observed_property_id = forms.TypedChoiceField(
        label=_("oder Messgröße"),
        help_text=_("Alle Messreihen dieser Größe, die Sie lesen dürfen."),
        required=False,
        coerce=int,
        empty_value=None,
    )
    kind = forms.ChoiceField(label=_("Gewarnt wird bei"), choices=AlertRule.Kind.choices)
    direction = forms.ChoiceField(
        label=_("Richtung"),
        help_text=_("Bei schneller Änderung: steigt (darüber) oder fällt (darunter)."),
        choices=AlertRule.Direction.choices,
    )
    threshold = forms.FloatField(
        label=_("Grenzwert"),
        help_text=_("In der Einheit der Messreihe. Bei schneller Änderung: um so viel."),
        required=False,
        localize=True,
    )
    clear = forms.FloatField(
        label=_("Entwarnung bei"),
        help_text=_("Leer: am Grenzwert. Etwas Abstand verhindert ein Hin und Her."),
        required=False,
        localize=True,
    )
    minutes = forms.FloatField(
        label=_("Minuten"),
        help_text=_("Keine neuen Werte: so lange. Schnelle Änderung: in dieser Zeit. In Sicht: so weit voraus."),
        required=False,
        localize=True,
        min_value=0,
    )
    hold_minutes = forms.FloatField(
        label=_("Muss so viele Minuten dauern"), required=False, localize=True, min_value=0, max_value=100_000
    )
    is_important = forms.BooleanField(label=_("Wichtig: auch in Ruhezeiten, sofort"), required=False)
    quiet_from = forms.TimeField(label=_("Ruhe von"), required=False, widget=CLOCK)
    quiet_until = forms.TimeField(label=_("Ruhe bis"), required=False, widget=CLOCK)
    organisation_id = forms.TypedChoiceField(
        label=_("Auch sagen"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Denen, die dort Daten pflegen."),
    )
    escalate_minutes = forms.IntegerField(
        label=_("Ohne Antwort nach so vielen Minuten"), required=False, min_value=1, max_value=100_000
    )
    escalate_email = forms.EmailField(label=_("dann sagen: Person (E-Mail)"), required=False)
    escalate_organisation_id = forms.TypedChoiceField(
        label=_("oder Stelle"), required=False, coerce=int, empty_value=None
    )
    webhook_url = forms.URLField(
        label=_("Webhook"),
        help_text=_("Eine öffentliche Webadresse, die signierte Nachrichten bekommt."),
        required=False,
        max_length=400,
        assume_scheme="https",
    )
    mqtt_topic = forms.CharField(
        label=_("MQTT-Thema"),
        help_text=_("Nur was öffentlich ist, geht an den Broker."),
        required=False,
        max_length=200,
    )
    is_active = forms.BooleanField(label=_("Eingeschaltet"), required=False, initial=True)

    def __init__(self, *args: Any, person: Person, **given: Any) -> None:
        super().__init__(*args, **given)
        mine = reach(person, MANAGE)
        houses = [(house.pk, house.name) for house in Organisation.objects.filter(is_active=True).order_by("name")]
        properties = ObservedProperty.objects.order_by("name", "pk").values_list("pk", "name")[:1_000]
        self.fields["observed_property_id"].choices = [("", "—"), *properties]
        self.fields["organisation_id"].choices = [("", "—"), *(one for one in houses if mine.covers(one[0]))]
        self.fields["escalate_organisation_id"].choices = [("", "—"), *houses]

    def first(self) -> list[forms.BoundField]:
        return [self[name] for name in FIRST]

    def folds(self) -> list[tuple[Any, list[forms.BoundField], bool]]:
        """Heading, fields, and whether the fold stands open: something in it is chosen or wrong."""
        return [(title, [self[name] for name in names], self._is_used(names)) for title, names in FOLDS]

    def _is_used(self, names: tuple[str, ...]) -> bool:
        return any(self[name].errors or self[name].value() not in (None, "", False) for name in names)

    def clean_escalate_email(self) -> Person | None:
        email = self.cleaned_data.get("escalate_email")
        if not email:
            return None
        person = Person.objects.filter(email__iexact=email, is_active=True, memberships__isnull=False).first()
        if person is None:
            raise forms.ValidationError(_("Diese Adresse gehört niemandem, der hier arbeitet."))
        return person

    def wishes(self) -> Wishes:
        """In the words of the table: seconds, numbers of rows."""
        data = dict(self.cleaned_data)
        minutes, person = data.pop("minutes"), data.pop("escalate_email")
        return data | {  # type: ignore[return-value]
            "seconds": None if minutes is None else round(minutes * 60),
            "hold_seconds": round((data.pop("hold_minutes") or 0) * 60),
            "escalate_person_id": person.pk if person else None,
        }


def as_it_is(rule: AlertRule) -> dict[str, Any]:
    """A rule as the form shows it."""
    return {name: getattr(rule, name) for name in SAME} | {
        "minutes": None if rule.seconds is None else rule.seconds / 60,
        "hold_minutes": rule.hold_seconds / 60 or None,
        "escalate_email": rule.escalate_person.email if rule.escalate_person else "",
    }
