"""Decoders in the hands of stewards: add one, change it, copy it, give it up while nobody uses it.

Decoders belong to nobody: every steward sees and uses all of them. One that devices use is changed only by who cares
for all of these devices; the built-in ones by nobody. Whoever may not change a decoder makes a copy of it.
"""

import json
from hashlib import blake2b
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from stadtkern.core import audit
from stadtkern.core.models import AuditEntry
from stadtkern.core.paging import Page, keyset
from stadtkern.core.problems import BadInput, Conflict, NotAllowed, NotFound
from stadtkern.hub.domain.decoders import sandbox
from stadtkern.hub.domain.decoders.layout import BadLayout
from stadtkern.hub.domain.decoders.layout_parsing import parse
from stadtkern.hub.domain.decoders.payload import Payload, Undecodable
from stadtkern.hub.domain.keys import free_key
from stadtkern.hub.models import Decoder, Device
from stadtkern.hub.rights import MANAGE
from stadtkern.people.models import Person
from stadtkern.people.rights import reach, require

SUBJECT = "hub_decoder"
ORDER, PER_PAGE, MOST_VERSIONS = ("name", "pk"), 50, 20
NO_SCRIPT = ("SyntaxError", "there is no function decodeUplink")  # as the sandbox says it


def desk_list(*, text: str = "", after: str | None = None) -> Page[Decoder]:
    """A page of all decoders by name, each with `device_count`."""
    found = Decoder.objects.annotate(device_count=Count("devices"))
    if text:
        found = found.filter(name__icontains=text)
    return keyset(found, order=ORDER, after=after, limit=PER_PAGE)


def decoder_for(decoder_id: int) -> Decoder:
    """Raises NotFound."""
    found = Decoder.objects.filter(pk=decoder_id).first()
    if found is None:
        raise NotFound(_("Diesen Dekodierer gibt es nicht (mehr)."))
    return found


def may_change(decoder: Decoder, person: Person) -> bool:
    """Not a built-in one, and not one that devices of others need."""
    mine = reach(person, MANAGE)
    if decoder.is_builtin or not mine:
        return False
    return mine.all or not Device.objects.filter(decoder=decoder).exclude(mine.q("organisation")).exists()


def text_of(decoder: Decoder) -> str:
    """The script, or the layout as people write it."""
    if decoder.language == Decoder.Language.SCRIPT:
        return decoder.script
    return json.dumps(decoder.layout, indent=2, ensure_ascii=False)


def digest_of(decoder: Decoder) -> str:
    """Tells versions apart: 8 hexadecimal digits."""
    whole = decoder.script + json.dumps(decoder.layout, sort_keys=True)
    return blake2b(whole.encode(), digest_size=4).hexdigest()


def drawn_up(language: str, text: str) -> Decoder:
    """A decoder that is not kept yet, for a trial. Raises BadInput (text) with the place at fault."""
    made = Decoder(language=language)
    if language == Decoder.Language.SCRIPT:
        made.script = text.replace("\r\n", "\n")
        _check_length(made.script)
    else:
        made.layout = layout_of(text)
    return made


def layout_of(text: str) -> dict[str, Any]:
    """The layout that this JSON is. Raises BadInput that says where it is wrong."""
    _check_length(text)
    try:
        layout = json.loads(text)
        parse(layout)
    except json.JSONDecodeError as error:
        told = {"line": error.lineno, "column": error.colno, "what": error.msg}
        raise _wrong(_("Zeile %(line)s, Spalte %(column)s: das ist kein JSON (%(what)s).") % told) from error
    except RecursionError as error:
        raise _wrong(_("Zu viel ineinander.")) from error
    except BadLayout as error:
        raise _wrong(str(error)) from error
    _check_keepable(layout)
    return dict(layout)


@transaction.atomic
def add_decoder(*, name: str, language: str, text: str, by: Person) -> Decoder:
    """Raises BadInput (language, text), NotAllowed."""
    require(by, MANAGE)
    if language not in Decoder.Language.values:
        raise BadInput(fields={"language": _("Das steht nicht zur Wahl.")})
    made = _sound(language, text)
    made.name, made.key = name, free_key(Decoder, name, otherwise="dekodierer")
    made.save(force_insert=True)
    _note("added", made, by)
    return made


@transaction.atomic
def change_decoder(decoder_id: int, *, name: str, text: str, seen: str, by: Person) -> Decoder:
    """From the next message on. `seen`: the digest of the version that was on the page.

    Raises BadInput (text), NotAllowed, NotFound; Conflict when somebody has changed it meanwhile.
    """
    decoder = _held(decoder_id, by)
    if digest_of(decoder) != seen:
        raise Conflict(_("Jemand hat diesen Dekodierer inzwischen geändert. Bitte laden Sie die Seite neu."))
    made = _sound(decoder.language, text)
    decoder.name, decoder.layout, decoder.script = name, made.layout, made.script
    decoder.save()
    _note("changed", decoder, by)
    return decoder


@transaction.atomic
def drop_decoder(decoder_id: int, *, by: Person) -> None:
    """Raises Conflict while a device uses it, NotAllowed, NotFound."""
    decoder = _held(decoder_id, by)
    if count := decoder.devices.count():
        raise Conflict(_("Diesen Dekodierer nutzen noch Geräte (%(count)s). Ändern Sie erst diese.") % {"count": count})
    _note("dropped", decoder, by)
    decoder.delete()


def users_of(decoder: Decoder, person: Person) -> tuple["QuerySet[Device]", int]:
    """The person's devices that use it, by name, and how many others there are."""
    mine = decoder.devices.filter(reach(person, MANAGE).q("organisation")).order_by("name", "pk")
    return mine.select_related("thing"), decoder.devices.count() - mine.count()


def versions_of(decoder: Decoder) -> "QuerySet[AuditEntry]":
    """The last changes as the audit log knows them, the newest first; each with `name` and `version` in its detail."""
    entries = AuditEntry.objects.filter(subject_kind=SUBJECT, subject_id=str(decoder.pk))
    return entries.order_by("-at", "-pk")[:MOST_VERSIONS]


def _held(decoder_id: int, by: Person) -> Decoder:
    require(by, MANAGE)
    decoder = Decoder.objects.select_for_update().filter(pk=decoder_id).first()
    if decoder is None:
        raise NotFound(_("Diesen Dekodierer gibt es nicht (mehr)."))
    if not may_change(decoder, by):
        raise NotAllowed(
            _("Diesen Dekodierer nutzen auch andere, oder er gehört zum Datenwerk. Machen Sie eine Kopie.")
        )
    return decoder


def _sound(language: str, text: str) -> Decoder:
    """One that can be kept: a script is read once, so that a typing error is not found by the first message."""
    made = drawn_up(language, text)
    if language == Decoder.Language.SCRIPT:
        try:
            sandbox.pool.run(made.script, Payload(b""))
        except Undecodable as error:
            if any(words in str(error) for words in NO_SCRIPT):
                raise _wrong(str(error)) from error
    return made


def _check_length(text: str) -> None:
    if not text.strip():
        raise _wrong(_("Hier fehlt noch etwas."))
    if len(text) > sandbox.MOST_SCRIPT:
        raise _wrong(_("Das ist zu lang: höchstens %(most)s Zeichen.") % {"most": sandbox.MOST_SCRIPT})


def _check_keepable(layout: Any) -> None:
    """PostgreSQL keeps no NaN, no character 0 and no half of a character in JSON; Python reads them."""
    try:
        text = json.dumps(layout, ensure_ascii=False, allow_nan=False)
        is_good = bool(text.encode()) and "\\u0000" not in text
    except ValueError:
        is_good = False
    if not is_good:
        raise _wrong(_("Die Feldliste enthält eine Zahl oder ein Zeichen, das es in JSON nicht gibt."))


def _wrong(reason: str) -> BadInput:
    return BadInput(fields={"text": reason})


def _note(verb: str, decoder: Decoder, by: Person) -> None:
    detail = {"name": decoder.name, "version": digest_of(decoder)}
    audit.record(f"hub.decoder_{verb}", actor=by, subject=(SUBJECT, decoder.pk), detail=detail)
