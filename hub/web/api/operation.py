"""One description of each route: the guard checks by it, the handler gets validated values, the document is made of it.

ROUTES = (
    read("/items/{content_id}", item, at=ItemPath, query=Nothing, answers={200: LiveItem}, tag="items",
         summary="One item", refusals=("withdrawn",)),
)

async def item(call: Call[ItemPath, Nothing, None]) -> Said: ...
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from aiohttp import hdrs, web
from pydantic import BaseModel, TypeAdapter

from hub.store.unit import Store
from hub.web.api.caller import CALLER, Caller
from hub.web.api.values import Nothing
from hub.web.routes import Demand, Open
from hub.web.site import SITE, Site

At = TypeVar("At", bound=BaseModel)
Query = TypeVar("Query", bound=BaseModel)
Body = TypeVar("Body")
At_co = TypeVar("At_co", bound=BaseModel, covariant=True)
Query_co = TypeVar("Query_co", bound=BaseModel, covariant=True)
Body_co = TypeVar("Body_co", covariant=True)

#: Seconds after which an answer is given up, where the route says nothing else.
PATIENCE: Final = 20.0
#: Bytes of a body, where the route says nothing else.
BODY_LIMIT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Call(Generic[At_co, Query_co, Body_co]):
    """A request whose values are as the operation declares them."""

    request: web.Request
    at: At_co
    query: Query_co
    body: Body_co

    @property
    def site(self) -> Site:
        """The hub as it is seen from outside."""
        return self.request.app[SITE]

    @property
    def store(self) -> Store:
        """The database."""
        return self.site.engine.store

    @property
    def caller(self) -> Caller:
        """Who asks."""
        return self.request[CALLER]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a handler answers."""

    value: BaseModel | bytes  #: a model of `answers`, or its JSON where it was written beside the loop
    status: int = 200
    changed: datetime | None = None  #: when it last changed, where somebody knows
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Text:
    """In `answers`: what is no JSON, by its media type."""

    media_type: str
    description: str


Handler = Callable[[Call[Any, Any, Any]], Awaitable[Said | web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method at one path of the API."""

    method: str
    path: str
    handler: Handler
    demand: Demand
    tag: str
    summary: str
    description: str
    at: type[BaseModel]
    query: type[BaseModel]
    body: TypeAdapter[Any] | None
    answers: Mapping[int, type[BaseModel] | Text]
    refusals: tuple[str, ...]  #: codes beside those that follow from all this
    patience: float = PATIENCE
    body_limit: int = BODY_LIMIT
    cached: bool = False  #: the answer is the same for all who have no key, until something public changes
    conditional: bool = False  #: If-Match is read
    head: bool = False  #: HEAD is answered too

    @property
    def name(self) -> str:
        """What the document calls it: the handler's name."""
        return self.handler.__name__


def read(
    path: str, handler: Callable[[Call[At, Query, None]], Awaitable[Said | web.StreamResponse]], *, at: type[At],
    query: type[Query], answers: Mapping[int, type[BaseModel] | Text], tag: str, summary: str, description: str = "",
    demand: Demand = Open.PUBLIC, refusals: tuple[str, ...] = (), patience: float = PATIENCE, cached: bool = False,
    head: bool = True,
) -> Operation:  # fmt: skip
    """Read something; changes nothing."""
    return Operation(
        method=hdrs.METH_GET, path=path, handler=handler, demand=demand, tag=tag, summary=summary,
        description=description, at=at, query=query, body=None, answers=answers, refusals=refusals, patience=patience,
        cached=cached, head=head,
    )  # fmt: skip


def send(
    method: str, path: str, handler: Callable[[Call[At, Nothing, Body]], Awaitable[Said | web.StreamResponse]], *,
    at: type[At], body: TypeAdapter[Body] | None, answers: Mapping[int, type[BaseModel] | Text], tag: str,
    summary: str, demand: Demand, description: str = "", refusals: tuple[str, ...] = (),
    body_limit: int = BODY_LIMIT, conditional: bool = False,
) -> Operation:  # fmt: skip
    """Change something."""
    return Operation(
        method=method, path=path, handler=handler, demand=demand, tag=tag, summary=summary, description=description,
        at=at, query=Nothing, body=body, answers=answers, refusals=refusals, body_limit=body_limit,
        conditional=conditional,
    )  # fmt: skip
