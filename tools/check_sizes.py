"""The house's sizes: files, functions, and no junk drawers.

A file has one noun and stays below 400 lines (tests 600, settings 250), a function below 40 (tests 60).
A template's line stays below 200 characters, unless one Django tag or attribute value alone makes it longer.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = re.compile(r"\.(py|js|mjs|ts|css)$")
TEMPLATE = re.compile(r"/templates/.*\.html$")
WHOLE = re.compile(r"""[\w-]+="(?:\{%.*?%\}|\{\{.*?\}\}|[^"])*?"|\{%.*?%\}|\{\{.*?\}\}""")  # cannot be broken
SKIPPED = re.compile(r"(^|/)(migrations|node_modules|static_built|vendor)/")
DRAWERS = re.compile(r"(^|/)(utils?|helpers?|common|misc)(/|\.(py|js|mjs|css)$)")
FILE, TEST_FILE, SETTINGS = 400, 600, 250
FUNCTION, TEST_FUNCTION = 40, 60
LINE, BESIDE = 200, 80  # characters of a template's line, and beside the one piece that makes it longer

# name (or name:function) -> why it may be longer
EXCEPTIONS: dict[str, str] = {}


def faults(name: str, text: str) -> list[str]:
    """What is too big in one file, and whether its name is a junk drawer."""
    found = []
    if DRAWERS.search(name):
        found.append(f"{name}: a junk drawer; name the noun it holds")
    if (lines := text.count("\n")) > largest_file(name) and name not in EXCEPTIONS:
        found.append(f"{name}: {lines} lines, {largest_file(name)} are the limit")
    if name.endswith(".py"):
        found += [fault for fault in _functions(name, text) if fault.split(" ")[0] not in EXCEPTIONS]
    if TEMPLATE.search(name):
        found += [f"{name}:{number}: longer than {LINE} characters; break it" for number in _long_lines(text)]
    return found


def _long_lines(text: str) -> list[int]:
    """Numbers of the lines that could have been broken."""
    return [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > LINE and len(line) - max(map(len, WHOLE.findall(line)), default=0) > BESIDE
    ]


def largest_file(name: str) -> int:
    if name.endswith("config/settings.py"):
        return SETTINGS
    return TEST_FILE if is_test(name) else FILE


def is_test(name: str) -> bool:
    return bool(re.search(r"(^|/)(tests|testing)/|(^|/)test_|\.test\.m?js$", name))


def _functions(name: str, text: str) -> list[str]:
    limit = TEST_FUNCTION if is_test(name) else FUNCTION
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > limit:
                found.append(f"{name}:{node.name} has {length} lines, {limit} are the limit")
    return found


def tracked() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted({name for name in names if _is_read(name) and not SKIPPED.search(name)})


def _is_read(name: str) -> bool:
    return bool(CODE.search(name) or TEMPLATE.search(name))


def main() -> int:
    found: list[str] = []
    for name in tracked():
        if (ROOT / name).is_file():
            found += faults(name, (ROOT / name).read_text(encoding="utf-8"))
    unused = [f"{name}: its exception is not needed" for name in EXCEPTIONS if not (ROOT / name.split(":")[0]).exists()]
    print("\n".join(found + unused) or "every file and function is within its size")
    return 1 if found or unused else 0


if __name__ == "__main__":
    sys.exit(main())
