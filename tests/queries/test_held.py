"""The review queue as a whole: how much waits, and what it can be narrowed to."""

from collections.abc import AsyncIterator

import pytest

from hub.app import Hub
from hub.queries.held import Choice, held, waiting
from hub.rules.access import NOWHERE, Scope
from tests.province import Province, rss, story
from tests.queries.reading import Reading

MANY = 300
REASONS = ("first_seen", "source_holds")


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """One story that waits as the pipeline says, and many more of three members, four sources, two kinds."""
    province.source("tin", rss(story(1)), review="hold")
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
        async with hub.engine.store.unit() as unit:
            rows = [(n, f"c{n}", n % 3, n % 4, ("news", "notice")[n % 2], REASONS[n % 2]) for n in range(MANY)]
            await unit.tx.execute_many(
                "INSERT INTO item (content_id, source, guid, kind, member, title, revision, digest, state, first_seen,"
                " changed_at) VALUES (?, ?, ?, ?, ?, 't', 1, 'd', 'live', 0, 0)",
                [(name, f"nguon-{source}", name, kind, f"M{member}") for _, name, member, source, kind, _ in rows],
            )
            await unit.tx.execute_many(
                "INSERT INTO edition (content_id, revision, digest, update_type, state, why, seen_at)"
                " VALUES (?, 1, 'd', 'major', ?, ?, 0)",
                [
                    (name, "held" if n < 200 else "approved", f'{{"review":{{"reason":"{why}","sentence":"{n}"}}}}')
                    for n, name, *_, why in rows
                ],
            )
        yield hub


async def test_the_whole_queue_is_counted_without_being_read(hub: Hub) -> None:
    store = Reading(hub.engine.store, "edition")
    found = await waiting(store)
    assert found.count == 201
    assert [code for code, _ in found.members if code.startswith("M")] == ["M0", "M1", "M2"]
    assert len(found.members) == 4
    assert found.sources == ["nguon-0", "nguon-1", "nguon-2", "nguon-3", "tin"]
    assert found.kinds == ["news", "notice"]
    assert store.rows <= 13, "of each member, source, kind and reason one"
    [first] = await held(store, limit=1)
    assert found.reasons == sorted({*REASONS, first.reason}), "as the pipeline writes it"


async def test_every_choice_that_is_offered_finds_something_and_only_of_the_own_members(hub: Hub) -> None:
    store, own = hub.engine.store, Scope(members=frozenset({"M1"}))
    found = await waiting(store, scope=own)
    assert (found.count, found.members) == (67, [("M1", "M1")])
    for choice in (
        *(Choice(source=each) for each in found.sources), *(Choice(kind=each) for each in found.kinds),
        *(Choice(reason=each) for each in found.reasons),
    ):  # fmt: skip
        assert await held(store, scope=own, choice=choice)
    assert await waiting(store, scope=NOWHERE) == type(found)(count=0, members=[], sources=[], kinds=[], reasons=[])
