"""A look at every page a test is given: accessibility and CSP become properties of every test."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
DATA_BLOCKS = {"application/json", "application/ld+json"}  # kept by browsers, never executed
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.count: dict[str, int] = {}
        self.lang = ""
        self.ids: set[str] = set()
        self.labels: set[str] = set()
        self.fields: list[dict[str, str]] = []
        self.open: list[str] = []
        self.title = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.count[tag] = self.count.get(tag, 0) + 1
        self._look_at(tag, given)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "title" and "svg" not in self.open:
            self.title += data

    def _look_at(self, tag: str, given: dict[str, str]) -> None:
        self._ids(tag, given)
        self._no_inline(tag, given)
        if tag == "html":
            self.lang = given.get("lang", "")
        if tag == "img" and "alt" not in given:
            self.faults.append(f"an image without alt: {given.get('src')}")
        if tag == "label":
            self.labels.add(given.get("for", ""))
        if tag in {"input", "select", "textarea"} and given.get("type") not in UNLABELLED:
            self.fields.append(given | {"inside": "yes" if "label" in self.open else ""})

    def _ids(self, tag: str, given: dict[str, str]) -> None:
        if (id := given.get("id")) and id in self.ids:
            self.faults.append(f"the id {id!r} stands twice ({tag})")
        self.ids.add(given.get("id", ""))

    def _no_inline(self, tag: str, given: dict[str, str]) -> None:
        if tag == "style" or "style" in given:
            self.faults.append(f"inline style on <{tag}>")
        if tag == "script" and not given.get("src") and given.get("type") not in DATA_BLOCKS:
            self.faults.append("inline script")
        self.faults += [f"inline handler {name} on <{tag}>" for name in given if name.startswith("on")]

    def verdict(self) -> list[str]:
        faults = list(self.faults)
        for tag in ("h1", "main"):
            if self.count.get(tag, 0) != 1:
                faults.append(f"{self.count.get(tag, 0)} <{tag}> instead of one")
        if not self.lang:
            faults.append("no lang")
        if not self.title.strip():
            faults.append("no title")
        faults += [f"a field without a label: {f.get('name') or f}" for f in self.fields if not self._named(f)]
        return faults

    def _named(self, field: dict[str, str]) -> bool:
        return bool(
            field["inside"] or field.get("aria-label") or field.get("aria-labelledby") or field.get("id") in self.labels
        )


def check_page(html: str) -> None:
    """Raise AssertionError naming every fault of a full page."""
    page = _Page()
    page.feed(html)
    if faults := page.verdict():
        raise AssertionError("this page has faults: " + "; ".join(faults))
