"""Decoders at the desk: tried out, written, changed by those who alone need them, given up when nobody does."""

import json
import re
from typing import Any

import pytest

from stadtkern.core.models import AuditEntry
from stadtkern.core.problems import BadInput, Conflict, NotAllowed
from stadtkern.core.testing.visitor import Visitor
from stadtkern.hub.domain.decoders import keeping
from stadtkern.hub.domain.decoders.builtin import install_builtin
from stadtkern.hub.domain.decoders.trying import leaves, try_out, typed_bytes
from stadtkern.hub.models import Decoder, Device
from stadtkern.people.models import Person

pytestmark = pytest.mark.django_db
BASE = "/desk/daten/dekodierer/"
SCRIPT = "function decodeUplink(input) {\n  return {data: {first: input.bytes[0], port: input.fPort}};\n}"


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def probe(payload: str, port: int = 1, **more: Any) -> dict[str, Any]:
    return {"probe-payload": payload, "probe-coding": "", "probe-port": port} | more


def mine() -> Any:
    return Decoder.objects.filter(is_builtin=False)


@pytest.mark.parametrize(
    ("typed", "coding", "data"),
    [
        ("03 67 01 10", "", b"\x03\x67\x01\x10"),
        ("0x03,0x67:01-10", "", b"\x03\x67\x01\x10"),
        ("036701FF", "hex", b"\x03\x67\x01\xff"),
        ("A2cBEA==", "", b"\x03\x67\x01\x10"),
        ("A2cB\nEA==", "base64", b"\x03\x67\x01\x10"),
        ("deadbeef", "base64", b"\x75\xe6\x9d\x6d\xe7\x9f"),
    ],
)
def test_bytes_are_read_as_people_copy_them(typed: str, coding: str, data: bytes) -> None:
    assert typed_bytes(typed, coding) == data


@pytest.mark.parametrize(
    ("typed", "coding", "reason"),
    [
        ("03 6g", "hex", "Zeichen 5: „g“"),
        ("03 6", "hex", "3 Ziffern"),
        ("§§", "", "weder Hex noch Base64"),
        ("A2cBE", "", "weder Hex noch Base64"),
        ("00" * 1_001, "", "1001 Bytes"),
    ],
)
def test_what_is_no_message_is_said_with_its_place(city: Any, typed: str, coding: str, reason: str) -> None:
    with pytest.raises(BadInput) as told:
        typed_bytes(typed, coding)
    assert reason in str(told.value.fields["payload"])


def test_values_are_named_by_their_paths() -> None:
    assert leaves({"air": {"humidity": [40, {"x": None}]}, "on": True}) == {
        "air.humidity.0": 40,
        "air.humidity.1.x": None,
        "on": True,
    }
    assert len(leaves({"many": list(range(1_000))})) == 200


def test_a_failure_names_the_byte(own: Decoder) -> None:
    trial = try_out(own, b"\1", port=1)
    assert (trial.at, trial.octets, list(trial.readings)) == (0, [(0, "01")], [])
    assert trial.error == "Byte 0: 2 Bytes erwartet, 1 sind noch da."
    assert "Port 2" in try_out(own, b"\1\2", port=2).error


@pytest.mark.parametrize(
    ("script", "line", "text"),
    [
        ("function decodeUplink(i) {\n  return null.x;\n}", 2, "return null.x;"),
        ("let a = 1;\nlet b = ;", 2, "let b = ;"),
        ("let a = 1;", None, ""),
        ("for (;;) {}", None, ""),
    ],
)
def test_a_failure_names_the_line(script: str, line: int | None, text: str) -> None:
    trial = try_out(Decoder(language="script", script=script), b"\1")
    assert (trial.line, trial.text) == (line, text)
    assert trial.error
    assert "<input>" not in trial.error


def test_the_built_in_ones_are_listed_tried_and_copied_never_changed(desk: Visitor) -> None:
    install_builtin()
    html = text_of(desk.get(BASE))
    assert "eingebaut" in html
    assert "Cayenne" in text_of(desk.get(BASE, {"q": "cayenne"}))
    found = Decoder.objects.get(key="cayenne-lpp")
    page = desk.get(f"{BASE}{found.pk}/")
    assert page.context["form"].initial["payload"]  # the maker's example
    assert f"{BASE}{found.pk}/aendern/" not in text_of(page)
    tried = desk.post(f"{BASE}{found.pk}/", probe("03 67 01 10 05 67 00 FF"))
    assert tried.context["trial"].values == {"temperature_3": 27.2, "temperature_5": 25.5}
    assert "27,2" in text_of(tried)
    assert "machen Sie eine Kopie" in text_of(desk.get(f"{BASE}{found.pk}/aendern/", follow=True))
    assert desk.post(f"{BASE}{found.pk}/loeschen/").status_code == 403
    copy = desk.get(f"{BASE}neu/layout/", {"von": found.pk}).context["form"].initial
    assert (copy["name"], json.loads(copy["text"])) == (f"{found.name} (Kopie)", found.layout)


@pytest.mark.parametrize("typed", ["zz", ""])
def test_a_wrong_message_is_shown_again(desk: Visitor, own: Decoder, typed: str) -> None:
    answer = desk.post(f"{BASE}{own.pk}/", probe(typed))
    assert answer.status_code == 422
    assert answer.context["trial"] is None


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(
    desk: Visitor, city: Any, rows: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(rows):
        Decoder.objects.create(key=f"d{number}", name=f"D{number}", language="script", script=SCRIPT)
    desk.get(BASE)
    with django_assert_max_num_queries(12):
        desk.get(BASE)


def test_a_script_is_tried_then_kept_then_changed(desk: Visitor, steward: Person) -> None:
    given = {"name": "Füllstand", "text": SCRIPT}
    assert "decodeUplink" in text_of(desk.get(f"{BASE}neu/script/"))
    tried = desk.post(f"{BASE}neu/script/", given | probe("07", 3, do="try"))
    assert tried.context["trial"].values == {"first": 7, "port": 3}
    assert not mine()
    desk.post(f"{BASE}neu/script/", given | probe("07", 3, do="keep"))
    made = mine().get()
    assert (made.key, made.language, made.is_builtin) == ("fuellstand", "script", False)
    edit = f"{BASE}{made.pk}/aendern/"
    begun = desk.get(edit).context["form"].initial
    other = given | {"text": SCRIPT.replace("first", "level"), "seen": begun["seen"]}
    assert desk.post(edit, other | probe("07", do="try")).context["trial"].values["level"] == 7
    assert "Die nächste Nachricht" in text_of(desk.post(edit, other | {"do": "keep"}, follow=True))
    made.refresh_from_db()
    assert "level" in made.script
    late = desk.post(edit, other | {"do": "keep"})
    assert late.status_code == 422
    assert "inzwischen geändert" in text_of(late)
    page = desk.get(f"{BASE}{made.pk}/")
    versions = [line.entry.detail["version"] for line in page.context["versions"]]
    assert len(set(versions)) == 2
    assert versions[0] == page.context["version"]
    assert steward.name in text_of(page)


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [
        ("layout", '{\n "messages": [}', "Zeile 2, Spalte 15"),
        ("layout", "[1]", "an object is needed"),
        ("layout", '{"messages": [{"fields": [{"name": "a", "at": 0, "lenght": 2}]}]}', "messages[0].fields[0].lenght"),
        (
            "layout",
            '{"messages": [{"fields": [{"name": "a", "at": 0, "factor": 1e999}]}]}',
            "messages[0].fields[0].factor",
        ),
        ("layout", '{"messages": [{"fields": [{"name": "\\u0000", "at": 0}]}]}', "in JSON nicht gibt"),
        ("layout", '{"messages": [{"fields": [{"name": "\\ud800", "at": 0}]}]}', "in JSON nicht gibt"),
        ("layout", "[" * 50_000, "ineinander"),
        ("script", "this is no script", "SyntaxError"),
        ("script", "let x = 1;", "no function decodeUplink"),
        ("script", "  ", "fehlt"),
    ],
)
def test_what_cannot_work_is_not_kept(desk: Visitor, language: str, text: str, reason: str) -> None:
    answer = desk.post(f"{BASE}neu/{language}/", {"name": "Neu", "text": text, "do": "keep"})
    assert answer.status_code == 422
    assert reason in text_of(answer)
    assert not mine()
    if reason != "SyntaxError" and "decodeUplink" not in reason:
        tried = desk.post(f"{BASE}neu/{language}/", {"name": "Neu", "text": text} | probe("07", do="try"))
        assert tried.status_code == 422


def test_a_trial_never_hangs_the_desk(desk: Visitor) -> None:
    endless = "function decodeUplink() { for (;;) {} }"
    answer = desk.post(f"{BASE}neu/script/", {"name": "x", "text": endless} | probe("07", do="try"))
    assert "zu lange" in text_of(answer)


def test_other_languages_and_numbers_do_not_exist(desk: Visitor) -> None:
    assert desk.get(f"{BASE}neu/python/").status_code == 404
    assert desk.get(f"{BASE}neu/script/?von=x").status_code == 404
    assert desk.get(f"{BASE}999999/").status_code == 404


def test_one_that_is_used_stays(desk: Visitor, buoy: Device, own: Decoder) -> None:
    page = text_of(desk.get(f"{BASE}{own.pk}/"))
    assert "Boje" in page
    assert "erst, wenn kein Gerät" in text_of(desk.get(f"{BASE}{own.pk}/loeschen/"))
    assert "nutzen noch Geräte (1)" in text_of(desk.post(f"{BASE}{own.pk}/loeschen/", follow=True))
    assert Decoder.objects.filter(pk=own.pk).exists()
    buoy.delete()
    assert "ist gelöscht" in text_of(desk.post(f"{BASE}{own.pk}/loeschen/", follow=True))
    assert not Decoder.objects.filter(pk=own.pk).exists()
    assert AuditEntry.objects.filter(action="hub.decoder_dropped").count() == 1


def test_one_that_others_need_is_theirs(other_desk: Visitor, desk: Visitor, buoy: Device, own: Decoder) -> None:
    page = text_of(other_desk.get(f"{BASE}{own.pk}/"))
    assert "1 Gerät anderer Stellen" in page
    assert "Boje" not in page
    assert "machen Sie eine Kopie" in text_of(other_desk.get(f"{BASE}{own.pk}/aendern/", follow=True))
    other_desk.post(f"{BASE}{own.pk}/aendern/", {"name": "x", "text": "{}", "seen": keeping.digest_of(own)})
    assert other_desk.post(f"{BASE}{own.pk}/loeschen/").status_code == 403
    assert desk.get(f"{BASE}{own.pk}/aendern/").status_code == 200
    assert Decoder.objects.get(pk=own.pk).name == "Pegel"


def test_the_domain_refuses_too(buoy: Device, theirs: Device, own: Decoder, steward: Person, aylin: Person) -> None:
    given = {"name": "x", "text": json.dumps(own.layout), "seen": keeping.digest_of(own)}
    Device.objects.filter(pk=theirs.pk).update(decoder=own)
    with pytest.raises(NotAllowed):
        keeping.change_decoder(own.pk, by=steward, **given)
    Device.objects.filter(pk=theirs.pk).update(decoder=None)
    with pytest.raises(Conflict):
        keeping.change_decoder(own.pk, by=steward, **given | {"seen": "00000000"})
    with pytest.raises(NotAllowed):
        keeping.add_decoder(name="x", language="script", text=SCRIPT, by=aylin)
    assert keeping.change_decoder(own.pk, by=steward, **given).name == "x"


def test_only_stewards_see_decoders(visitor: Visitor, clara: Any, own: Decoder) -> None:
    browser = visitor.signed_in(clara)
    for page in ("", "neu/script/", f"{own.pk}/", f"{own.pk}/aendern/"):
        assert browser.get(f"{BASE}{page}").status_code == 403
