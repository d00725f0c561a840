"""Detectors: each finds what it is for on pictures we know, and says plainly when it cannot work."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stadtkern.media.domain import detecting
from stadtkern.media.domain.boxes import Box
from stadtkern.media.domain.detectors.edges import EdgePlates
from stadtkern.media.domain.detectors.faces import CenterFaces
from stadtkern.media.domain.detectors.light import brightened
from stadtkern.media.domain.detectors.port import DetectorMissing
from stadtkern.media.domain.detectors.texts import TextPlates
from stadtkern.media.domain.detectors.yolo import YoloPlates
from stadtkern.media.tests.onnx_by_hand import write_model
from stadtkern.media.tests.pictures import Scene, photo, scenes
from stadtkern.media.words import BoxKind

# The face of Eileen Collins in NASA's portrait (public domain), in fractions of the picture.
FACE = Box(BoxKind.FACE, 0.36, 0.13, 0.16, 0.21)
needs_text_model = pytest.mark.skipif(not find_spec("rapidocr"), reason="the wheel rapidocr is not installed")


def hidden(boxes: list[Box], scene: Scene) -> float:
    """The share of the plate's area that lies under some box."""
    wide, high = scene.image.size
    left, top, right, bottom = (int(side) for side in scene.plate)
    ground = np.zeros((high, wide), bool)
    for box in boxes:
        ground[int(box.y * high) : int(box.bottom * high) + 1, int(box.x * wide) : int(box.right * wide) + 1] = True
    return float(ground[top:bottom, left:right].mean())


@pytest.fixture(scope="module")
def faces() -> CenterFaces:
    return CenterFaces()


@pytest.mark.parametrize("scale", [0.15, 0.4, 1.0, 2.5])
def test_a_real_face_is_found_at_any_size(faces: CenterFaces, scale: float) -> None:
    portrait = photo("astronaut.png")
    paper = Image.new("RGB", (1280, 1280), (90, 110, 90))
    side = round(512 * scale)
    paper.paste(portrait.resize((side, side)), (0, 0))
    found = faces.find(paper)
    at = side / 1280
    middle = (FACE.x + FACE.w / 2) * at, (FACE.y + FACE.h / 2) * at
    assert any(box.x < middle[0] < box.right and box.y < middle[1] < box.bottom for box in found)
    assert len(found) <= 2, "generous, but not blind"


def test_a_face_in_black_and_white_is_found(faces: CenterFaces) -> None:
    assert len(faces.find(photo("camera.png"))) == 1


@pytest.mark.parametrize("name", ["coffee.png", "chelsea.png", "rocket.jpg", "brick.png", "grass.png"])
def test_no_face_where_none_is(faces: CenterFaces, name: str) -> None:
    assert faces.find(photo(name)) == []


def test_edges_find_plates_of_readable_size() -> None:
    looked = [hidden(EdgePlates().find(scene.image), scene) >= 0.6 for scene in scenes(6, wide=140)]
    assert sum(looked) >= 5


def test_edges_find_few_things_where_no_plate_is() -> None:
    for name in ("coffee.png", "gravel.png", "astronaut.png"):
        assert len(EdgePlates().find(photo(name).resize((1280, 960)))) <= 8


@needs_text_model
@pytest.mark.slow
@pytest.mark.parametrize("two_lines", [False, True])
def test_both_looks_together_miss_no_plate_of_readable_size(two_lines: bool) -> None:
    texts, edges = TextPlates(), EdgePlates()
    for scene in scenes(6, wide=140, two_lines=two_lines):
        assert hidden(texts.find(scene.image) + edges.find(scene.image), scene) >= 0.6


def test_dusk_is_brightened_and_day_left_alone() -> None:
    day = photo("coffee.png")
    assert brightened(day) is day
    dusk = day.point(lambda value: value // 3)
    assert np.asarray(brightened(dusk)).mean() > np.asarray(dusk).mean() * 2
    assert brightened(Image.new("RGB", (9, 9))).getpixel((0, 0)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("rows", "shape"),
    [
        ([n for value in (16.0, 48, 16, 8, 0.9) for n in (value, *[0.0] * 39)], (1, 5, 40)),
        ([16.0, 48, 16, 8, 0.1, 0.9, 0.2] + [0.0] * 39 * 7, (1, 40, 7)),
        ([0.0, 8, 44, 24, 52, 0, 0.9], (1, 7)),
        ([8.0, 44, 24, 52, 0.9, 0] + [0.0] * 42, (1, 8, 6)),
    ],
    ids=["yolo", "yolo, turned, three classes", "end to end, seven", "end to end, six"],
)
def test_a_model_of_ones_own_is_understood(tmp_path: Path, rows: list[float], shape: tuple[int, ...]) -> None:
    """The same plate at 12.5..37.5 % and 68.75..81.25 % of a square picture, in four dialects."""
    model = YoloPlates(write_model(tmp_path / "plates.onnx", rows, shape))
    (box,) = model.find(Image.new("RGB", (640, 640)))
    assert (box.x, box.y, box.w, box.h) == pytest.approx((0.125, 0.6875, 0.25, 0.125), abs=1e-4)


def test_the_letterbox_is_taken_off_again(tmp_path: Path) -> None:
    model = YoloPlates(write_model(tmp_path / "plates.onnx", [0.0, 8, 8, 24, 16, 0, 0.9], (1, 7)))
    (box,) = model.find(Image.new("RGB", (1280, 640)))
    assert (box.x, box.y, box.w, box.h) == pytest.approx((0.125, 0.25, 0.25, 0.25), abs=1e-4)


def test_a_missing_or_broken_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(DetectorMissing, match="no file"):
        YoloPlates(tmp_path / "none.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"this is no model")
    with pytest.raises(DetectorMissing, match="does not load"):
        YoloPlates(broken)
    if find_spec("rapidocr"):
        with pytest.raises(DetectorMissing, match="does not load"):
            TextPlates(broken)


def test_an_own_plate_model_takes_its_place(tmp_path: Path, settings: object) -> None:
    path = write_model(tmp_path / "better.onnx", [0.0, 8, 8, 24, 16, 0, 0.9], (1, 7))
    settings.PLATE_MODEL = str(path)  # type: ignore[attr-defined]
    assert [detector.name for detector in detecting.detectors()] == ["centerface", "yolo-plates", "edge-plates"]
    assert "yolo-plates better" in detecting.names()
