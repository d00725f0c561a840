"""Write a tiny ONNX model without the package `onnx`: it ignores its picture and answers fixed rows.

Only the fields needed of onnx.proto (protobuf wire format: tag = field << 3 | type; 0 number, 2 bytes).
"""

from __future__ import annotations

import struct
from pathlib import Path


def number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def part(field: int, body: bytes | str) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(part(1, number(1, size)) for size in shape)
    return part(1, name) + part(2, part(1, number(1, 1) + part(2, dims)))


def write_model(path: Path, rows: list[float], shape: tuple[int, ...], side: int = 64) -> Path:
    """output = rows + 0 * mean(picture), so that the picture is a true input of the graph."""
    tensor = b"".join(number(1, size) for size in shape) + number(2, 1)
    fixed = tensor + part(9, struct.pack(f"<{len(rows)}f", *rows)) + part(8, "rows")
    zero = number(2, 1) + part(9, struct.pack("<f", 0.0)) + part(8, "zero")
    keep_no_dims = part(5, part(1, "keepdims") + number(3, 0) + number(20, 2))
    mean = part(1, "images") + part(2, "mean") + part(4, "ReduceMean") + keep_no_dims
    times = part(1, "mean") + part(1, "zero") + part(2, "nothing") + part(4, "Mul")
    plus = part(1, "rows") + part(1, "nothing") + part(2, "output") + part(4, "Add")
    graph = b"".join(part(1, node) for node in (mean, times, plus)) + part(2, "fixed")
    graph += part(5, fixed) + part(5, zero)
    graph += part(11, _value("images", (1, 3, side, side))) + part(12, _value("output", shape))
    path.write_bytes(number(1, 8) + part(7, graph) + part(8, number(2, 13)))
    return path
