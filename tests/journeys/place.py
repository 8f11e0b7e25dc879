"""What the campaign of pushes has to know of a destination: how it is set up, and how it is looked at from outside."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.server import FakeServer
from tests.journeys.author import MakesItem, mark_in, news
from tests.journeys.judge import Change, Seen

SECRET = "Chuoi-Bi-Mat-Dung-De-Thu"
#: Numbers of items by their identity as text; 0: none of ours.
Numbers = Callable[[str], int]


def is_no_read(request: web.Request, body: bytes) -> bool:
    """Whether a request changes something, where the method tells."""
    return request.method not in ("GET", "HEAD")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One destination and how to look at it."""

    settings: Callable[[], dict[str, Any]]  #: what settings.toml says, once the server listens
    changes: Callable[[int, Numbers], Sequence[Change]]  #: what it showed, in order, from this place on
    look: Callable[[Numbers], Sequence[Seen]]  #: what a visitor sees
    server: FakeServer | None = None
    make: MakesItem = news
    writes: Callable[[web.Request, bytes], bool] = is_no_read
    read_faults: float = 1.0  #: share of what goes wrong with reads elsewhere: a look here may take sixty of them
    landing: float = 45.0  #: seconds within which a call that was given up may still land
    announces: bool = False  #: each change is a message to somebody
    batched: bool = False  #: several deliveries share one call
    lag: Callable[[bool], None] | None = None  #: reads fall behind writes, and catch up
    each_turn: Callable[[], None] = lambda: None  #: what others do there meanwhile
    takes_away: Callable[[int], None] = lambda number: None  #: what a person does there to what is left of an item
    grants: Callable[[], None] | None = None  #: what an administrator does when it refuses us
    hub: dict[str, Any] = field(default_factory=dict)  #: further keys of [hub]


def seen_in(texts: Iterable[str]) -> list[Seen]:
    """The items of which these texts speak."""
    return [Seen(*mark) for text in texts if (mark := mark_in(text)) is not None]
