"""A collection as one statement: what is read, of whom, filtered, sorted, a page of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from stadtkern.core.problems import BadQuery
from stadtkern.hub.api.sta.entities import DATASTREAMS, MULTI_DATASTREAMS, OBSERVATIONS, EntitySet, Navigation
from stadtkern.hub.api.sta.nodes import Options, Order, Path
from stadtkern.hub.api.sta.planning.columns import FIXED, Columns, columns
from stadtkern.hub.api.sta.planning.ordering import Term, order_clause, terms
from stadtkern.hub.api.sta.planning.scope import Scope
from stadtkern.hub.api.sta.planning.sql import Sql, all_of, joined, sql, value
from stadtkern.hub.api.sta.planning.truth import condition
from stadtkern.hub.api.sta.planning.world import World

NEWEST = (Order(Path(("phenomenonTime",)), descending=True),)
PARENT = Sql("p.id")
OF_STREAMS = (DATASTREAMS.navigations["Observations"], MULTI_DATASTREAMS.navigations["Observations"])

Only = Callable[[str], Sql]

# The newest observation of each datastream, in the shape of the table; what hub_latest has not is looked up by its key.
_NEWEST = """(select n.datastream_id, n.observation_id as id, n.phenomenon_start, n.phenomenon_end, n.result_time,
    n.number, n.text, n.json, n.flags, n.count{more} where n.observation_id is not null)"""
LATEST = _NEWEST.format(
    more=""", o.quality, o.valid_start, o.valid_end, o.parameters, o.feature_id
    from hub_latest n left join hub_observation o on o.datastream_id = n.datastream_id
        and o.phenomenon_start = n.phenomenon_start and o.id = n.observation_id"""
)
LATEST_ALONE = _NEWEST.format(more=" from hub_latest n")
IN_LATEST = {"id", "@iot.id", "@iot.selfLink", "selfLink", "phenomenonTime", "resultTime", "result"}


@dataclass(slots=True)
class Listing:
    """The statement of one level. `keys`: columns read besides, for expansions; they come after those of `columns`."""

    scope: Scope
    columns: Columns
    conditions: list[Sql]
    terms: tuple[Term, ...]
    options: Options
    keys: list[Sql] = field(default_factory=list)
    newest_only: bool = False

    @property
    def selected(self) -> Sql:
        return joined([*self.columns.sqls, *self.keys, *(term.marked for term in self.terms)], ", ")

    @property
    def width(self) -> int:
        """Where the values of a mark begin."""
        return len(self.columns.sqls) + len(self.keys)

    def page(self, *, limit: int, skip: int, following: Sql) -> Sql:
        """The rows of one page. `following`: the condition that they come after the last page."""
        if self.options.distinct:
            return self._distinct(limit, skip)
        return sql(
            "select {} from {} where {} order by {} limit {} offset {}",
            self.selected,
            self.scope.source,
            all_of([*self.conditions, following]),
            order_clause(self.terms),
            value(limit, "bigint"),
            value(skip, "bigint"),
        )

    def matching(self) -> Sql:
        """FROM and WHERE, for counting."""
        if self.options.distinct:
            return sql("({}) distinct_rows", self._distinct_rows())
        return sql("{} where {}", self.scope.source, all_of(self.conditions))

    def of_parents(self, ids: Sequence[int], *, limit: int) -> Sql:
        """The first rows of each parent, in its order; the parent's id and the place come last in a row.

        LATERAL: PostgreSQL walks the index of each parent and stops at the limit.
        """
        rows = sql(
            "select {} from {} where {} order by {} limit {} offset {}",
            self._named(),
            self.scope.source,
            all_of(self.conditions),
            order_clause(self.terms),
            value(limit, "bigint"),
            value(self.options.skip, "bigint"),
        )
        return sql(
            "select c.*, p.id from unnest({}) with ordinality p (id, place) cross join lateral "
            "(select s.*, row_number() over () as rank from ({}) s) c order by p.place, c.rank",
            value(list(ids), "bigint[]"),
            rows,
        )

    def newest_of_parents(self, ids: Sequence[int]) -> Sql:
        """As `of_parents` for the newest observation of each datastream; hub_latest knows it.

        How many there are is last but one, in the place of the rank.
        """
        return sql(
            "select {}, {}.count, p.id from unnest({}) p (id) join ({}) on {}",
            self._named(),
            Sql(self.scope.alias),
            value(list(ids), "bigint[]"),
            self.scope.source,
            all_of(self.conditions),
        )

    def with_ids(self, ids: Sequence[int]) -> Sql:
        """The rows of a to-one relation."""
        mine = sql(f"{self.scope.alias}.id = any({{}})", value(list(ids), "bigint[]"))
        return sql("select {} from {} where {}", self._named(), self.scope.source, all_of([*self.conditions, mine]))

    def _named(self) -> Sql:
        """The columns with names of their own, as a subquery needs them."""
        return joined([sql(f"{{}} as c{n}", one) for n, one in enumerate([*self.columns.sqls, *self.keys])], ", ")

    def _distinct_rows(self) -> Sql:
        shown = self.columns.sqls[FIXED:]
        return sql(
            "select null::bigint, bool_or({}), null::bigint, null::text, {} from {} where {} group by {}",
            self.columns.sqls[1],
            joined(shown, ", "),
            self.scope.source,
            all_of(self.conditions),
            Sql(", ".join(str(FIXED + 1 + n) for n in range(len(shown)))),
        )

    def _distinct(self, limit: int, skip: int) -> Sql:
        order = ", ".join(str(FIXED + 1 + n) for n in range(len(self.columns.sqls) - FIXED))
        rows = self._distinct_rows()
        return sql(f"{{}} order by {order} limit {{}} offset {{}}", rows, value(limit, "bigint"), value(skip, "bigint"))


def listing(
    world: World,
    entities: EntitySet,
    options: Options,
    *,
    way: Navigation | None = None,
    key: Sql = PARENT,
    only: Only | None = None,
    grouped: bool = False,
) -> Listing:
    """Plan a collection: the whole set, or what hangs at the parent with `key`. Raises SyntaxProblem.

    `only`: a condition on the alias that names the rows, the one of the reader in it. `grouped`: observations by
    datastream first.
    """
    scope = Scope.over(world, entities)
    scope.observations = _latest(options) if _only_newest(entities, options, way, key) else ""
    conditions = [only(scope.alias) if only else scope.visible()]
    if way is not None:
        conditions.append(world.related(way, scope.alias, key))
    if options.filter is not None:
        conditions.append(condition(options.filter, scope))
    if options.distinct:
        _check_distinct(entities, options, grouped)
    scope.where = "$orderby"
    found = terms(options.order, scope, _default_order(scope, way, key, grouped))
    if grouped:
        found = (Term(Sql(f"{scope.alias}.datastream_id"), "bigint"), *found)
    return Listing(
        scope,
        columns(world, entities, scope.alias, options.select),
        conditions,
        () if options.distinct else found,
        options,
        newest_only=bool(scope.observations),
    )


def in_order(options: Options, entities: EntitySet, way: Navigation) -> Options:
    """Observations inside an expansion come newest first when no order is asked for."""
    if entities is OBSERVATIONS and way.many and not options.order:
        return replace(options, order=NEWEST)
    return options


def _latest(options: Options) -> str:
    alone = bool(options.select) and not options.expand and {name.split("/")[0] for name in options.select} <= IN_LATEST
    return LATEST_ALONE if alone else LATEST


def _only_newest(entities: EntitySet, options: Options, way: Navigation | None, key: Sql) -> bool:
    plain = options.filter is None and not options.skip and not options.distinct and options.top == 1
    return entities is OBSERVATIONS and key is PARENT and way in OF_STREAMS and plain and is_newest(options.order)


def is_newest(order: tuple[Order, ...]) -> bool:
    """Whether this is $orderby=phenomenonTime desc."""
    by = order[0].by if len(order) == 1 and order[0].descending else None
    return isinstance(by, Path) and by.steps == ("phenomenonTime",)


def _default_order(scope: Scope, way: Navigation | None, key: Sql, grouped: bool) -> list[Term]:
    """By id; observations of one datastream by time, because they are stored so; what has a rank by that."""
    if way is not None and way.rank:
        rank = scope.world.template(way.rank, scope.alias, key)
        return [Term(sql("({})::float8", rank), "float8", nullable=True)]
    if grouped or way in OF_STREAMS:
        return [Term(Sql(f"{scope.alias}.phenomenon_start"), "timestamptz")]
    return []


def _check_distinct(entities: EntitySet, options: Options, grouped: bool) -> None:
    if strange := [name for name in options.select if name.split("/")[0] not in entities.properties or name == "id"]:
        raise BadQuery(f"$select=distinct: goes with properties, not with {strange[0][:40]}.")
    if options.order or options.expand or options.after:
        raise BadQuery("$select=distinct: comes sorted by what is selected; $orderby and $expand do not go with it.")
    if grouped:
        raise BadQuery("$select=distinct: is not of one datastream; $resultFormat=dataArray does not go with it.")
