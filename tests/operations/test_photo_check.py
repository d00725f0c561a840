"""`stadtkern doctor` says whether photos can become public, and if not, why."""

from collections.abc import Iterator
from typing import Any

import pytest

from stadtkern.config.check import photos
from stadtkern.config.check.finding import Level
from stadtkern.media.domain import detecting
from stadtkern.media.domain.detectors import texts


@pytest.fixture(autouse=True)
def _loaded_anew() -> Iterator[None]:
    detecting._load.cache_clear()
    yield
    detecting._load.cache_clear()


def test_with_all_models_it_names_them() -> None:
    (finding,) = photos.detectors()
    assert finding.level == Level.GOOD
    assert "text-plates" in finding.what


def test_without_the_wheel_of_the_text_model_nothing_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "find_spec", lambda name: None)  # as if the wheel were not installed
    (finding,) = photos.detectors()
    assert (finding.level, "rapidocr" in finding.what) == (Level.FAULT, True)


def test_a_lost_model_of_ones_own_is_named(settings: Any) -> None:
    settings.PLATE_MODEL = "/nowhere/plates.onnx"
    (finding,) = photos.detectors()
    assert (finding.level, "plates.onnx" in finding.what) == (Level.FAULT, True)
