"""Expressions of $filter and $orderby: operators by precedence, functions, values, paths.

The operators of one level of parentheses are put in order with a stack (Dijkstra's shunting yard), so only parentheses,
calls and signs cost recursion, and those are bounded. Loosest to tightest:
or < and < not < eq ne < gt ge lt le in < add sub < mul div mod < unary minus; equals bind from the left.
That is the order of OData 4.0 part 2, clause 5.1.1.9, but for `not`: there it binds like a sign, and `not name eq 'x'`
would be the opposite of a name. Here it is what its writer means, as in the ABNF (notExpr).
"""

from dataclasses import dataclass, field

from stadtkern.hub.api.sta.functions import FUNCTIONS, LAMBDAS, unknown, wanted
from stadtkern.hub.api.sta.lexer import Cursor, Token
from stadtkern.hub.api.sta.literals import WORDS, value
from stadtkern.hub.api.sta.nodes import Binary, Call, List, Literal, Node, Path, Unary, children
from stadtkern.hub.api.sta.syntax import MOST_NESTING

LEVEL = {
    "or": 1,
    "and": 2,
    "not": 3,
    **dict.fromkeys(("eq", "ne"), 4),
    **dict.fromkeys(("gt", "ge", "lt", "le", "in"), 5),
    **dict.fromkeys(("add", "sub"), 6),
    **dict.fromkeys(("mul", "div", "mod"), 7),
}
CHAINS = {"or", "and"}
MOST_IN_LIST = 200
VALUES = {"string", "number", "when", "time", "typed"}


def parse_expression(text: str, where: str = "$filter") -> Node:
    """The whole text as one expression. Raises SyntaxProblem."""
    cursor = Cursor.over(where, text)
    node = expression(cursor)
    cursor.expect_end("an operator such as 'eq' or 'and'")
    return node


def expression(cursor: Cursor) -> Node:
    """The expression that starts at the cursor; what follows it is the caller's business.

    A chain such as 1 add 1 add 1 nests without parentheses, so the tree is measured too:
    what walks it may use recursion.
    """
    node = _expression(cursor)
    if (deep := _too_deep(node)) is not None:
        raise cursor.problem(f"this is nested deeper than {MOST_NESTING} levels", deep.at)
    return node


def _expression(cursor: Cursor) -> Node:
    yard = _Yard()
    while True:
        while _is_not(cursor):
            if yard.waiting and LEVEL[yard.waiting[-1][0]] > LEVEL["not"]:
                raise cursor.problem("'not' binds looser than what stands before it; put it in parentheses")
            yard.waiting.append(("not", cursor.take().at))
        yard.values.append(_operand(cursor))
        word = _operator(cursor)
        while word == "in":
            yard.apply("in")
            yard.values[-1] = _membership(cursor, yard.values[-1])
            word = _operator(cursor)
        yard.apply(word)
        if not word:
            return yard.values[0]
        yard.waiting.append((word, cursor.take().at))


@dataclass(slots=True)
class _Yard:
    """Values that wait for their operator, and operators that wait for something looser."""

    values: list[Node] = field(default_factory=list)
    waiting: list[tuple[str, int]] = field(default_factory=list)

    def apply(self, coming: str) -> None:
        """Join everything that binds tighter than the operator that comes; all of it when nothing comes."""
        level = LEVEL.get(coming, 0)
        while self.waiting and _binds(self.waiting[-1][0], level):
            word, at = self.waiting.pop()
            if word == "not":
                self.values.append(Unary("not", self.values.pop(), at))
            elif word in CHAINS:
                self._chain(word)
            else:
                right = self.values.pop()
                self.values[-1] = Binary(word, self.values[-1], right, self.values[-1].at)

    def _chain(self, word: str) -> None:
        length = 2
        while self.waiting and self.waiting[-1][0] == word:
            self.waiting.pop()
            length += 1
        terms = self.values[-length:]
        del self.values[-length:]
        self.values.append(balanced(word, terms))


def _binds(word: str, level: int) -> bool:
    """Equals bind from the left; a chain of `and` or of `or` waits until it is whole."""
    return LEVEL[word] > level or (LEVEL[word] == level and word not in CHAINS)


def balanced(word: str, terms: list[Node]) -> Node:
    """`a or b or c or d` as (a or b) or (c or d): a list of 250 terms makes a tree of eight levels.

    Chains in chains are merged first: and, or are associative, with null too (three-valued logic).
    """
    flat: list[Node] = []
    rest = terms[::-1]
    while rest:
        node = rest.pop()
        if isinstance(node, Binary) and node.operator == word:
            rest += [node.right, node.left]
        else:
            flat.append(node)
    return _halves(word, flat)


def _halves(word: str, terms: list[Node]) -> Node:
    if len(terms) == 1:
        return terms[0]
    middle = (len(terms) + 1) // 2
    left = _halves(word, terms[:middle])
    return Binary(word, left, _halves(word, terms[middle:]), left.at)


def _is_not(cursor: Cursor) -> bool:
    return cursor.next.kind == "word" and cursor.next.text.lower() == "not"


def _operator(cursor: Cursor) -> str:
    """The binary operator at the cursor in lower case, or ""."""
    word = cursor.next.text.lower() if cursor.next.kind == "word" else ""
    return word if word in LEVEL and word != "not" else ""


def _operand(cursor: Cursor) -> Node:
    token = cursor.next
    if token.kind in VALUES:
        return value(cursor.take(), cursor.source)
    if token.kind == "word":
        return _word(cursor, cursor.take())
    if cursor.at_sign("-"):
        with cursor.deeper():
            return Unary("-", _after_minus(cursor), token.at)
    if cursor.at_sign("("):
        with cursor.deeper():
            cursor.take()
            inner = _expression(cursor)
            cursor.expect(")", "an operator or ')'")
            return inner
    raise cursor.expected("a value")


def _after_minus(cursor: Cursor) -> Node:
    cursor.take()
    return _operand(cursor)


def _word(cursor: Cursor, word: Token) -> Node:
    if cursor.at_sign("("):
        return _call(cursor, word)
    if word.text.lower() in WORDS:
        return Literal(WORDS[word.text.lower()], word.at)
    return Path(tuple(word.text.split("/")), word.at)


def _call(cursor: Cursor, word: Token) -> Call:
    name = word.text.lower()
    if name.rpartition("/")[2] in LAMBDAS:
        raise cursor.problem(
            "any() and all() are OData, not SensorThings 1.1; name the property of the related entities instead, "
            "as in Datastreams/name eq 'x'",
            word.at,
        )
    if name not in FUNCTIONS:
        raise cursor.problem(unknown(word.text), word.at)
    arguments = _arguments(cursor)
    least, most = FUNCTIONS[name]
    if not least <= len(arguments) <= most:
        raise cursor.problem(f"{name} takes {wanted(name)}, not {len(arguments)}", word.at)
    return Call(name, arguments, word.at)


def _arguments(cursor: Cursor) -> tuple[Node, ...]:
    with cursor.deeper():
        cursor.expect("(")
        if cursor.skip(")"):
            return ()
        found = [_expression(cursor)]
        while cursor.skip(","):
            found.append(_expression(cursor))
        cursor.expect(")", "an operator, ',' or ')'")
    return tuple(found)


def _membership(cursor: Cursor, left: Node) -> Binary:
    """`in (1, 2, 3)`: values only, because the list becomes one parameter of the statement."""
    cursor.take()
    at = cursor.expect("(", "a list such as (1, 2)").at
    items: list[Node] = []
    while not items or cursor.skip(","):
        items.append(_item(cursor))
        if len(items) > MOST_IN_LIST:
            raise cursor.problem(f"a list after 'in' has at most {MOST_IN_LIST} values", items[-1].at)
    cursor.expect(")", "',' or ')'")
    return Binary("in", left, List(tuple(items), at), left.at)


def _item(cursor: Cursor) -> Node:
    token = cursor.next
    if token.kind in VALUES or (token.kind == "word" and token.text.lower() in WORDS):
        item = _operand(cursor)
        if isinstance(item, Literal):
            return item
        raise cursor.problem("a list after 'in' has plain values, no periods and no places", token.at)
    raise cursor.expected("a plain value")


def _too_deep(root: Node) -> Node | None:
    walk: list[tuple[Node, int]] = [(root, 1)]
    while walk:
        node, level = walk.pop()
        if level > MOST_NESTING + 1:  # forty operators or calls, and the value in their midst
            return node
        walk += [(child, level + 1) for child in children(node)]
    return None
