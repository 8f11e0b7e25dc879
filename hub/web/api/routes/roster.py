"""Who publishes, from where, and under which heads: members, sources, kinds, topics."""

from typing import Annotated

from pydantic import Field

from hub.queries import public_facts
from hub.web.api.models import Kinds, Listed, Member, Members, Source, Sources, Topics
from hub.web.api.operation import Call, Said, read
from hub.web.api.problems import Refused
from hub.web.api.values import Nothing, Shape, Whole, Word
from hub.web.pages import KINDS
from schemas.item import Kind


class MemberAt(Shape):
    """One member."""

    code: Word


class TopicsQuery(Shape):
    """How many topics."""

    limit: Annotated[Whole, Field(ge=1, le=1_000, description="the most used ones")] = 100


async def members(call: Call[Nothing, Nothing, None]) -> Said:
    """All organisations of the roster, former ones included."""
    found = await public_facts.members(call.store)
    return Said(value=Members(members=tuple(_member(one) for one in found)))


async def member(call: Call[MemberAt, Nothing, None]) -> Said:
    """One organisation."""
    found = await public_facts.members(call.store, call.at.code)
    if not found:
        raise Refused("not_found")
    return Said(value=_member(found[0]))


def _member(one: public_facts.MemberFact) -> Member:
    return Member(
        code=one.code, name=one.name, kind=one.kind, parent=one.parent, home=one.home, valid_from=one.valid_from,
        valid_until=one.valid_until, successors=tuple(one.successors), duties=tuple(map(Kind, one.duties)),
    )  # fmt: skip


async def sources(call: Call[Nothing, Nothing, None]) -> Said:
    """What the hub reads. Health and rhythm of a source are not public."""
    found = await public_facts.sources(call.store)
    return Said(
        value=Sources(
            sources=tuple(
                Source(
                    name=one.name, member=one.member, member_name=one.member_name, kind=Kind(one.kind), url=one.url,
                    last_new=one.last_new, items=one.items,
                )
                for one in found
            )
        )
    )  # fmt: skip


async def kinds(call: Call[Nothing, Nothing, None]) -> Said:
    """All kinds, those without items too."""
    counts = await public_facts.kinds(call.store)
    return Said(
        value=Kinds(kinds=tuple(Listed(name=each, label=KINDS[each], items=counts.get(each, 0)) for each in Kind))
    )


async def topics(call: Call[Nothing, TopicsQuery, None]) -> Said:
    """What members tag their items with."""
    found = await public_facts.topics(call.store, limit=call.query.limit)
    return Said(value=Topics(topics=tuple(Listed(name=tag, label=tag, items=count) for tag, count in found)))


ROUTES = (
    read("/members", members, at=Nothing, query=Nothing, answers={200: Members}, tag="members", cached=True,
         summary="The members of the province"),
    read("/members/{code}", member, at=MemberAt, query=Nothing, answers={200: Member}, tag="members", cached=True,
         summary="One member"),
    read("/sources", sources, at=Nothing, query=Nothing, answers={200: Sources}, tag="sources", cached=True,
         summary="The sources in use"),
    read("/kinds", kinds, at=Nothing, query=Nothing, answers={200: Kinds}, tag="lists", cached=True,
         summary="The kinds of items"),
    read("/topics", topics, at=Nothing, query=TopicsQuery, answers={200: Topics}, tag="lists", cached=True,
         summary="The topics of items"),
)  # fmt: skip
