"""Nodes without their positions, for comparing what two texts mean."""

from dataclasses import fields, is_dataclass
from typing import Any


def bare(node: Any) -> Any:
    """The same nodes with every position 0."""
    if isinstance(node, tuple):
        return tuple(bare(item) for item in node)
    if not is_dataclass(node):
        return node
    inner = {field.name: bare(getattr(node, field.name)) for field in fields(node)}
    return type(node)(**inner | ({"at": 0} if "at" in inner else {}))


def sketch(node: Any) -> str:
    """A node as nested brackets: [a or [b and c]]. Shows which operator took which operands."""
    match type(node).__name__:
        case "Binary":
            return f"[{sketch(node.left)} {node.operator} {sketch(node.right)}]"
        case "Unary":
            return f"[{node.operator} {sketch(node.operand)}]"
        case "Call":
            return f"{node.name}({' '.join(map(sketch, node.arguments))})"
        case "List":
            return f"({' '.join(map(sketch, node.items))})"
        case "Path":
            return "/".join(node.steps)
        case "Shape":
            return node.wkt
        case "Interval":
            return f"{node.start.isoformat()}..{node.end.isoformat()}"
        case _:
            return repr(node.value)
