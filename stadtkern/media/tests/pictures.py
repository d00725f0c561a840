"""Pictures the tests draw: German plates in perspective on photo-like grounds. Nothing random: seeds are given."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

GROUNDS = ("coffee.png", "chelsea.png", "rocket.jpg", "motorcycle_left.png", "astronaut.png", "gravel.png")
TEXTS = ("BO AB 1234", "BO K 77", "E XY 480", "HER ST 91", "BO ÖZ 5E", "M MA 9090", "DO L 2024", "K AA 1")


@dataclass(frozen=True)
class Scene:
    """A drawn photo and the true outline of its plate: left, top, right, bottom in pixels."""

    image: Image.Image
    plate: tuple[float, float, float, float]


def photo(name: str) -> Image.Image:
    """A real photo that ships inside the scikit-image wheel (astronaut: NASA, public domain)."""
    import skimage

    return Image.open(Path(skimage.__file__).parent / "data" / name).convert("RGB")


def plate(text: str, *, height: int = 220, two_lines: bool = False) -> Image.Image:
    """A German plate, 520 x 110 mm (or 280 x 200 mm), with band, border and seal."""
    width = int(height * (1.4 if two_lines else 520 / 110))
    made = Image.new("RGB", (width, height), (245, 245, 240))
    pen = ImageDraw.Draw(made)
    pen.rounded_rectangle((0, 0, width - 1, height - 1), height // 12, outline=(15, 15, 15), width=max(2, height // 28))
    band = int(height * (0.2 if two_lines else 0.36))
    pen.rectangle((height // 25, height // 25, band, height - height // 25), fill=(0, 51, 153))
    lines = text.rsplit(" ", 1) if two_lines else [text]
    line_height = height / len(lines)
    for row, line in enumerate(lines):
        _write(made, line, left=band, top=row * line_height, width=width - band, height=line_height)
    return made


def _write(made: Image.Image, line: str, *, left: float, top: float, width: float, height: float) -> None:
    font = ImageFont.load_default(size=height * 0.82)
    box = font.getbbox(line)
    ink = Image.new("L", (int(box[2] - box[0]) + 4, int(box[3] - box[1]) + 4), 0)
    ImageDraw.Draw(ink).text((2 - box[0], 2 - box[1]), line, font=font, fill=255, stroke_width=max(1, int(height / 45)))
    ink = ink.resize((int(width * 0.88), int(height * 0.7)))
    made.paste((12, 12, 12), (int(left + width * 0.06), int(top + height * 0.15)), ink)


def scene(
    seed: int, *, wide: int, size: tuple[int, int] = (1600, 1200), light: float = 1.0, two_lines: bool = False
) -> Scene:
    """A car's rear with a plate about `wide` pixels broad, tilted and softened as phones do."""
    rng = np.random.default_rng(seed)
    image = photo(GROUNDS[seed % len(GROUNDS)]).resize(size, Image.Resampling.BICUBIC)
    _car(image, rng, wide)
    sign = plate(TEXTS[seed % len(TEXTS)], two_lines=two_lines)
    high = wide * sign.height / sign.width
    left, top = (size[0] - wide) / 2 + rng.uniform(-60, 60), size[1] * 0.62 + rng.uniform(-40, 40)
    corners = _tilted(left, top, wide, high, rng)
    _paste(image, sign, corners)
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    return Scene(_as_a_phone_would(image, rng, light), (min(xs), min(ys), max(xs), max(ys)))


def _car(image: Image.Image, rng: np.random.Generator, wide: int) -> None:
    pen = ImageDraw.Draw(image)
    paint = tuple(int(c) for c in rng.integers(20, 235, 3))
    w, h = image.size
    half, middle, low = int(wide * 1.9), w // 2, int(h * 0.62)
    pen.rounded_rectangle(
        (middle - half, low - int(wide * 1.3), middle + half, low + int(wide * 0.9)), wide // 3, fill=paint
    )
    pane = (middle - int(half * 0.8), low - int(wide * 1.2), middle + int(half * 0.8), low - wide // 2)
    pen.rounded_rectangle(pane, wide // 5, fill=(40, 48, 56))
    for side in (-1, 1):
        spot = middle + side * int(half * 0.85)
        pen.rectangle((spot - wide // 6, low - wide // 3, spot + wide // 6, low), fill=(170, 20, 20))
    pen.rectangle((middle - half, low + int(wide * 0.5), middle + half, low + int(wide * 0.7)), fill=(30, 30, 32))


def _tilted(left: float, top: float, wide: float, high: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    angle, squeeze = np.deg2rad(rng.uniform(-9, 9)), rng.uniform(0.75, 1.0)
    cx, cy = left + wide / 2, top + high / 2
    corners = []
    for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        x, y = sx * wide * squeeze / 2, sy * high / 2 * (1.08 if sx > 0 else 0.94)
        turned = (cx + x * np.cos(angle) - y * np.sin(angle), cy + x * np.sin(angle) + y * np.cos(angle))
        corners.append((float(turned[0]), float(turned[1])))
    return corners


def _paste(image: Image.Image, sign: Image.Image, corners: list[tuple[float, float]]) -> None:
    source = [(0, 0), (sign.width, 0), (sign.width, sign.height), (0, sign.height)]
    rows, right = [], []
    for (x, y), (u, v) in zip(corners, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    warp = np.linalg.solve(np.array(rows), np.array(right))
    scale = min(1.0, 2 * (corners[1][0] - corners[0][0]) / sign.width)
    soft = sign.filter(ImageFilter.GaussianBlur(0.35 / scale))
    ink = soft.convert("RGBA").transform(image.size, Image.Transform.PERSPECTIVE, list(warp), Image.Resampling.BICUBIC)
    image.paste(ink.convert("RGB"), (0, 0), ink.getchannel("A"))


def _as_a_phone_would(image: Image.Image, rng: np.random.Generator, light: float) -> Image.Image:
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.2))), np.float32)
    pixels = pixels * light + rng.normal(0, 5, pixels.shape)
    out = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=int(rng.uniform(70, 92)))
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def scenes(count: int, *, wide: int, **given: object) -> Iterator[Scene]:
    return (scene(seed, wide=wide, **given) for seed in range(count))  # type: ignore[arg-type]
