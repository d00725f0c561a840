"""The options of an address, alone and inside $expand."""

from datetime import timedelta

import pytest

from stadtkern.hub.api.sta.aggregation import FUNCTIONS, GAPS
from stadtkern.hub.api.sta.grammar import parse
from stadtkern.hub.api.sta.nodes import Aggregation, Binary, Expansion, Literal, Options, Order, Path
from stadtkern.hub.api.sta.syntax import SyntaxProblem
from stadtkern.hub.tests.sta_grammar.bare import bare


def asked(query: str) -> Options:
    return bare(parse("Things", query)).options


def test_all_options_together():
    assert asked(
        "$filter=a%20eq%201&$orderby=b%20desc,length(c)&$select=name,Datastreams,properties/owner"
        "&$top=5&$skip=10&$count=true&$skiptoken=aGk-_.~=&$expand=Locations"
    ) == Options(
        filter=Binary("eq", Path(("a",)), Literal(1)),
        order=(Order(Path(("b",)), descending=True), Order(asked("$filter=length(c)").filter)),
        select=("name", "Datastreams", "properties/owner"),
        expand=(Expansion("Locations", Options()),),
        top=5,
        skip=10,
        count=True,
        after="aGk-_.~=",
    )


def test_nothing_asked_is_everything_by_default():
    assert asked("") == asked("&&") == asked("$select=*") == asked("$count=false") == Options()


@pytest.mark.parametrize("word", ["desc", "DESC", "Desc"])
def test_the_direction_is_written_in_any_case(word):
    assert asked(f"$orderby=a {word},b asc,asc desc").order == (
        Order(Path(("a",)), descending=True),
        Order(Path(("b",))),
        Order(Path(("asc",)), descending=True),
    )


def test_distinct_is_a_mark_before_the_names():
    assert asked("$select=distinct:name,properties/type") == Options(select=("name", "properties/type"), distinct=True)
    assert asked("$select=distinct,name,name") == Options(select=("distinct", "name"))


OBSERVATIONS = Expansion("Observations", Options(top=1, order=(Order(Path(("phenomenonTime",)), descending=True),)))

EXPANDS = [
    ("Datastreams/Observations", (Expansion("Datastreams", Options(expand=(Expansion("Observations", Options()),))),)),
    (
        "Datastreams($expand=Observations($top=1;$orderby=phenomenonTime desc))",
        (Expansion("Datastreams", Options(expand=(OBSERVATIONS,))),),
    ),
    (
        "Datastreams/Observations($orderby=phenomenonTime desc;$top=1),Locations",
        (Expansion("Datastreams", Options(expand=(OBSERVATIONS,))), Expansion("Locations", Options())),
    ),
    (
        "Datastreams/Sensor,Locations,Datastreams($top=3;$expand=ObservedProperty),Datastreams/Sensor($select=name)",
        (
            Expansion(
                "Datastreams",
                Options(
                    top=3,
                    expand=(
                        Expansion("Sensor", Options(select=("name",))),
                        Expansion("ObservedProperty", Options()),
                    ),
                ),
            ),
            Expansion("Locations", Options()),
        ),
    ),
    (
        "Datastreams($filter=name eq 'a;b)' and (unit eq ';');$count=true)",
        (
            Expansion(
                "Datastreams", Options(filter=asked("$filter=name eq 'a;b)' and (unit eq ';')").filter, count=True)
            ),
        ),
    ),
    (
        "A($skip=2;$apply=aggregate(mean;interval=day);$select=distinct:a,b)",
        (Expansion("A", Options(skip=2, apply=Aggregation(("mean",), "day"), select=("a", "b"), distinct=True)),),
    ),
    ("A($top=1),A($top=1)", (Expansion("A", Options(top=1)),)),
]


@pytest.mark.parametrize(("text", "terms"), EXPANDS, ids=[text for text, _ in EXPANDS])
def test_expansions_are_written_both_ways_and_merged(text, terms):
    assert asked(f"$expand={text}").expand == terms


def test_positions_inside_expand_count_from_its_start():
    node = parse("Things", "$expand=Datastreams/Sensor($filter=name eq 1)").options.expand[0]
    sensor = node.query.expand[0]
    assert (node.at, sensor.at, sensor.query.filter.at, sensor.query.filter.right.at) == (0, 12, 27, 35)


def test_filters_inside_expand_are_measured_too():
    with pytest.raises(SyntaxProblem, match="nested deeper than 40 levels"):
        parse("Things", f"$expand=A($filter=a{' add 1' * 41})")


AGGREGATIONS = [
    ("aggregate(mean)", Aggregation(("mean",))),
    (
        "aggregate(mean,min,max,count;interval=PT1H;gaps=null)",
        Aggregation(("mean", "min", "max", "count"), timedelta(hours=1), "null"),
    ),
    ("aggregate(sum;gaps=linear;interval=P1DT12H)", Aggregation(("sum",), timedelta(hours=36), "linear")),
    ("aggregate(last; interval=PT0.5S)", Aggregation(("last",), timedelta(milliseconds=500))),
    *(
        (f"aggregate(count;interval={word})", Aggregation(("count",), word))
        for word in ("day", "week", "month", "year")
    ),
    *((f"aggregate({word})", Aggregation((word,))) for word in FUNCTIONS),
    *((f"aggregate(count;interval=day;gaps={word})", Aggregation(("count",), "day", word)) for word in GAPS),
]


@pytest.mark.parametrize(("text", "node"), AGGREGATIONS, ids=[text for text, _ in AGGREGATIONS])
def test_aggregations_are_read(text, node):
    assert asked(f"$apply={text}").apply == node


WRONG = [
    ("$top=-1", "$top", 1, "expected a whole number from 0, found '-1'"),
    ("$top=1.5", "$top", 1, "whole number"),
    ("$top=x", "$top", 1, "whole number"),
    ("$top=", "$top", 1, "found the end"),
    ("$top", "$top", 1, "found the end"),
    ("$top=5 5", "$top", 3, "expected the end after '5', found '5'"),
    ("$top=1000000001", "$top", 1, "the largest number here is 1000000000"),
    ("$skip=" + "9" * 5000, "$skip", 1, "the largest number here"),
    ("$count=yes", "$count", 1, "expected true or false, found 'yes'"),
    ("$count='true'", "$count", 1, "expected true or false"),
    ("$orderby=a desc b", "$orderby", 8, "expected asc, desc or ','"),
    ("$orderby=a,", "$orderby", 3, "expected a value after ','"),
    ("$orderby=", "$orderby", 1, "expected a value"),
    ("$select=", "$select", 1, "expected the name of a property, found the end"),
    ("$select=a,,b", "$select", 3, "expected the name of a property after ',', found ','"),
    ("$select=a b", "$select", 3, "expected ','"),
    ("$select=5", "$select", 1, "the name of a property"),
    ("$select=distinct:", "$select", 10, "the name of a property"),
    ("$select=a:b", "$select", 2, "expected ','"),
    ("$expand=", "$expand", 1, "expected the name of related entities"),
    ("$expand=A()", "$expand", 3, "expected an option such as $top"),
    ("$expand=A($top=1", "$expand", 9, "expected ';' or ')' after '1', found the end"),
    ("$expand=A($top=1;)", "$expand", 10, "expected an option"),
    ("$expand=A($top 1)", "$expand", 8, "expected '=' after '$top', found '1'"),
    ("$expand=A($search=x)", "$expand", 3, "there is no option '$search' here; there are $filter"),
    ("$expand=A($skiptoken=x)", "$expand", 3, "there is no option '$skiptoken' here"),
    ("$expand=A($top=1;$top=1)", "$expand", 10, "$top is given twice"),
    ("$expand=A($filter=x gt )", "$expand", 16, "expected a value after 'gt', found ')'"),
    ("$expand=A($top=1),B,A($top=2)", "$expand", 13, "A is expanded twice, with different options"),
    ("$expand=A B", "$expand", 3, "expected ',' or '('"),
    ("$expand=A/B/C/D/E/F", "$expand", 1, "at most 5 levels deep"),
    ("$expand=A/B/C($expand=D/E($expand=F))", "$expand", 27, "at most 5 levels deep"),
    ("$expand=" + "A($expand=" * 45 + "B" + ")" * 45, "$expand", 403, "nested deeper than 40"),
    ("$expand=" + ",".join(f"E{number}" for number in range(21)), "$expand", 71, "at most 20 terms"),
    (
        "$expand=A/B,A/C,A/D,E" + "".join(f"($expand=F,G,H{n},I,J,K,L),E{n}" for n in range(3)),
        "$expand",
        90,
        "at most 20 terms",
    ),
    ("$search=x", "$search", 1, "there is no option '$search' here; there are $filter, $orderby"),
    ("$Filter=a", "$Filter", 1, "there is no option '$Filter'"),
    ("$format=json", "$format", 1, "there is no option '$format'"),
    ("$=1", "$", 1, "there is no option '$'"),
    ("$filter=a&$top=1&$filter=b", "$filter", 1, "$filter is given twice"),
    ("%24top=1&$top=1", "$top", 1, "$top is given twice"),
    ("resultFormat=csv&$resultFormat=csv", "$resultFormat", 1, "is given twice"),
    ("$resultFormat=xml", "$resultFormat", 1, "expected one of json, dataArray, csv, geojson"),
    ("$skiptoken=a b", "$skiptoken", 1, "no mark from a nextLink"),
    ("$skiptoken=", "$skiptoken", 1, "no mark from a nextLink"),
    ("@p=1", "@p", 1, "aliases of parameters are not supported"),
    ("$apply=filter(a)", "$apply", 1, "expected 'aggregate', found 'filter'"),
    ("$apply=aggregate()", "$apply", 11, "expected one of count, sum, mean"),
    ("$apply=aggregate(mode)", "$apply", 11, "expected one of count"),
    ("$apply=aggregate(mean,mean)", "$apply", 16, "'mean' is asked for twice"),
    ("$apply=aggregate(mean;interval=P1M)", "$apply", 25, "a duration of fixed length"),
    ("$apply=aggregate(mean;interval=PT0S)", "$apply", 25, "a duration of fixed length"),
    ("$apply=aggregate(mean;interval=hour)", "$apply", 25, "a duration of fixed length"),
    ("$apply=aggregate(mean;interval=1)", "$apply", 25, "expected an interval such as PT1H"),
    ("$apply=aggregate(mean;gaps=null)", "$apply", 21, "give interval= too"),
    ("$apply=aggregate(mean;interval=day;gaps=zero)", "$apply", 34, "expected one of leave, null"),
    ("$apply=aggregate(mean;interval=day;interval=day)", "$apply", 29, "interval is given twice"),
    ("$apply=aggregate(mean;step=1)", "$apply", 16, "expected one of interval, gaps"),
    ("$apply=aggregate(mean", "$apply", 15, "found the end"),
    ("$apply=aggregate(mean))", "$apply", 16, "expected the end"),
]


@pytest.mark.parametrize(("query", "where", "character", "part"), WRONG, ids=[query[:60] for query, *_ in WRONG])
def test_a_wrong_option_is_refused_at_its_place(query, where, character, part):
    with pytest.raises(SyntaxProblem) as caught:
        parse("Things", query)
    assert (caught.value.where, caught.value.at + 1) == (where, character)
    assert part in caught.value.reason


def test_five_levels_and_twenty_terms_are_read():
    assert len(asked("$expand=" + ",".join(f"E{number}" for number in range(20))).expand) == 20
    node = asked("$expand=A/B($expand=C/D/E)").expand[0]
    for name in "ABCDE":
        assert node.name == name
        node = node.query.expand[0] if node.query.expand else None
    assert node is None


@pytest.mark.parametrize("name", ["$resultFormat", "resultFormat"])
@pytest.mark.parametrize(
    ("text", "kind"), [("dataArray", "dataArray"), ("DATAARRAY", "dataArray"), ("CSV", "csv"), ("GeoJSON", "geojson")]
)
def test_the_format_of_the_answer_has_one_name(name, text, kind):
    assert parse("Observations", f"{name}={text}").result_format == kind


def test_options_that_are_not_ours_are_kept_aside():
    request = parse("Things", "key=abc&key=def&size=5&x")
    assert request.options == Options()
    assert request.extra == (("key", "abc"), ("key", "def"), ("size", "5"), ("x", ""))


@pytest.mark.parametrize("name", ["filter", "top", "expand", "count"])
def test_an_option_that_lost_its_dollar_is_no_question_for_everything(name):
    with pytest.raises(SyntaxProblem, match=rf"write \${name}"):
        parse("Things", f"{name}=1")
