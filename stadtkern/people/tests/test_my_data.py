"""My data: see, take along, erase."""

import csv
import io
import json
import zipfile
from datetime import date

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from stadtkern.core import events, mail, parts
from stadtkern.core.models import AuditEntry
from stadtkern.core.problems import Conflict
from stadtkern.people.domain import erasing, exporting
from stadtkern.people.events import PersonErased
from stadtkern.people.models import Membership, Person
from stadtkern.people.tests.conftest import SECRET, give_app
from stadtkern.people.tests.test_account import browser_of

DATA, DOWNLOAD, ERASE = "/konto/daten/", "/konto/daten/herunterladen/", "/konto/daten/loeschen/"


@pytest.fixture
def known(aylin, run_jobs):
    """Aylin with everything that people keeps of a person, and her browser."""
    browser = browser_of(aylin, run_jobs)
    give_app(aylin)
    SocialAccount.objects.create(user=aylin, provider="bundid", uid="4711", extra_data={"name": "Aylin"})
    return browser


def opened(answer) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_the_page_shows_every_kind_of_data(known, aylin):
    page = known.get(DATA).content.decode()
    for words in ("Ihr Konto", "E-Mail-Adressen", "Passkeys und zweite Faktoren", "Verbundene Konten", "4711"):
        assert words in page
    assert SECRET not in page


def test_the_file_holds_everything_twice_and_no_secret(known, aylin):
    answer = known.get(DOWNLOAD)
    assert "bochum-" in answer.headers["Content-Disposition"]
    archive = opened(answer)
    whole = json.loads(archive.read("data.json"))["data"]
    assert set(whole) == {export.key for export in parts.exports}
    assert whole["people.account"][0]["email"] == aylin.email
    assert whole["people.factors"][0]["kind"] == "totp"
    assert "secret" not in json.dumps(whole["people.factors"])
    rows = list(csv.DictReader(io.StringIO(archive.read("people.account.csv").decode("utf-8-sig"))))
    assert rows[0]["email"] == aylin.email
    assert AuditEntry.objects.filter(action="people.data_taken_along", actor_id=aylin.pk).exists()


def test_everybody_gets_only_their_own(known, dmitri, visitor):
    archive = opened(visitor.signed_in(dmitri).get(DOWNLOAD))
    assert "aylin" not in archive.read("data.json").decode()


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("-", "'-"),
        (-1, "-1"),
        (None, ""),
        (True, "true"),
        (date(2026, 1, 2), "2026-01-02"),
        ({"a": "ä"}, '{"a": "ä"}'),
        ("Zeile\nzwei; mit „Zeichen“", "Zeile\nzwei; mit „Zeichen“"),
    ],
)
def test_a_spreadsheet_never_runs_what_somebody_wrote(value, cell):
    assert exporting._cell(value) == cell


def test_only_the_first_rows_are_shown(aylin):
    for n in range(exporting.SHOWN + 1):
        AuditEntry.objects.create(actor_id=aylin.pk, action=f"test.n{n}")
    deeds = next(share for share in exporting.look(aylin.pk) if share.key == "people.deeds")
    assert (len(deeds.rows), deeds.more) == (exporting.SHOWN, True)


def test_erasing_leaves_an_empty_shell(known, aylin):
    answer = known.post(ERASE, {"sure": "on"})
    assert answer.headers["Location"] == "/konto/geloescht/"
    assert known.get("/konto/geloescht/").status_code == 200
    shell = Person.objects.get(pk=aylin.pk)
    assert (shell.email, shell.name, shell.is_active) == (f"{aylin.pk}@erased.invalid", "", False)
    assert shell.erased_at
    for model in (EmailAddress, Authenticator, SocialAccount):
        assert not model.objects.filter(user_id=aylin.pk).exists()
    assert known.get("/konto/").status_code == 302


def test_every_session_of_an_erased_person_ends(known, aylin, visitor, run_jobs):
    elsewhere = visitor.signed_in(aylin)
    known.post(ERASE, {"sure": "on"})
    assert elsewhere.get("/konto/").status_code == 302


def test_the_address_can_begin_anew_after_it_was_erased(known, aylin, visitor):
    known.post(ERASE, {"sure": "on"})
    visitor.post("/konto/anmelden/signup/", {"email": "aylin@stadtkern.example"})
    assert Person.objects.get(email="aylin@stadtkern.example").pk != aylin.pk


def test_two_erased_people_do_not_collide(aylin, dmitri):
    erasing.erase_person(aylin)
    erasing.erase_person(dmitri)
    assert Person.objects.filter(erased_at__isnull=False).count() == 2


def test_erasing_is_asked_once_more_and_said_at_the_field(known, aylin):
    page = known.post(ERASE)
    assert (page.status_code, "Bitte setzen Sie das Häkchen" in page.content.decode()) == (422, True)
    assert not Person.objects.get(pk=aylin.pk).erased_at


def test_the_log_knows_that_it_happened_and_nothing_else(known, aylin):
    known.post(ERASE, {"sure": "on"})
    line = AuditEntry.objects.get(action="people.person_erased")
    assert (line.actor_id, line.subject_id, set(line.detail)) == (aylin.pk, str(aylin.pk), {"rows"})
    assert "aylin" not in json.dumps(list(AuditEntry.objects.values("detail")))


def test_others_hear_of_it_exactly_when_it_happened(aylin, monkeypatch):
    heard = []
    monkeypatch.setitem(events._followers, "people.person_erased", {"test": heard.append})
    erasing.erase_person(aylin)
    jobs = ProcrastinateJob.objects.filter(task_name="core.deliver")
    assert [job.args["data"] for job in jobs] == [{"person_id": aylin.pk}]
    events.deliver.func(**jobs[0].args)
    assert heard == [PersonErased(person_id=aylin.pk)]


def test_every_module_is_asked_and_the_identity_goes_last(aylin, monkeypatch):
    called = []
    others = [parts.Eraser(key=key, erase=lambda pk, key=key: called.append(key) or 1) for key in ("a.first", "z.last")]
    monkeypatch.setattr(erasing, "erasers", [*others, parts.erasers[erasing.OWN]])
    taken = erasing.erase_person(aylin)
    assert called == ["a.first", "z.last"]
    assert list(taken) == ["a.first", "z.last", erasing.OWN]


def test_when_one_module_fails_nothing_is_erased(aylin, monkeypatch):
    def broken(person_id: int) -> int:
        raise RuntimeError("disk full")

    monkeypatch.setattr(erasing, "erasers", [parts.erasers[erasing.OWN], parts.Eraser(key="zz.broken", erase=broken)])
    with pytest.raises(RuntimeError), transaction.atomic():
        erasing.erase_person(aylin)
    assert not Person.objects.get(pk=aylin.pk).erased_at
    assert not AuditEntry.objects.filter(action="people.person_erased").exists()


def test_erasing_twice_is_erasing_once(aylin):
    erasing.erase_person(aylin)
    assert erasing.erase_person(aylin) == {}
    assert AuditEntry.objects.filter(action="people.person_erased").count() == 1


def test_staff_first_leave_their_house(at_the_desk, bernd):
    mine = at_the_desk(bernd)
    assert "Sie gehören zu einer Organisation" in mine.get(DATA).content.decode()
    assert mine.post(ERASE, {"sure": "on"}).status_code == 409
    with pytest.raises(Conflict):
        erasing.erase_person(bernd)
    assert not Person.objects.get(pk=bernd.pk).erased_at
    Membership.objects.filter(person=bernd).update(until=date(2020, 1, 1))
    erasing.erase_person(Person.objects.get(pk=bernd.pk))
    assert Membership.objects.get(person_id=bernd.pk).organisation.key == "tiefbauamt", "who had which role stays known"


def test_erasing_takes_the_letters_that_wait(aylin):
    for address in (aylin.email.upper(), "vera@stadtkern.example"):
        mail.send("people/mail/notice", to=address, context={})
    erasing.erase_person(aylin)
    assert ProcrastinateJob.objects.filter(task_name="core.mail").count() == 1
