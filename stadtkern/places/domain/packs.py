"""Is a city pack complete and true to its format (cities/README.md)? Every mistake is one readable line."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import Point, shape

from stadtkern.places.words import PlaceKind, Precision

KEY = re.compile(r"[a-z0-9][a-z0-9-]*")
CODE = re.compile(r"[a-z][a-z0-9_]*")
NEEDED = ("city.toml", "organisations.toml", "categories.toml", "routing.toml", "reasons.toml",
          "districts.geojson", "boundary.geojson")  # fmt: skip
CITY_FIELDS = ("key", "name", "country", "subdivision", "timezone", "languages", "center", "bbox",
               "jurisdiction_id", "app", "contact", "imprint", "privacy", "accessibility", "deadlines",
               "limits", "theme")  # fmt: skip
KINDS = {"defect", "idea", "praise"}
HOUSES = {"city", "company", "chamber", "department", "external"}
QUESTIONS = {"singlevaluelist", "multivaluelist", "string", "text", "number", "datetime"}
LISTS = {"singlevaluelist", "multivaluelist"}
COUNTED = {"referral", "duplicate", "declined"}
STATUSES = {"received", "checked", "assigned", "in_work", "waiting", "done", "rejected", "reopened"}
Pack = dict[str, Any]
Check = Callable[[Pack], Iterator[str]]


def problems_of(folder: Path) -> list[str]:
    """Every mistake of a pack; an empty list means it can be loaded."""
    missing = [f"{name}: is missing" for name in NEEDED if not (folder / name).is_file()]
    if missing:
        return missing
    try:
        pack = _read(folder)
    except (ValueError, OSError) as error:  # TOML and JSON errors are ValueErrors
        return [f"cannot be read: {error}"]
    found: list[str] = []
    for check in CHECKS:
        try:
            found += check(pack)
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            found.append(f"{check.__name__.strip('_')}: a field is missing or of the wrong kind: {error!r}")
    return found


def _read(folder: Path) -> Pack:
    pack: Pack = {"folder": folder}
    for path in folder.glob("*.toml"):
        try:
            pack[path.stem] = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path.name}: {error}") from error
    for name in ("districts", "boundary"):
        pack[name] = json.loads((folder / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    return pack


def _city(pack: Pack) -> Iterator[str]:
    facts = pack["city"]
    yield from (f"city.toml: {name!r} is missing" for name in CITY_FIELDS if name not in facts)
    west, south, east, north = facts["bbox"]
    center = facts["center"]
    if not (west < center["lon"] < east and south < center["lat"] < north):
        yield "city.toml: the center lies outside the bbox"
    if facts["key"] != pack["folder"].name:
        yield "city.toml: the key is not the folder's name"


def _organisations(pack: Pack) -> Iterator[str]:
    rows = pack["organisations"]["organisation"]
    yield from _keys("organisations.toml", rows)
    known = _known(rows)
    for row in rows:
        where = f"organisations.toml, {row['key']}"
        if row["kind"] not in HOUSES:
            yield f"{where}: unknown kind {row['kind']!r}"
        if row.get("parent", "") not in known | {""}:
            yield f"{where}: the parent {row['parent']!r} is not in the file"
        if "about" in row:
            yield from _words(pack, where, "about", row["about"])
    rest = [row["key"] for row in rows if row.get("takes_rest")]
    if len(rest) != 1:
        yield f"organisations.toml: exactly one organisation must take the rest, not {len(rest)}"


def _categories(pack: Pack) -> Iterator[str]:
    groups, rows = pack["categories"]["group"], pack["categories"]["category"]
    yield from _keys("categories.toml", groups)
    yield from _keys("categories.toml", rows)
    for group in groups:
        yield from _words(pack, f"categories.toml, group {group['key']}", "name", group["name"])
    for row in rows:
        yield from _category(pack, row, _known(groups), _houses(pack))
        for question in row.get("questions", []):
            yield from _question(pack, f"categories.toml, {row['key']}", question)


def _category(pack: Pack, row: Pack, groups: set[str], houses: set[str]) -> Iterator[str]:
    where = f"categories.toml, {row['key']}"
    for name, value, known in (("group", row["group"], groups), ("owner", row["owner"], houses),
                               ("kind", row["kind"], KINDS),
                               ("publish", row["publish"], {"after_check", "at_once"})):  # fmt: skip
        if value not in known:
            yield f"{where}: unknown {name} {value!r}"
    yield from (f"{where}: referral to unknown {key!r}" for key in row.get("referral", []) if key not in houses)
    yield from (part for name in ("name", "hint") for part in _words(pack, where, name, row[name]))
    if not row.get("active", True):
        yield from _words(pack, where, "closed_reason", row.get("closed_reason", {}))
    if row["due_working_days"] < 1 or row["duplicate_radius_m"] < 1:
        yield f"{where}: due_working_days and duplicate_radius_m must be at least 1"
    if (sign := row.get("emergency")) and sign not in pack.get("texts", {}).get("emergency", {}):
        yield f"{where}: texts.toml has no emergency text {sign!r}"
    codes = [question["code"] for question in row.get("questions", [])]
    if len(codes) != len(set(codes)):
        yield f"{where}: a question's code stands twice"


def _question(pack: Pack, where: str, question: Pack) -> Iterator[str]:
    where = f"{where}, question {question['code']}"
    if not CODE.fullmatch(question["code"]):
        yield f"{where}: the code may hold a-z, 0-9 and _"
    if question["type"] not in QUESTIONS:
        yield f"{where}: unknown type {question['type']!r}"
    yield from _words(pack, where, "label", question["label"])
    values = question.get("values", [])
    if bool(values) != (question["type"] in LISTS):
        yield f"{where}: values belong to the list types, and only to them"
    for value in values:
        yield from _words(pack, f"{where}, value {value['key']}", "name", value["name"])


def _routing(pack: Pack) -> Iterator[str]:
    rules = pack["routing"].get("rule", [])
    yield from _keys("routing.toml", rules)
    categories = {row["key"]: row for row in pack["categories"]["category"]}
    known = {"kind": KINDS, "group": _known(pack["categories"]["group"]), "category": set(categories),
             "district": {feature["properties"]["key"] for feature in pack["districts"]},
             "asset": _known(pack.get("assets", {}).get("kind", [])), "asset_owner": _houses(pack)}  # fmt: skip
    for rule in rules:
        where, when = f"routing.toml, {rule['key']}", rule.get("when", {})
        if rule["to"] not in _houses(pack):
            yield f"{where}: unknown organisation {rule['to']!r}"
        for name, values in when.items():
            if name != "answers":
                yield from (
                    f"{where}: unknown {name} {value!r}" for value in values if value not in known.get(name, ())
                )
        asked = [categories[key] for key in when.get("category", []) if key in categories]
        yield from _rule_answers(where, when.get("answers", {}), asked)


def _rule_answers(where: str, answers: Pack, categories: list[Pack]) -> Iterator[str]:
    for category in categories:
        questions = {question["code"]: question for question in category.get("questions", [])}
        for code, values in answers.items():
            offered = {value["key"] for value in questions.get(code, {}).get("values", [])}
            if strange := set(values) - offered:
                yield f"{where}: {category['key']} never answers {code} = {', '.join(sorted(strange))}"


def _reasons(pack: Pack) -> Iterator[str]:
    rows = pack["reasons"]["reason"]
    yield from _keys("reasons.toml", rows)
    for row in rows:
        yield from _words(pack, f"reasons.toml, {row['key']}", "public", row["public"])
        if row["counts_as"] not in COUNTED:
            yield f"reasons.toml, {row['key']}: unknown counts_as {row['counts_as']!r}"


def _answers(pack: Pack) -> Iterator[str]:
    rows = pack.get("answers", {}).get("answer", [])
    yield from _keys("answers.toml", rows)
    for row in rows:
        strange = set(row.get("categories", [])) - _known(pack["categories"]["category"])
        strange |= set(row.get("groups", [])) - _known(pack["categories"]["group"])
        strange |= set(row.get("status", [])) - STATUSES
        if strange:
            yield f"answers.toml, {row['key']}: unknown {', '.join(sorted(strange))}"


def _texts(pack: Pack) -> Iterator[str]:
    for section, entries in pack.get("texts", {}).items():
        for name, words in entries.items():
            yield from _words(pack, f"texts.toml, {section}", name, words)


def _outlines(pack: Pack) -> Iterator[str]:
    yield from _keys("districts.geojson", [feature["properties"] for feature in pack["districts"]])
    areas = {feature["properties"]["key"]: shape(feature["geometry"]) for feature in pack["districts"]}
    yield from (
        f"districts.geojson, {key}: the outline crosses itself" for key, area in areas.items() if not area.is_valid
    )
    boundary = shapely.union_all([shape(feature["geometry"]) for feature in pack["boundary"]])
    together = shapely.union_all(list(areas.values()))
    if together.symmetric_difference(boundary).area > boundary.area * 1e-4:
        yield "districts.geojson: the districts together are not the boundary"
    if sum(area.area for area in areas.values()) - together.area > boundary.area * 1e-4:
        yield "districts.geojson: districts overlap"


def _gazetteer(pack: Pack) -> Iterator[str]:
    rows = pack.get("gazetteer", {}).get("place", [])
    yield from _keys("gazetteer.toml", rows)
    boundary = shapely.union_all([shape(feature["geometry"]) for feature in pack["boundary"]])
    for row in rows:
        where = f"gazetteer.toml, {row['key']}"
        if row["kind"] not in PlaceKind.values or row["precision"] not in Precision.values:
            yield f"{where}: unknown kind or precision"
        if boundary.distance(Point(row["lon"], row["lat"])) > 0.005:
            yield f"{where}: lies outside the city"


def _assets(pack: Pack) -> Iterator[str]:
    rows = pack.get("assets", {}).get("kind", [])
    yield from _keys("assets.toml", rows)
    for row in rows:
        where = f"assets.toml, {row['key']}"
        yield from _words(pack, where, "name", row["name"])
        strange = set(row.get("categories", [])) - _known(pack["categories"]["category"])
        yield from (f"{where}: unknown category {key!r}" for key in sorted(strange))
        if not re.compile(row["number"]).fullmatch(row["example"]):
            yield f"{where}: the example {row['example']!r} does not fit the pattern"
        if row.get("owner", "") not in {"", *_houses(pack)}:
            yield f"{where}: unknown organisation {row['owner']!r}"
        if row.get("file") and not (pack["folder"] / row["file"]).is_file():
            yield f"{where}: the file {row['file']!r} is missing"
    for thing in pack.get("demo", {}).get("asset", []):
        if thing["kind"] not in _known(rows):
            yield f"demo.toml, {thing['number']}: unknown kind {thing['kind']!r}"


def _demo(pack: Pack) -> Iterator[str]:
    demo = pack.get("demo", {})
    people, reports = demo.get("person", []), demo.get("report", [])
    yield from _keys("demo.toml", people)
    yield from _keys("demo.toml", reports)
    categories, reasons = _known(pack["categories"]["category"]), _known(pack["reasons"]["reason"])
    areas = {feature["properties"]["key"]: shape(feature["geometry"]) for feature in pack["districts"]}
    for report in reports:
        where = f"demo.toml, {report['key']}"
        if report["category"] not in categories:
            yield f"{where}: unknown category {report['category']!r}"
        if not areas[report["district"]].covers(Point(report["lon"], report["lat"])):
            yield f"{where}: does not lie in {report['district']}"
        for step in report.get("steps", []):
            yield from _step(where, step, _known(people), _houses(pack), reasons)


def _step(where: str, step: Pack, people: set[str], houses: set[str], reasons: set[str]) -> Iterator[str]:
    if step["to"] not in STATUSES or step["by"] not in people:
        yield f"{where}: unknown status or person in a step"
    if not {step.get(name) for name in ("organisation", "referral")} <= houses | {None}:
        yield f"{where}: unknown organisation in a step"
    if (step["to"] == "rejected") != ("reason" in step) or step.get("reason") not in reasons | {None}:
        yield f"{where}: a refusal needs a reason of reasons.toml, and only a refusal has one"


CHECKS: tuple[Check, ...] = (_city, _organisations, _categories, _routing, _reasons, _answers, _texts,
                             _outlines, _gazetteer, _assets, _demo)  # fmt: skip


def _words(pack: Pack, where: str, name: str, words: Any) -> Iterator[str]:
    """German and every language the city offers must be filled."""
    missing = [code for code in pack["city"]["languages"] if not str(words.get(code, "")).strip()]
    if missing:
        yield f"{where}: {name} is missing in {', '.join(missing)}"


def _keys(where: str, rows: list[Pack]) -> Iterator[str]:
    seen: set[str] = set()
    for row in rows:
        if not KEY.fullmatch(row["key"]):
            yield f"{where}: the key {row['key']!r} may hold a-z, 0-9 and -"
        if row["key"] in seen:
            yield f"{where}: the key {row['key']!r} stands twice"
        seen.add(row["key"])


def _known(rows: list[Pack]) -> set[str]:
    return {row["key"] for row in rows}


def _houses(pack: Pack) -> set[str]:
    return _known(pack["organisations"]["organisation"])
