#!/usr/bin/env python3
"""Translations without system gettext: extract, compile, check (Babel reads and writes the files).

German is the source: a msgid is the German text. English must be complete. What citizens see must also be
complete in Turkish, Ukrainian, Arabic and Leichte Sprache; staff pages are German and English.

    tools/messages.py extract    update stadtkern/locale/*/LC_MESSAGES/{django,djangojs}.po
    tools/messages.py compile    write the .mo files
    tools/messages.py check      fail when more is missing than locale/lacking.json admits, or placeholders differ
    tools/messages.py missing LANGUAGE   print what is missing as JSON, to be filled by a translator
    tools/messages.py fill LANGUAGE FILE take translations from such a JSON file
"""

import argparse
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "stadtkern" / "locale"
SOURCE = ROOT / "stadtkern"
LACKING = LOCALE / "lacking.json"
STAFF_LANGUAGES = ("en",)
CITIZEN_LANGUAGES = ("en", "tr", "uk", "ar", "de_Simple")
PLURALS = {
    "en": (2, "(n != 1)"),
    "tr": (2, "(n > 1)"),
    "uk": (
        3,
        "(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2)",
    ),
    "ar": (6, "(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5)"),
    "de_Simple": (2, "(n != 1)"),
}
STAFF = re.compile(
    r"desk|/management/|/rights\.py|/audit|second_factor|doctor|/cli|/config/|stil\.html|style\.html"
    r"|/imports/|corrections|fieldwork|worksheet|exporting|forwarding|sending|/api/open311/|deliveries|delivering"
    r"|hub/domain/(connecting|letters|decoders|quality|alerts|store|contracts|access_log|units)|hub/models/"
    r"|review|media/web/forms|media/templates/media/waiting|belonging|people/words|people/web/forms"
)
NOT_SHOWN = re.compile(r"/(tests|testing|migrations)/|/static_built/")
KEYWORDS = {
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop", "_"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%|\{(\w*)\}")


def sources(*endings: str) -> Iterator[Path]:
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in endings and not NOT_SHOWN.search(path.as_posix()):
            yield path


def template_code(path: Path) -> bytes:
    """A Django template as Python-like code whose gettext calls can be extracted."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stadtkern.config.settings")
    from django.utils.translation.template import templatize

    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    return re.sub(r"(?m)^[ \t]+", "", code).encode()  # the indentation of HTML is none of Python


def collect(domain: str) -> Catalog:
    """All messages of the code (django) or of the browser's modules (djangojs)."""
    catalog = Catalog(project="Stadtkern", charset="utf-8", creation_date=None)
    endings = (".js",) if domain == "djangojs" else (".py", ".html", ".txt")
    for path in sources(*endings):
        if path.suffix == ".txt" and "/templates/" not in path.as_posix():
            continue
        code = template_code(path) if path.suffix in {".html", ".txt"} else path.read_bytes()
        method = "javascript" if path.suffix == ".js" else "python"
        place = path.relative_to(ROOT).as_posix()
        for line, message, comments, context in extract(method, io.BytesIO(code), KEYWORDS, comment_tags=("i18n:",)):
            if message and (message if isinstance(message, str) else message[0]):
                catalog.add(message, locations=[(place, line)], auto_comments=comments, context=context)
    return catalog


def seen_by_citizens(message: Message) -> bool:
    return any(not STAFF.search(place) for place, _line in message.locations)


def file_of(language: str, domain: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def load(language: str, domain: str) -> Catalog:
    path = file_of(language, domain)
    if path.is_file():
        with path.open("rb") as file:
            return read_po(file, charset="utf-8")
    return Catalog(charset="utf-8")


def save(catalog: Catalog, language: str, domain: str) -> None:
    """Write the file without dates and line numbers, so that a diff shows words only."""
    path = file_of(language, domain)
    path.parent.mkdir(parents=True, exist_ok=True)
    body = io.BytesIO()
    write_po(body, catalog, omit_header=True, sort_output=True, no_location=True, width=100, ignore_obsolete=True)
    count, rule = PLURALS[language]
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: nplurals={count}; plural={rule};\\n"\n\n'
    )
    path.write_text(header + body.getvalue().decode(), encoding="utf-8")


def wanted(language: str, domain: str) -> list[Message]:
    """The messages this language must have."""
    messages = [message for message in collect(domain) if message.id]
    return [m for m in messages if language in STAFF_LANGUAGES or seen_by_citizens(m)]


def renewed(language: str, domain: str) -> Catalog:
    """The wanted messages with the translations there are."""
    old = load(language, domain)
    fresh = Catalog(charset="utf-8")
    fresh._num_plurals = PLURALS[language][0]
    for message in wanted(language, domain):
        known = old.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        fresh.add(message.id, string=_fitting(known, message, language), context=message.context)
    return fresh


def _fitting(known: Message | None, message: Message, language: str) -> str | tuple[str, ...]:
    plural = isinstance(message.id, tuple | list)
    empty: str | tuple[str, ...] = ("",) * PLURALS[language][0] if plural else ""
    if known is None or isinstance(known.string, tuple | list) != plural:
        return empty
    return known.string or empty


def extract_all() -> None:
    for language in CITIZEN_LANGUAGES:
        for domain in ("django", "djangojs"):
            catalog = renewed(language, domain)
            save(catalog, language, domain)
            print(f"{language} {domain}: {len(catalog)} messages, {len(list(_gaps(catalog)))} missing")


def compile_all() -> None:
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        with path.open("rb") as file:
            catalog = read_po(file, charset="utf-8")
        catalog.fuzzy = False
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)


def _gaps(catalog: Catalog) -> Iterator[Message]:
    for message in catalog:
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        if message.id and not all(strings):
            yield message


def _placeholders(text: str) -> set[str]:
    return {match.group(0) for match in PLACEHOLDER.finditer(text) if match.group(0) != "%%"}


def _strange(catalog: Catalog) -> Iterator[str]:
    """Translations whose placeholders are not the source's."""
    for message in catalog:
        if not message.id or not isinstance(message.id, str):
            continue
        if message.string and _placeholders(message.id) != _placeholders(str(message.string)):
            yield message.id


def check() -> int:
    """Nothing may be missing beyond what LACKING admits per language; that number may only shrink."""
    admitted: dict[str, int] = json.loads(LACKING.read_text()) if LACKING.is_file() else {}
    failed = False
    for language in CITIZEN_LANGUAGES:
        catalogs = [renewed(language, domain) for domain in ("django", "djangojs")]
        gaps = [message.id for catalog in catalogs for message in _gaps(catalog)]
        strange = [id for catalog in catalogs for id in _strange(catalog)]
        too_many = len(gaps) > admitted.get(language, 0)
        for fault in [
            *(f"not translated: {id!r}" for id in gaps if too_many),
            *(f"placeholders: {id!r}" for id in strange),
        ][:40]:
            print(f"{language}: {fault}")
        print(f"{language}: {len(gaps)} missing ({admitted.get(language, 0)} admitted), {len(strange)} strange")
        failed |= too_many or bool(strange)
    return int(failed)


def missing(language: str) -> None:
    gaps = {
        domain: [
            {"id": m.id, "context": m.context, "plural_forms": PLURALS[language][0]}
            if isinstance(m.id, tuple | list) or m.context
            else m.id
            for m in _gaps(renewed(language, domain))
        ]
        for domain in ("django", "djangojs")
    }
    print(json.dumps(gaps, ensure_ascii=False, indent=1))


def fill(language: str, path: Path) -> None:
    """Take {"msgid": "translation" or [forms]} into both catalogues; context messages as "context|msgid"."""
    given = json.loads(path.read_text(encoding="utf-8"))
    taken = 0
    for domain in ("django", "djangojs"):
        catalog = renewed(language, domain)
        for message in list(_gaps(catalog)):
            key = message.id if isinstance(message.id, str) else message.id[0]
            said = given.get(f"{message.context}|{key}" if message.context else key)
            if said:
                message.string = tuple(said) if isinstance(said, list) else said
                taken += 1
        save(catalog, language, domain)
    print(f"{language}: {taken} translations taken")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=["extract", "compile", "check", "missing", "fill"])
    parser.add_argument("language", nargs="?", choices=CITIZEN_LANGUAGES)
    parser.add_argument("file", nargs="?", type=Path)
    asked = parser.parse_args()
    if asked.do == "check":
        return check()
    if asked.do == "missing":
        missing(asked.language)
    elif asked.do == "fill":
        fill(asked.language, asked.file)
    else:
        {"extract": extract_all, "compile": compile_all}[asked.do]()
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
