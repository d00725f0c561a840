"""Tiles come from one source, through us, kept for a while; a PMTiles archive needs no server at all."""

import gzip
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stadtkern.core.problems import BadQuery, NotFound, Unavailable
from stadtkern.places.domain import pmtiles, tile_cache, tiles
from stadtkern.places.web import maps

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
Z, X, Y = 12, 2130, 1361  # the town hall


def varint(number: int) -> bytes:
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def packed_directory(entries: list[tuple[int, int, int, int]]) -> bytes:
    """Entries (id, offset, length, run) as the specification packs them."""
    ids = [entry[0] for entry in entries]
    body = varint(len(entries))
    body += b"".join(varint(b - a) for a, b in zip([0, *ids], ids, strict=False))
    body += b"".join(varint(entry[3]) for entry in entries)
    body += b"".join(varint(entry[2]) for entry in entries)
    body += b"".join(varint(entry[1] + 1) for entry in entries)
    return gzip.compress(body)


def archive_bytes(found: dict[tuple[int, int, int], bytes], *, leaf: bool = False) -> bytes:
    data, entries = b"", []
    for at, body in sorted(found.items(), key=lambda pair: pmtiles.tile_number(*pair[0])):
        packed = gzip.compress(body)
        entries.append((pmtiles.tile_number(*at), len(data), len(packed), 1))
        data += packed
    leaves = packed_directory(entries) if leaf else b""
    root = packed_directory([(entries[0][0], 0, len(leaves), 0)]) if leaf else packed_directory(entries)
    root_at, leaves_at = 127, 127 + len(root)
    data_at = leaves_at + len(leaves)
    places = (root_at, len(root), 0, 0, leaves_at, len(leaves), data_at, len(data))
    header = pmtiles.HEADER.pack(b"PMTiles", 3, *places, len(entries), len(entries), len(entries), 1, 2, 2, 1, 0, 14)
    return header + b"\x00" * (127 - len(header)) + root + leaves + data


@pytest.fixture
def source(server, settings, tmp_path):
    settings.DATA = tmp_path
    settings.TILES_URL = server.url + "/{z}/{x}/{y}.png"
    server.says(PNG)
    return server


def test_a_tile_is_fetched_once_and_kept(source):
    assert tiles.tile(Z, X, Y).kind == "image/png"
    assert tiles.tile(Z, X, Y).body == PNG
    assert source.asked == [f"/{Z}/{X}/{Y}.png"]


def test_an_old_tile_is_fetched_again_and_served_when_the_source_is_down(source, tmp_path):
    tiles.tile(Z, X, Y)
    kept = next(tmp_path.glob("tiles/*/*"))
    long_ago = time.time() - tiles.KEEP.total_seconds() - 10
    os.utime(kept, (long_ago, long_ago))
    source.says(b"", status=503)
    assert tiles.tile(Z, X, Y).body == PNG
    assert len(source.asked) == 2


@pytest.mark.parametrize(
    ("status", "problem"), [(404, NotFound), (204, NotFound), (500, Unavailable), (302, Unavailable)]
)
def test_what_the_source_refuses_is_said(source, status, problem):
    source.says(b"", status=status)
    with pytest.raises(problem):
        tiles.tile(Z, X, Y)


def test_a_tile_too_large_is_not_taken(source):
    source.says(PNG + b"0" * tiles.MOST_BYTES)
    with pytest.raises(Unavailable):
        tiles.tile(Z, X, Y)


@pytest.mark.parametrize("at", [(21, 0, 0), (3, 8, 0), (3, 0, 8), (0, 1, 0)])
def test_impossible_tiles_are_refused(source, at):
    with pytest.raises(BadQuery):
        tiles.tile(*at)
    assert source.asked == []


def test_we_are_no_relay_for_the_rest_of_the_world(source):
    with pytest.raises(NotFound):
        tiles.tile(12, 10, 10)
    assert source.asked == []


def test_without_a_source_there_are_no_tiles(settings):
    settings.TILES_URL = ""
    with pytest.raises(NotFound):
        tiles.tile(Z, X, Y)


def test_a_full_disk_only_means_that_the_tile_is_not_kept(source, settings, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder")
    settings.DATA = blocked
    assert tiles.tile(Z, X, Y).body == PNG


@pytest.mark.parametrize(
    ("tile", "number"),
    [((0, 0, 0), 0), ((1, 0, 0), 1), ((1, 0, 1), 2), ((1, 1, 1), 3), ((1, 1, 0), 4), ((2, 0, 0), 5),
     ((12, 3423, 1763), 19_078_479)],
)  # fmt: skip
def test_tiles_are_numbered_as_the_specification_says(tile, number):
    assert pmtiles.tile_number(*tile) == number


def test_every_tile_of_a_zoom_has_a_number_of_its_own():
    numbers = {pmtiles.tile_number(4, x, y) for x in range(16) for y in range(16)}
    assert numbers == set(range(85, 85 + 256))


@pytest.mark.parametrize("leaf", [False, True])
@pytest.mark.parametrize("over_the_wire", [False, True])
def test_an_archive_gives_its_tiles(tmp_path, settings, server, leaf, over_the_wire):
    body = archive_bytes({(Z, X, Y): b"vector", (0, 0, 0): b"world"}, leaf=leaf)

    def answer(path, headers):
        first, last = headers["Range"].removeprefix("bytes=").split("-")
        return 206, {}, body[int(first) : int(last) + 1]

    server.answer = answer
    file = tmp_path / "city.pmtiles"
    file.write_bytes(body)
    settings.DATA = tmp_path
    settings.TILES_URL = f"{server.url}/{leaf}/city.pmtiles" if over_the_wire else str(file)
    assert tiles.tile(Z, X, Y) == tiles.Tile(b"vector", tiles.VECTOR)
    with pytest.raises(NotFound):
        tiles.tile(Z, X + 1, Y)


@pytest.mark.parametrize("cut", [0, 5, 126, 127, 140, 170])
def test_a_broken_archive_is_a_clear_refusal(tmp_path, settings, cut):
    file = tmp_path / f"cut{cut}.pmtiles"
    file.write_bytes(archive_bytes({(Z, X, Y): b"vector"})[:cut])
    settings.DATA, settings.TILES_URL = tmp_path, str(file)
    with pytest.raises(Unavailable):
        tiles.tile(Z, X, Y)


@given(st.binary(max_size=300))
def test_any_bytes_as_a_directory_are_entries_or_a_value_error(body):
    try:
        for entry in pmtiles.directory(body):
            assert entry.tile_id >= 0
    except ValueError:
        pass


def keep(name: str, *, megabytes: float, hours_old: float, source: str = "one") -> Path:
    place = tile_cache.folder() / source / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"0" * int(megabytes * 1_000_000))
    at = time.time() - hours_old * 3600
    os.utime(place, (at, at))
    return place


@pytest.fixture
def small_cache(settings, tmp_path):
    settings.DATA, settings.TILES_CACHE_MB = tmp_path, 2


def test_the_oldest_tiles_go_when_the_folder_is_full(small_cache):
    new = keep("new", megabytes=0.9, hours_old=1)
    old = keep("old", megabytes=0.9, hours_old=9)
    other = keep("of-another-source", megabytes=0.9, hours_old=5, source="two")
    assert tile_cache.trim() == 1
    assert (new.exists(), other.exists(), old.exists()) == (True, True, False)


def test_a_folder_inside_its_bound_is_left_alone(small_cache):
    place = keep("tile", megabytes=1.9, hours_old=999)
    assert (tile_cache.trim(), place.exists()) == (0, True)


def test_lost_drafts_go_and_those_being_written_stay(small_cache):
    lost = keep("draft-lost", megabytes=0.1, hours_old=2)
    fresh = keep("draft-fresh", megabytes=0.1, hours_old=0)
    tile_cache.trim()
    assert (lost.exists(), fresh.exists()) == (False, True)


def test_a_tile_that_cannot_be_written_leaves_no_draft(small_cache):
    blocked = tile_cache.folder() / "one" / "tile"
    (blocked / "a folder stands there").mkdir(parents=True)
    tile_cache.write(blocked, PNG)
    assert [path.name for path in blocked.parent.iterdir()] == ["tile"]


def test_a_process_that_writes_looks_after_the_folder(small_cache, monkeypatch):
    monkeypatch.setattr(tile_cache, "TRIM_EVERY", 1)
    old = keep("old", megabytes=2.5, hours_old=9)
    tile_cache.write(tile_cache.folder() / "one" / "new", PNG)
    assert not old.exists()


@pytest.mark.django_db
def test_fetching_is_limited_for_each_visitor_and_kept_tiles_are_not_counted(source, visitor, monkeypatch):
    monkeypatch.setattr(maps, "MOST_FETCHED_PER_MINUTE", 2)
    paths = [f"/karte/kacheln/{Z}/{X + n}/{Y}" for n in (0, 0, 0, 1, 2)]
    assert [visitor.get(path).status_code for path in paths] == [200, 200, 200, 200, 429]
    assert visitor.get(paths[-1], headers={"X-Forwarded-For": "198.51.100.8"}).status_code == 200
