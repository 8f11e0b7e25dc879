"""The search over everything public: hub/queries/search.py, as the console asks it."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from hub.queries import search as searching
from hub.store import changes
from hub.web.api.cursors import LIMIT, cursor, parts_of
from hub.web.api.operation import Call, Said, read
from hub.web.api.problems import Refused
from hub.web.api.values import Moment, Nothing, Shape, Whole, Word
from schemas.item import Kind


class SearchQuery(Shape):
    """What is sought."""

    q: Annotated[
        str,
        Field(
            min_length=1,
            max_length=500,
            pattern=r"^[^\x00-\x1f\x7f]*$",
            description='words with or without marks, "phrases", numbers as typed',
        ),
    ]
    kind: Annotated[Kind | None, Field(description="items of this kind only")] = None
    member: Annotated[Word | None, Field(description="items of this member only (code)")] = None
    since: Annotated[Moment | None, Field(description="published at this time or later")] = None
    until: Annotated[Moment | None, Field(description="published before this time")] = None
    limit: Annotated[Whole, Field(ge=1, le=100, description="hits of a page")] = 20
    cursor: Annotated[
        str | None, Field(max_length=LIMIT, pattern=r"^[A-Za-z0-9_-]*$", description="`next` of the page before")
    ] = None  # fmt: skip


class Piece(Shape):
    """A piece of a text; those that were sought are marked."""

    text: str
    marked: bool


class SearchHit(Shape):
    """One item that was found."""

    content_id: UUID
    revision: int
    kind: Kind
    member: str
    member_name: str
    at: AwareDatetime = Field(description="when it was published, issued or first seen")
    url: str = Field(description="at its source; may be empty")
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]


class SearchHits(Shape):
    """One page of hits, the best first."""

    hits: tuple[SearchHit, ...]
    total: int = Field(ge=0, description="items that were found")
    at_least: bool = Field(description="there are more than `total`: only the newest were looked at")
    next: str = Field(description="`cursor` of the next page; empty at the end")
    note: str = Field(description="a sentence in Vietnamese, where there is something to say")


async def search(call: Call[Nothing, SearchQuery, None]) -> Said:
    """What is public only. An exact number or phrase comes first."""
    query, store = call.query, call.store
    epoch = await changes.epoch(store)
    found = await searching.search(
        store, searching.parse(query.q), audience=searching.Audience.PUBLIC, kind=query.kind or "",
        member=query.member or "", since=query.since, until=query.until, limit=query.limit,
        after=_place(query.cursor, epoch) if query.cursor else None,
    )  # fmt: skip
    hits = tuple(
        SearchHit(
            content_id=hit.content_id, revision=hit.revision, kind=Kind(hit.kind), member=hit.member,
            member_name=hit.member_name, at=hit.at, url=hit.url, title=_pieces(hit.title), snippet=_pieces(hit.snippet),
        )
        for hit in found.hits
    )  # fmt: skip
    further = cursor(epoch, "search", *str(found.after).split(".")) if found.after else ""
    return Said(
        value=SearchHits(hits=hits, total=found.total, at_least=found.is_more, next=further, note=found.note)
    )  # fmt: skip


def _pieces(segments: Sequence[searching.Segment]) -> tuple[Piece, ...]:
    return tuple(Piece(text=each.text, marked=each.is_hit) for each in segments)


def _place(word: str, epoch: str) -> searching.Place:
    place = searching.Place.of(".".join(parts_of(word, epoch, "search", count=2)))
    if place is None:
        raise Refused("bad_cursor")
    return place


ROUTES = (
    read("/search", search, at=Nothing, query=SearchQuery, answers={200: SearchHits}, tag="search",
         summary="Public items by words", refusals=("bad_cursor",)),
)  # fmt: skip
