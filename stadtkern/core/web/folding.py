"""Templates whose constant parts are drawn once per language, when the template is read.

Most of what a page's templates hold never changes: `{% trans "…" %}`, `{% icon "…" %}`, `{% url 'name' %}`,
`{% static '…' %}`. Each of them costs Python calls on every page. The loader reads every template once for each
language, draws those tags on the spot and joins the text; what depends on a person, a request or data stays as it is.
"""

from django.template import Context
from django.template.base import FilterExpression, Node, NodeList, Origin, Template, TextNode, Variable
from django.template.defaulttags import URLNode
from django.template.library import SimpleNode
from django.template.loaders import base, cached
from django.templatetags.i18n import LanguageNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch
from django.utils.translation import get_language

from stadtkern.core.templatetags.core import icon


class _Folding(base.Loader):
    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template = super().get_template(template_name, skip)
        fold(template.nodelist)
        template.nodelist = Settled(template.nodelist)
        return template


class Settled(NodeList):
    """The nodes of a template that changes no more: what `extends` looks for on every page is found once."""

    def get_nodes_by_type(self, nodetype: type[Node]) -> list[Node]:
        found: dict[type[Node], list[Node]] = self.__dict__.setdefault("found", {})
        if nodetype not in found:
            found[nodetype] = super().get_nodes_by_type(nodetype)
        return found[nodetype]


class Loader(cached.Loader, _Folding):
    """Keeps every template once per language, folded."""

    def cache_key(self, template_name: str, skip: list[Origin] | None = None) -> str:
        return f"{get_language()} {super().cache_key(template_name, skip)}"


def fold(nodes: NodeList) -> None:
    """Draw what is constant here and below, in the language of now; neighbouring texts become one."""
    folded: list[Node] = []
    for node in nodes:
        drawn = _drawn(node)
        if isinstance(drawn, TextNode) and folded and isinstance(folded[-1], TextNode):
            folded[-1] = TextNode(folded[-1].s + drawn.s)
        else:
            folded.append(drawn)
    nodes[:] = folded


def _drawn(node: Node) -> Node:
    if _is_constant(node):
        return _settled(node)
    if not isinstance(node, LanguageNode):
        for below in _below(node):
            fold(below)
    return node


def _settled(node: Node) -> Node:
    """Its text, or for `{% url '…' as name %}` a node that only hands the address out."""
    context = Context()
    try:
        text = node.render(context)
    except NoReverseMatch:
        return node  # the page itself says so, when it comes to this place
    name = getattr(node, "asvar", None)
    return Named(name, context[name]) if name else TextNode(text)


class Named(Node):
    """A constant under a name of the context."""

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value

    def render(self, context: Context) -> str:
        context[self.name] = self.value
        return ""


def _below(node: Node) -> list[NodeList]:
    """The lists of nodes in it; `if` and `elif` keep theirs beside their conditions."""
    if pairs := getattr(node, "conditions_nodelists", None):
        return [nodes for _, nodes in pairs]
    return [nodes for name in node.child_nodelists if isinstance(nodes := getattr(node, name, None), NodeList)]


def _is_constant(node: Node) -> bool:
    match node:
        case TranslateNode(asvar=None, noop=False, message_context=None):
            return _is_literal(node.filter_expression)
        case URLNode() | SimpleNode(target_var=None):
            words = [*node.args, *node.kwargs.values()]
            named = _is_literal(node.view_name) if isinstance(node, URLNode) else node.func is icon
            return named and all(map(_is_literal, words))
        case StaticNode(varname=None):
            return _is_literal(node.path)
    return False


def _is_literal(expression: FilterExpression) -> bool:
    """A string in quotes without filters, translated or not."""
    value = expression.var
    constant = value.literal is not None if isinstance(value, Variable) else isinstance(value, str)
    return constant and not expression.filters
