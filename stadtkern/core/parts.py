"""The parts a module may offer, and the registry of each. Plugins use the same calls."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from stadtkern.core.registry import Registry


@dataclass(frozen=True, kw_only=True)
class SubjectView:
    """How an object of another module looks from outside."""

    kind: str
    id: int
    title: str
    url: str
    state: str = ""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A kind of object that others may point to by (kind, id)."""

    key: str
    label: Any
    resolve_many: Callable[[Sequence[int]], Mapping[int, SubjectView]]

    def resolve(self, id: int) -> SubjectView | None:
        return self.resolve_many([id]).get(id)


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """An entry of the citizens' or the staff's menu; staff entries show when `action` is allowed."""

    key: str
    label: Any
    url_name: str
    icon: str
    audience: str = "citizen"
    order: int = 50
    action: str = ""


@dataclass(frozen=True, kw_only=True)
class HomeCard:
    """A tile on the first page; `context` gives the template what it shows, None hides it."""

    key: str
    template: str
    context: Callable[[Any], Mapping[str, Any] | None]
    order: int = 50


@dataclass(frozen=True, kw_only=True)
class SearchHit:
    title: str
    url: str
    text: str = ""
    state: str = ""
    at: datetime | None = None
    rank: float = 0.0


@dataclass(frozen=True, kw_only=True)
class SearchSource:
    """One group of the search: `search(text, person, limit)`; rights are inside it.

    `suggest(text)` is asked when nothing was found: other words that find something, or "".
    """

    key: str
    label: Any
    search: Callable[[str, Any, int], Sequence[SearchHit]]
    order: int = 50
    suggest: Callable[[str], str] | None = None


@dataclass(frozen=True, kw_only=True)
class MapLayer:
    """A layer of the map of everything: a GeoJSON or cluster address, and the same as a list."""

    key: str
    label: Any
    data_url: str
    list_url: str
    icon: str
    on_at_start: bool = False
    order: int = 50


@dataclass(frozen=True, kw_only=True)
class NearHit:
    title: str
    text: str = ""
    url: str = ""
    distance_m: int | None = None
    icon: str = "pin"


@dataclass(frozen=True, kw_only=True)
class NearMe:
    """An answer for a point: `answer(lat, lon)` in WGS84 degrees, nearest first."""

    key: str
    label: Any
    answer: Callable[[float, float], Sequence[NearHit]]
    order: int = 50


@dataclass(frozen=True, kw_only=True)
class RetentionRule:
    """What is deleted or made anonymous, when: `purge(before)` returns how many rows it took."""

    key: str
    what: Any
    keep: timedelta
    purge: Callable[[datetime], int]


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """A figure a module can give about itself: `value(since, until)`."""

    key: str
    label: Any
    unit: str
    value: Callable[[datetime, datetime], float | None]
    lower_is_better: bool = False


@dataclass(frozen=True, kw_only=True)
class DatasetSource:
    """Rows without personal data that may be published as open data."""

    key: str
    title: Any
    description: Any
    columns: Mapping[str, str]
    rows: Callable[[], Iterable[Mapping[str, Any]]]
    licence: str = "dl-de-by-2-0"


@dataclass(frozen=True, kw_only=True)
class Topic:
    """Something people can be told about and choose channels for."""

    key: str
    label: Any
    explanation: Any = ""
    audience: str = "citizen"
    channels: tuple[str, ...] = ("inbox", "email", "push")


@dataclass(frozen=True, kw_only=True)
class Notifier:
    """A channel: `send(delivery_id)` hands one notification over, and raises when it could not."""

    key: str
    label: Any
    send: Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class PersonExport:
    """What is kept of a person, for "my data"."""

    key: str
    label: Any
    rows: Callable[[int], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Eraser:
    """Take a person out of a module's rows; returns how many rows it changed."""

    key: str
    erase: Callable[[int], int]


@dataclass(frozen=True, kw_only=True)
class DataProcessor:
    """Somebody outside who handles data for us, as the privacy page names them.

    `where` says which service is configured (a host name, a bucket); empty: none, and the page is silent.
    """

    key: str
    name: Any
    purpose: Any
    where: Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class QuestionKind:
    """A kind of extra question and how an answer is checked."""

    key: str
    label: Any
    clean: Callable[[Mapping[str, Any], Any], Any]
    choices: bool = False


@dataclass(frozen=True, kw_only=True)
class PackLoader:
    """Loads a module's share of a city pack; `load(pack, demo)` is idempotent and returns what it did."""

    key: str
    label: Any
    load: Callable[[Any, bool], str]
    after: tuple[str, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class ApiScope:
    """What an API key may be issued for; `meaning` is read by operators (English, like all of the command line)."""

    key: str
    meaning: str


subjects: Registry[Subject] = Registry("subjects")
menu: Registry[MenuItem] = Registry("menu")
home_cards: Registry[HomeCard] = Registry("home cards")
search_sources: Registry[SearchSource] = Registry("search sources")
map_layers: Registry[MapLayer] = Registry("map layers")
near_me: Registry[NearMe] = Registry("answers near me")
retention_rules: Registry[RetentionRule] = Registry("retention rules")
indicators: Registry[Indicator] = Registry("indicators")
dataset_sources: Registry[DatasetSource] = Registry("dataset sources")
topics: Registry[Topic] = Registry("topics")
notifiers: Registry[Notifier] = Registry("notifiers")
exports: Registry[PersonExport] = Registry("exports of a person")
erasers: Registry[Eraser] = Registry("erasers of a person")
processors: Registry[DataProcessor] = Registry("data processors")
question_kinds: Registry[QuestionKind] = Registry("question kinds")
pack_loaders: Registry[PackLoader] = Registry("pack loaders")
api_scopes: Registry[ApiScope] = Registry("scopes of API keys")

every_registry: dict[str, Registry[Any]] = {
    name: part for name, part in sorted(globals().items()) if isinstance(part, Registry)
}
