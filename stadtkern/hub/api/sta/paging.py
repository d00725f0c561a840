"""A page of a collection, block by block, and the address of the next one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from stadtkern.hub.api.sta.nodes import Options, Request
from stadtkern.hub.api.sta.planning.columns import Row
from stadtkern.hub.api.sta.planning.ordering import after, mark, values_of
from stadtkern.hub.api.sta.planning.plan import Plan
from stadtkern.hub.api.sta.planning.sql import TRUE, Sql
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.printer import as_text
from stadtkern.hub.domain.connection import cursor

AT_ONCE = 2_000  # rows; a larger page stays in PostgreSQL and is fetched in blocks
PAGE_CURSOR = "hub_sta_page"


@dataclass(slots=True)
class Page:
    """The rows of one page. `more` and `last` are known when all blocks were taken."""

    world: World
    plan: Plan
    request: Request
    more: bool = False
    last: Row | None = None
    given: int = 0

    def blocks(self, enough: Callable[[], bool] = lambda: False) -> Iterator[list[Row]]:
        """Lists of rows; when `enough` says so after one of them, the page ends early."""
        rows = self._rows()
        held = next(rows, [])
        while held:
            kept = held[: self.plan.top - self.given]
            self.more = len(kept) < len(held)
            self.given += len(kept)
            if kept:
                self.last = kept[-1]
                yield kept
            held = next(rows, [])
            if held and (enough() or self.given == self.plan.top):
                self.more = True
                return

    def next_address(self) -> str | None:
        """Relative to the service root; None when this is the last page."""
        if not self.more or self.last is None:
            return None
        return as_text(replace(self.request, options=self._following(), extra=()))

    def _following(self) -> Options:
        options = self.request.options
        marked = "" if options.distinct else mark(self.last[self.plan.listing.width :], context_of(self.request))  # type: ignore[index]
        if marked:
            return replace(options, skip=0, after=marked)
        return replace(options, skip=options.skip + self.given)

    def _rows(self) -> Iterator[list[Row]]:
        if self.plan.top == 0:
            return
        limit, size = self.plan.top + 1, self.plan.block
        statement = self.plan.listing.page(limit=limit, skip=self.request.options.skip, following=self._after())
        if limit <= AT_ONCE:
            rows = self.world.ask(statement)
            yield from (rows[start : start + size] for start in range(0, len(rows), size))
            return
        with cursor(self.world.connection, PAGE_CURSOR) as found:
            found.execute(statement.text, statement.params, binary=True)
            while rows := found.fetchmany(size):
                yield rows

    def _after(self) -> Sql:
        given = self.request.options.after
        if not given:
            return TRUE
        terms = self.plan.listing.terms
        return after(terms, values_of(given, context_of(self.request), len(terms)))


def context_of(request: Request) -> str:
    """What a mark counts for: it is of no use with another filter or order."""
    kept = Options(filter=request.options.filter, order=request.options.order)
    return as_text(Request(request.path, kept, request.result_format))


def marked_start(request: Request) -> datetime:
    """When the last page of observations sorted by time ended. Raises SyntaxProblem for a mark that is not ours."""
    terms = 2 + (request.result_format == "dataArray")
    values = values_of(request.options.after, context_of(request), terms)
    return datetime.fromisoformat(str(values[-2]))
