"""The crew's list: what it shows, both photos in one visit, and nobody sends for somebody else."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture

from stadtkern.media.domain.storing import store_image
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Photo
from stadtkern.reports.tests.builders import report
from stadtkern.reports.words import Status

pytestmark = pytest.mark.django_db
FIELD = "/desk/meldungen/unterwegs/"


def jpeg(shade: int = 120) -> bytes:
    made = io.BytesIO()
    Picture.new("RGB", (64, 48), (shade, shade, shade)).save(made, "JPEG")
    return made.getvalue()


def matter(by):
    made = report()
    move_report(made.pk, to=Status.CHECKED, by=by)
    return made


def sent(made, **given):
    return {"idempotency_key": f"field-{made.pk}-0001", f"{made.pk}-done": "yes"} | given


def pictures():
    return {name: SimpleUploadedFile(f"{name}.jpg", jpeg(shade)) for name, shade in (("before", 90), ("after", 200))}


def test_the_list_shows_what_was_photographed(visitor, kai, run_jobs):
    made = matter(kai)
    Photo.objects.create(report=made, image=store_image(jpeg(), purpose="report", redact=False))
    run_jobs()
    assert f"/bild/{made.photos.get().image_id}/" in visitor.signed_in(kai).get(FIELD).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_many_matters(visitor, kai, rows, django_assert_max_num_queries):
    for _turn in range(rows):
        made = matter(kai)
        Photo.objects.create(report=made, image=store_image(jpeg(), purpose="report", redact=False))
    crew = visitor.signed_in(kai)
    crew.get(FIELD)
    with django_assert_max_num_queries(8):
        crew.get(FIELD)


def test_before_and_after_in_one_visit_count_once(visitor, kai):
    made = matter(kai)
    crew = visitor.signed_in(kai)
    for _turn in range(2):
        assert crew.post(f"{FIELD}{made.pk}/", sent(made) | pictures()).status_code == 302
    made.refresh_from_db()
    assert made.status == Status.DONE
    assert sorted(made.photos.values_list("part", flat=True)) == ["after", "before"]


def test_what_another_person_wrote_on_this_device_is_refused_in_words(visitor, kai, bernd):
    made = matter(kai)
    answer = visitor.signed_in(bernd).post(
        f"{FIELD}{made.pk}/", sent(made, person=kai.pk), headers={"Accept": "application/problem+json"}
    )
    assert answer.status_code == 409
    assert "andere Person" in answer.json()["detail"]
    made.refresh_from_db()
    assert made.status == Status.CHECKED
