"""What a steward does with sources: draft one, settle it, switch it on and off, run it, fill a gap, give it up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from stadtkern.core import audit, clock
from stadtkern.core.problems import BadInput, NotAllowed, NotFound
from stadtkern.hub.domain.connecting.config import checked, checked_parts, closed, opened, parted
from stadtkern.hub.domain.connecting.port import connectors
from stadtkern.hub.domain.connecting.schedule import queue_run
from stadtkern.hub.domain.connecting.uploads import drop_upload, keep_upload
from stadtkern.hub.domain.keys import free_key
from stadtkern.hub.models import Connector, Run
from stadtkern.hub.rights import MANAGE
from stadtkern.hub.words import Visibility
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import reach, require

LONGEST_GAP = timedelta(days=400)
SHORTEST_INTERVAL, LONGEST_INTERVAL = 1, 60 * 24 * 31  # minutes
SWITCHED = ["state", "started_at", "interval_minutes", "expect_minutes", "next_at", "failures", "silent_since"]


def sources_of(person: Person) -> "QuerySet[Connector]":
    """The connectors this person looks after, each with its last run (`run_id`)."""
    mine = Connector.objects.filter(reach(person, MANAGE).q("organisation_id")).select_related("organisation")
    last = Run.objects.filter(connector=OuterRef("pk")).order_by("-started_at").values("pk")[:1]
    return mine.annotate(run_id=Subquery(last)).order_by("name", "pk")


def source_for(person: Person, connector_id: int) -> Connector:
    """Raises NotFound, also for what is somebody else's."""
    found = sources_of(person).filter(pk=connector_id).first()
    if found is None:
        raise NotFound(_("Diese Quelle gibt es nicht, oder sie gehört einer anderen Stelle."))
    return found


def houses_of(person: Person) -> "QuerySet[Organisation]":
    """Organisations for which this person may keep sources."""
    return Organisation.objects.filter(reach(person, MANAGE).q("pk"), is_active=True).order_by("name")


@transaction.atomic
def draft_source(*, name: str, kind: str, organisation: Organisation | None, visibility: str, by: Person) -> Connector:
    """A source that does nothing yet; raises BadInput, NotAllowed."""
    require(by, MANAGE, organisation.pk if organisation else None)
    if organisation is None and not reach(by, MANAGE).all:
        raise NotAllowed(_("Wählen Sie eine Ihrer Stellen."))
    if kind not in connectors or visibility not in Visibility.values:
        raise BadInput(_("Diese Art von Quelle gibt es nicht."), fields={"kind": _("Das steht nicht zur Wahl.")})
    made = Connector.objects.create(
        key=free_key(Connector, name, otherwise="quelle"),
        name=name,
        kind=kind,
        organisation=organisation,
        visibility=visibility,
        created_by=by,
    )
    _note("drafted", made, by)
    return made


@transaction.atomic
def settle(connector: Connector, given: Mapping[str, Any], *, by: Person, upload: UploadedFile | None = None) -> None:
    """Change settings; what is not given stays, an empty secret too. Raises BadInput for what is wrong.

    What was remembered of the source is forgotten: it is read as if it were new, so a better mapping reaches all of it.
    """
    kind = connectors[connector.kind]
    kept = opened(connector.sealed)
    wished = {key: value for key, value in given.items() if value not in (None, "") or key not in kept}
    config = checked(kind, {**_known(connector.config, kind), **kept, **wished})
    shown, secret = parted(kind, config)
    if not shown.get("header_name"):
        secret.pop("header_value", None)
    connector.config, connector.sealed, connector.position = shown, closed(secret), {}
    connector.save(update_fields=["config", "sealed", "position", "changed_at"])
    if upload is not None:
        keep_upload(connector, upload)
    _note("settled", connector, by)


def remember(connector: Connector, given: Mapping[str, Any]) -> None:
    """Settings of a draft as they are typed so far, each checked for itself; raises BadInput. Secrets are closed."""
    kind = connectors[connector.kind]
    shown, secret = parted(kind, {**connector.config, **checked_parts(kind, given)})
    if secret:
        connector.sealed = closed({**opened(connector.sealed), **secret})
    connector.config, connector.position = shown, {}
    connector.save(update_fields=["config", "sealed", "position", "changed_at"])


@transaction.atomic
def switch_on(
    connector: Connector, *, interval_minutes: int | None, expect_minutes: int | None = None, by: Person
) -> None:
    """From now on by the clock; without an interval once, by hand. Raises BadInput for unfit settings."""
    if interval_minutes is not None and not SHORTEST_INTERVAL <= interval_minutes <= LONGEST_INTERVAL:
        raise BadInput(_("Der Abstand passt nicht."), fields={"interval_minutes": _("Zwischen 1 Minute und 31 Tagen.")})
    checked(connectors[connector.kind], {**connector.config, **opened(connector.sealed)})
    now = clock.now()
    connector.state, connector.started_at = Connector.State.ACTIVE, now
    connector.interval_minutes, connector.expect_minutes = interval_minutes, expect_minutes
    connector.next_at = now + timedelta(minutes=interval_minutes) if interval_minutes else None
    connector.failures, connector.silent_since = 0, None
    connector.save(update_fields=SWITCHED)
    queue_run(connector.pk, cause=Run.Cause.HAND, by_id=by.pk)
    _note("switched_on", connector, by)


@transaction.atomic
def pause(connector: Connector, *, by: Person) -> None:
    """No run by the clock any more; a silence is nobody's fault then."""
    Connector.objects.filter(pk=connector.pk).update(
        state=Connector.State.PAUSED, next_at=None, silent_since=None, failures=0
    )
    _note("paused", connector, by)


def run_now(connector: Connector, *, by: Person) -> bool:
    """Queue a run; False when one waits already."""
    _note("run_wanted", connector, by)
    return queue_run(connector.pk, cause=Run.Cause.HAND, by_id=by.pk)


def fill_gap(connector: Connector, *, since: datetime, until: datetime, by: Person) -> None:
    """Fetch a period again; raises BadInput when the source has no past or the period makes no sense."""
    if not connectors[connector.kind].fills_gaps:
        raise BadInput(_("Diese Quelle kennt nur den Zustand von jetzt; eine Lücke lässt sich nicht füllen."))
    if not since < until or until - since > LONGEST_GAP:
        raise BadInput(
            _("Der Zeitraum passt nicht."), fields={"until": _("Nach dem Beginn, höchstens 400 Tage später.")}
        )
    _note("gap_filled", connector, by)
    queue_run(connector.pk, cause=Run.Cause.GAP, by_id=by.pk, since=since, until=until)


@transaction.atomic
def give_up(connector: Connector, *, by: Person) -> None:
    """Forget the source and its log; things and values it brought stay."""
    _note("given_up", connector, by)
    transaction.on_commit(lambda: drop_upload(connector))
    connector.delete()


def _known(config: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    """Settings of today's fields: a kind may have lost one since."""
    return {one.key: config[one.key] for one in kind.fields if one.key in config}


def _note(verb: str, connector: Connector, by: Person) -> None:
    audit.record(f"hub.source_{verb}", actor=by, subject=("hub_connector", connector.pk), detail={"key": connector.key})
