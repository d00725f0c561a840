"""Who may review an image: its owner knows. Modules that store images say so by the image's purpose.

    reviewers.add(Reviewer(key="reports.photo", may=may_moderate_photo, back_url=report_of_photo))

Without a reviewer of its purpose an image may be reviewed by whoever may do "media.review" everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stadtkern.core.registry import Registry
from stadtkern.core.web.context import asks
from stadtkern.media.models import Image

ACTION = "media.review"


@dataclass(frozen=True, kw_only=True)
class Reviewer:
    """`key` is the purpose; `may(person, image)` decides; `back_url(image)` leads to the matter itself."""

    key: str
    may: Callable[[Any, Image], bool]
    back_url: Callable[[Image], str] = lambda image: ""


reviewers: Registry[Reviewer] = Registry("reviewers of images")


def may_review(person: Any, image: Image) -> bool:
    reviewer = reviewers.get(image.purpose)
    return reviewer.may(person, image) if reviewer else may_review_all(person)


def may_review_all(person: Any) -> bool:
    try:
        return asks.may(person, ACTION)
    except KeyError:  # no floor above has named this action
        return False


def back_url(image: Image) -> str:
    reviewer = reviewers.get(image.purpose)
    return reviewer.back_url(image) if reviewer else ""
