"""Following and merging: wishes kept once, circles, two contacts that are one."""

import pytest

from stadtkern.core.problems import BadInput, Conflict
from stadtkern.threads.domain import following
from stadtkern.threads.domain.conversation import add_entry, contact_for, device_contact, join
from stadtkern.threads.domain.following import distance_m, follow, followers, follows_around, is_following, unfollow
from stadtkern.threads.domain.merging import absorb, adopt
from stadtkern.threads.models import ChannelChoice, Entry, Follow, Notification
from stadtkern.threads.tests.builders import MESSAGE, lamp, mail_contact, tell, with_push
from stadtkern.threads.words import EntryKind, Pace, ShownTo


@pytest.mark.django_db
def test_wishing_twice_is_one_wish():
    contact = device_contact(language="de")
    follow(contact, "report", value="4711", label="Laterne")
    again = follow(contact, "report", value="4711", label="Die Laterne", pace=Pace.WEEKLY)
    assert Follow.objects.get() == again
    assert (again.label, again.pace) == ("Die Laterne", "weekly")
    assert is_following(contact, "report", "4711")
    assert not is_following(contact, "report", "4712")
    assert unfollow(contact, "report", value="4711") is True
    assert unfollow(contact, "report", value="4711") is False


@pytest.mark.django_db
def test_followers_of_several_values_come_once():
    one, two = device_contact(language="de"), device_contact(language="de")
    follow(one, "district", value="mitte")
    follow(one, "district", value="ost")
    follow(two, "district", value="süd")
    assert list(followers("district", ["mitte", "ost"])) == [one]


@pytest.mark.django_db
def test_wishes_are_bounded(monkeypatch):
    monkeypatch.setattr(following, "MOST_FOLLOWS", 1)
    contact = device_contact(language="de")
    follow(contact, "report", value="1")
    follow(contact, "report", value="1", label="again")
    with pytest.raises(BadInput):
        follow(contact, "report", value="2")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", ["", "1,2", "a,b,c", "91,7,500", "51,181,500", "51,7,10", "51,7,9999", "nan,7,500", "51,7,inf"]
)
def test_an_area_that_is_none_is_refused(value):
    with pytest.raises(BadInput) as caught:
        follow(device_contact(language="de"), "area", value=value)
    assert "value" in caught.value.fields


@pytest.mark.django_db
@pytest.mark.parametrize("lat", [0.0, 51.48, -33.9, 80.0])
def test_the_edge_of_the_circle_is_exact_everywhere(lat):
    contact = device_contact(language="de")
    follow(contact, "area", value=f"{lat},7.2,1000")
    per_degree = distance_m(lat, 7.2, lat, 7.201) / 0.001
    assert follows_around(lat, 7.2 + 999 / per_degree)
    assert follows_around(lat, 7.2 - 999 / per_degree)
    assert not follows_around(lat, 7.2 + 1001 / per_degree)
    assert follows_around(lat + 999 / 111_195.0, 7.2)
    assert not follows_around(lat + 1001 / 111_195.0, 7.2)


def test_distance_is_the_great_circle():
    assert distance_m(51.4788, 7.2232, 51.5136, 7.4653) == pytest.approx(17_190, abs=60)  # Bochum to Dortmund station


@pytest.mark.django_db
def test_absorbing_moves_everything_and_doubles_nothing():
    stays, goes, thread, other = mail_contact(), mail_contact(name="Vera", phone="1"), lamp(), lamp()
    for contact in (stays, goes):
        join(thread, contact)
        follow(contact, "district", value="mitte")
        ChannelChoice.objects.create(contact=contact, topic=MESSAGE, channel="email", wanted=contact == goes)
        tell(contact, happening="both")
    join(other, goes)
    follow(goes, "district", value="ost")
    tell(goes, happening="goes only")
    with_push(goes)
    entry = add_entry(other, kind=EntryKind.MESSAGE, text="Hallo", shown_to=ShownTo.PUBLIC, contact=goes)
    absorb(stays, goes)
    stays.refresh_from_db()
    goes.refresh_from_db()
    assert (stays.name, stays.phone) == ("Vera", "1")
    assert (goes.email, goes.name, goes.merged_into) == ("", "", stays)
    assert set(stays.parts.values_list("thread", flat=True)) == {thread.pk, other.pk}
    assert set(stays.follows.values_list("value", flat=True)) == {"mitte", "ost"}
    assert stays.notifications.count() == Notification.objects.count() == 2
    assert stays.choices.get().wanted is False
    assert stays.push_subscriptions.count() == 1
    assert Entry.objects.get(pk=entry.pk).contact == stays
    assert tell(goes, happening="later") == 0


@pytest.mark.django_db
def test_nobody_adopts_another_account(aylin, dmitri):
    with pytest.raises(Conflict):
        adopt(contact_for(person=dmitri), aylin)
    mine = contact_for(person=aylin)
    assert adopt(mine, aylin) == mine
