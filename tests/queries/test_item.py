"""An item that its source touches every hour: a page reads the newest editions, the public one, those asked for."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson
import pytest

from hub.app import Hub
from hub.queries.conflicts import texts
from hub.queries.item import NEWEST, item_file, item_trace
from hub.queries.trace import named, trace
from hub.store import editing
from tests.province import Province, row, rss, story
from tests.queries.reading import Reading

MANY, PUBLIC = 2 * NEWEST + 50, 3


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """One item with so many editions, of which an early one is public and the last one waits."""
    province.source("tin", rss(story(1)), review="hold")
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
        kept = await row(hub, "edition")
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute_many(
                "INSERT INTO edition (content_id, revision, digest, update_type, state, body, why, seen_at)"
                " VALUES (?, ?, 'd', 'minor', ?, ?, '{}', ?)",
                [(kept["content_id"], n, _state(n), kept["body"], n) for n in range(2, MANY + 1)],
            )
            await unit.tx.execute("UPDATE edition SET state = 'superseded' WHERE revision = 1")
            await unit.tx.execute("UPDATE item SET revision = ?, approved_revision = ?", MANY, PUBLIC)
            for n in range(MANY):
                unit.tell("edition_superseded", content_id=kept["content_id"], revision=n + 1)
        yield hub


def _state(number: int) -> str:
    return "approved" if number == PUBLIC else "held" if number == MANY else "superseded"


async def content_id(hub: Hub) -> UUID:
    return UUID((await row(hub, "item"))["content_id"])


async def test_the_pages_of_an_item_read_what_they_show(hub: Hub) -> None:
    store, identity = Reading(hub.engine.store, "edition"), await content_id(hub)
    file = await item_file(store, identity)
    assert file is not None
    assert store.rows == NEWEST + 2, "with the public one, and their number"
    assert file.count == MANY
    assert [each.revision for each in file.editions] == [*range(MANY, MANY - NEWEST, -1), PUBLIC]
    assert file.public is not None
    assert file.public.item is not None
    assert file.edition(7) is None
    file = await item_file(store, identity, also=(7, -1, 0, MANY, MANY + 1, 2**62))
    assert file is not None
    assert file.edition(7) is not None
    assert len(file.editions) == NEWEST + 2


async def test_who_edits_meets_what_is_in_force_however_old_it_is(hub: Hub) -> None:
    store, identity = Reading(hub.engine.store, "edition"), await content_id(hub)
    kept = await editing.editions(store, identity)
    assert store.rows == NEWEST + 1
    assert [each.revision for each in kept[-2:]] == [MANY - NEWEST + 1, PUBLIC]
    known = await texts(hub.engine.store, identity)
    assert (known.newest.revision, known.public) == (MANY, kept[-1].item)


async def test_a_page_shows_the_end_of_the_story_and_a_command_all_of_it(hub: Hub) -> None:
    store, identity = hub.engine.store, await content_id(hub)
    shown = await item_trace(store, identity)
    assert shown is not None
    assert [each.revision for each in shown.editions] == [*range(MANY - NEWEST + 1, MANY + 1)]
    assert [each.revision for each in shown.events] == [*range(MANY - NEWEST + 1, MANY + 1)]
    [whole] = await trace(store, str(identity))
    assert (whole.editions[-NEWEST:], whole.events[-NEWEST:]) == (shown.editions, shown.events)
    assert [each.revision for each in whole.editions] == [*range(1, MANY + 1)]
    item = await row(hub, "item")
    assert await named(store, item["guid"]) == [(str(identity), item["member"])]
    assert orjson.loads((await row(hub, "edition", revision=1))["why"])["review"] == whole.editions[0].why["review"]
