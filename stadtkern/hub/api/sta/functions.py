"""The functions of expressions and how many arguments each takes.

Source: OGC 18-088 clause 9.3.3.5.2 (tables 25 to 31), OData 4.0 part 2 clause 5.1.1.4;
`contains` is OData's name for substringof with the arguments swapped; the relations of periods are an
extension that FROST-Server introduced (before, after, meets, during, overlaps, starts, finishes).
"""

import difflib

_BY_COUNT: dict[tuple[int, int], str] = {
    (0, 0): "now mindatetime maxdatetime",
    (1, 1): "length tolower toupper trim year month day hour minute second fractionalseconds date time "
    "totaloffsetminutes round floor ceiling geo.length",
    (2, 2): "substringof contains endswith startswith indexof concat geo.distance geo.intersects st_equals st_disjoint "
    "st_touches st_within st_overlaps st_crosses st_intersects st_contains before after meets during overlaps starts "
    "finishes",
    (2, 3): "substring",
    (3, 3): "st_relate",
}
FUNCTIONS: dict[str, tuple[int, int]] = {name: count for count, names in _BY_COUNT.items() for name in names.split()}
LAMBDAS = {"any", "all"}


def unknown(name: str) -> str:
    """The sentence for a name that is no function, with the nearest that is one."""
    near = difflib.get_close_matches(name.lower()[:40], FUNCTIONS, n=1)
    return f"there is no function '{name[:40]}'" + (f"; the nearest is '{near[0]}'" if near else "")


def wanted(name: str) -> str:
    """How many arguments the function takes, in words."""
    least, most = FUNCTIONS[name]
    if least != most:
        return f"{least} or {most} arguments"
    return "no arguments" if most == 0 else f"{most} argument{'s' if most > 1 else ''}"
