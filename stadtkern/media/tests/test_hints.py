"""The photo's own place and time: a suggestion, read and forgotten."""

from datetime import UTC, datetime

import pytest

from stadtkern.media.domain.hints import read_hint
from stadtkern.media.tests import making


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_place_and_moment_are_read_from_every_format(kind: str) -> None:
    hint = read_hint(making.encoded(making.drawing(), kind, exif=making.camera_notes().tobytes()))
    assert hint is not None
    assert (hint.lat, hint.lon) == (51.482, 7.216)
    assert hint.taken_at == datetime(2026, 5, 1, 10, 30, tzinfo=UTC)


def test_south_and_west_are_negative() -> None:
    hint = read_hint(making.jpeg(exif=making.camera_notes(gps={1: "S", 3: "W"}).tobytes()))
    assert hint is not None
    assert (hint.lat, hint.lon) == (-51.482, -7.216)


def test_without_an_offset_the_citys_clock_counts() -> None:
    hint = read_hint(making.jpeg(exif=making.camera_notes(details={0x9011: ""}).tobytes()))
    assert hint is not None
    assert hint.taken_at is not None
    assert hint.taken_at.astimezone(UTC) == datetime(2026, 5, 1, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "gps",
    [
        {2: (91, 0, 0)},
        {4: (181, 0, 0)},
        {2: (0, 0, 0), 4: (0, 0, 0)},
        {2: (51, 28)},
    ],
)
def test_an_impossible_place_is_no_place(gps: dict[int, object]) -> None:
    hint = read_hint(making.jpeg(exif=making.camera_notes(gps=gps).tobytes()))
    assert hint is not None
    assert (hint.lat, hint.lon) == (None, None)


@pytest.mark.parametrize("taken", ["2099:01:01 00:00:00", "0000:00:00 00:00:00", "yesterday"])
def test_an_impossible_moment_is_no_moment(taken: str) -> None:
    hint = read_hint(making.jpeg(exif=making.camera_notes(details={0x9003: taken}).tobytes()))
    assert hint is not None
    assert hint.taken_at is None


@pytest.mark.parametrize("data", [making.jpeg(), b"", b"no photo", making.giant_png(60_000, 60_000)])
def test_a_silent_or_broken_photo_hints_at_nothing(data: bytes) -> None:
    assert read_hint(data) is None
