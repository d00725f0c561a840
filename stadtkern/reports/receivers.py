"""What reports do when something happened, here or in the shared nouns."""

from stadtkern.core.events import follow
from stadtkern.media.events import ImageReady
from stadtkern.reports.domain import forwarding, letters, publishing
from stadtkern.reports.events import (
    ReportAnswered,
    ReportHandedOver,
    ReportHidden,
    ReportMoved,
    ReportPublished,
)
from stadtkern.reports.models import Report


@follow(ReportMoved)
def tell_of_a_step(happened: ReportMoved) -> None:
    letters.tell_step(report_id=happened.report_id, entry_id=happened.entry_id, status=happened.new)


@follow(ReportMoved)
def carry_it_along(happened: ReportMoved) -> None:
    if happened.new == "rejected":
        forwarding.carry_along(happened.report_id)


@follow(ReportHandedOver)
def tell_of_a_new_owner(happened: ReportHandedOver) -> None:
    letters.tell_handover(report_id=happened.report_id, handover_id=happened.handover_id)


@follow(ReportAnswered)
def tell_of_an_answer(happened: ReportAnswered) -> None:
    if happened.by == "staff":
        letters.tell_answer(
            report_id=happened.report_id, entry_id=happened.entry_id, public=happened.shown_to == "public"
        )


@follow(ReportPublished)
def tell_the_neighbours(happened: ReportPublished) -> None:
    letters.tell_area(report_id=happened.report_id)


@follow(ReportHidden)
def spare_the_neighbours(happened: ReportHidden) -> None:
    letters.untell_area(report_id=happened.report_id)


@follow(ReportPublished)
def show_its_photos(happened: ReportPublished) -> None:
    publishing.show_photos(Report.objects.get(pk=happened.report_id))


@follow(ImageReady)
def show_a_photo(happened: ImageReady) -> None:
    publishing.photo_is_ready(happened.image_id)
