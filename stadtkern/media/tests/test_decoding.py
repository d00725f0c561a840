"""Uploads: what is sound comes out clean; what is not is refused with its reason."""

import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from stadtkern.core.problems import BadInput
from stadtkern.media.domain.decoding import MOST_BYTES, decode, inspect, read_upload
from stadtkern.media.tests import making

RED, GREEN, BLUE, WHITE = (230, 20, 20), (20, 200, 20), (20, 20, 230), (250, 250, 250)


def close(colour: tuple[int, ...], wanted: tuple[int, ...], by: int = 40) -> bool:
    return all(abs(a - b) <= by for a, b in zip(colour, wanted, strict=True))


def assert_upright(picture: Image.Image, by: int = 40) -> None:
    wide, high = picture.size
    for at, colour in (((4, 4), RED), ((wide - 5, 4), GREEN), ((4, high - 5), BLUE), ((wide - 5, high - 5), WHITE)):
        assert close(picture.getpixel(at), colour, by), (at, picture.getpixel(at), colour)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_every_accepted_format_comes_out_clean(kind: str) -> None:
    data = making.encoded(making.drawing(), kind)
    facts = inspect(data)
    assert (facts.width, facts.height, facts.bytes) == (640, 480, len(data))
    picture = decode(data, longest=320)
    assert (picture.mode, picture.size, picture.info) == ("RGB", (320, 240), {})
    assert not dict(picture.getexif())
    assert_upright(picture)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_turned_photo_stands_upright(kind: str, orientation: int) -> None:
    """The camera held the picture any way; the note says how to turn it back."""
    held = making.drawing((400, 240))
    back = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}[orientation]
    if back != 1:
        held.getexif()[0x0112] = back
        held = ImageOps.exif_transpose(held)
    data = making.encoded(held, kind, exif=making.camera_notes(orientation).tobytes())
    assert (inspect(data).width, inspect(data).height) == (400, 240)
    picture = decode(data, longest=400)
    assert picture.size == (400, 240)
    assert_upright(picture)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cmyk", making.encoded(making.drawing(mode="CMYK"), "JPEG")),
        ("palette", making.encoded(making.drawing(mode="P"), "PNG")),
        ("rgba", making.encoded(making.drawing(mode="RGBA"), "PNG")),
        ("progressive", making.jpeg(progressive=True)),
        ("rgba webp", making.encoded(making.drawing(mode="RGBA"), "WEBP", lossless=True)),
    ],
)
def test_odd_modes_come_out_as_plain_rgb(name: str, data: bytes) -> None:
    inspect(data)
    picture = decode(data, longest=640)
    assert (picture.mode, picture.size) == ("RGB", (640, 480))
    assert_upright(picture, by=60)


def test_sixteen_bit_grey_is_scaled_not_cut_off() -> None:
    grey = Image.new("I;16", (64, 64), 32768)
    picture = decode(making.encoded(grey, "PNG"), longest=64)
    assert close(picture.getpixel((10, 10)), (127, 127, 127), by=3)


def test_one_bit_and_grey_with_alpha() -> None:
    assert decode(making.encoded(Image.new("1", (64, 64), 1), "PNG"), longest=64).getpixel((1, 1)) == (255, 255, 255)
    assert decode(making.encoded(Image.new("LA", (64, 64), (0, 0)), "PNG"), longest=64).getpixel((1, 1)) == (255,) * 3


def test_transparency_becomes_white() -> None:
    clear = Image.new("RGBA", (64, 64), (200, 0, 0, 0))
    assert decode(making.encoded(clear, "PNG"), longest=64).getpixel((5, 5)) == (255, 255, 255)
    palette = Image.new("P", (64, 64), 3)
    palette.putpalette([0] * 768)
    assert decode(making.encoded(palette, "PNG", transparency=3), longest=64).getpixel((5, 5)) == (255, 255, 255)


def test_a_foreign_or_broken_profile_stops_nothing() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ"))
    data = making.jpeg(icc_profile=lab.tobytes())
    assert decode(data, longest=64).mode == "RGB"
    assert decode(making.jpeg(icc_profile=b"not a profile at all"), longest=640).size == (640, 480)


def test_an_animation_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in (RED, GREEN, BLUE)]
    for kind in ("WEBP", "PNG"):
        data = making.encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        inspect(data)
        assert close(decode(data, longest=64).getpixel((20, 20)), RED)


def test_a_long_film_is_refused() -> None:
    frames = [Image.new("L", (16, 16), shade % 256) for shade in range(301)]
    data = making.encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=1)
    with pytest.raises(BadInput, match="Film"):
        inspect(data)


def test_the_content_decides_not_the_name() -> None:
    upload = io.BytesIO(making.encoded(making.drawing(), "PNG"))
    upload.name = "foto.jpg"
    assert inspect(read_upload(upload)).kind == "png"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "leer"),
        (b"\0" * (MOST_BYTES + 1), "größer als 15 MB"),
    ],
)
def test_empty_and_endless_files_are_refused(data: bytes, reason: str) -> None:
    for upload in (data, io.BytesIO(data)):
        with pytest.raises(BadInput, match=reason):
            read_upload(upload)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7 and so on" * 20, "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?>\n<svg width='9'>", "SVG"),
        (b"<!DOCTYPE html><p>hello", "Internetseite"),
        (b"GIF89a" + b"\0" * 50, "GIF"),
        (b"BM" + b"\0" * 50, "BMP"),
        (b"II*\0" + b"\0" * 50, "TIFF"),
        (b"PK\x03\x04" + b"\0" * 50, "ZIP"),
        (b"hello world", "kein Foto"),
        (b"\0\0\0\x18ftypqt  " + b"\0" * 40, "kein Foto"),
        (making.jpeg() + b"<html><script>alert(1)</script>", "nicht nur ein Foto"),
        (making.jpeg() + b"%PDF-1.4 hidden", "nicht nur ein Foto"),
        (making.encoded(making.drawing(), "PNG") + b"<svg onload='x'>", "nicht nur ein Foto"),
        (making.jpeg(comment=b"<!DOCTYPE html><script>alert(1)</script>"), "nicht nur ein Foto"),
        (making.encoded(Image.new("RGB", (2, 400)), "PNG"), "zu klein"),
        (b"\xff\xd8\xff", "beschädigt"),
        (b"\x89PNG\r\n\x1a\n", "beschädigt"),
        (b"RIFF\x04\0\0\0WEBP", "beschädigt"),
        (b"\0\0\0\x10ftypheic\0\0\0\0", "beschädigt"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else len(value),
)
def test_what_is_no_photo_is_refused_by_name(data: bytes, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        inspect(data)


@pytest.mark.parametrize(
    "data",
    [
        making.giant_png(50_000, 50_000),
        making.giant_png(2**31 - 1, 2**31 - 1),
        making.giant_webp(16_000_000, 16_000_000),
        making.giant_webp(16_383, 16_383),
        making.jpeg().replace(b"\x01\xe0\x02\x80", b"\xff\xff\xff\xff", 1),
    ],
    ids=["png", "largest png", "largest webp", "webp", "jpeg"],
)
def test_a_decompression_bomb_is_refused_before_any_memory_is_taken(data: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(BadInput, match=r"Bildpunkte|beschädigt"):
        inspect(data)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_heif_bomb_is_refused_by_its_header() -> None:
    data = making.encoded(making.drawing((64, 64)), "HEIF")
    at = data.index(b"ispe") + 8
    giant = data[:at] + (60_000).to_bytes(4, "big") * 2 + data[at + 8 :]
    with pytest.raises(BadInput, match="Bildpunkte"):
        inspect(giant)


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = making.jpeg(progressive=True)
    at = data.rindex(b"\xff\xda")
    with pytest.raises(BadInput, match="ungewöhnlich"):
        inspect(data[:at] + data[at:-2] * 120 + b"\xff\xd9")


WHOLE = {kind: making.encoded(making.drawing((200, 150)), kind) for kind in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")}


@pytest.mark.parametrize("tenths", range(10))
@pytest.mark.parametrize("kind", list(WHOLE))
def test_a_photo_cut_off_anywhere_is_refused(kind: str, tenths: int) -> None:
    data = WHOLE[kind][: max(1, len(WHOLE[kind]) * tenths // 10)]
    with pytest.raises(BadInput):
        inspect(data)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(WHOLE)), st.data())
def test_a_damaged_photo_is_decoded_or_refused_never_more(kind: str, data: st.DataObject) -> None:
    """Flip bytes anywhere: the answer is a clean picture or BadInput, no other error."""
    broken = bytearray(WHOLE[kind])
    for at in data.draw(st.lists(st.integers(0, len(broken) - 1), min_size=1, max_size=12)):
        broken[at] = data.draw(st.integers(0, 255))
    try:
        inspect(bytes(broken))
        picture = decode(bytes(broken), longest=100)
    except BadInput:
        return
    assert picture.mode == "RGB"
    assert max(picture.size) <= 100


@settings(max_examples=150, deadline=None)
@given(st.binary(min_size=1, max_size=400), st.sampled_from([b"", *(data[:12] for data in WHOLE.values())]))
def test_noise_is_refused(noise: bytes, start: bytes) -> None:
    with pytest.raises(BadInput):
        inspect(start + noise)
