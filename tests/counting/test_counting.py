"""The tally follows what happens to items: published, held, edited, withdrawn, restored, purged; killed in between."""

import asyncio
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from hub import counting
from hub.app import Hub
from hub.commands.edit import edit
from hub.commands.reject import reject
from hub.rules.editing import Changes
from hub.store import screening, tallying
from schemas.item import Attachment, Author, Document
from tests.clock import Clock
from tests.counting.ledger import Ledger
from tests.web.press import Press, id_of, news

MORNING = datetime(2026, 2, 28, 18, 30, tzinfo=UTC)  # in Vietnam it is the first of March


async def test_an_item_counts_with_what_its_text_says(press: Press, ledger: Ledger, clock: Clock) -> None:
    body = '<p>Tin</p><img src="http://a.vn/1.jpg" alt=""/><img src="http://a.vn/1.jpg"/><img src="http://a.vn/2.jpg"/>'
    files = (Attachment(url="http://a.vn/3.png", type="image/png"), Attachment(url="http://a.vn/don.pdf"))
    authors = (Author(name=" Minh An "), Author(name="Ai khác"))
    await press.publish(
        news("1", content_html=body, image="http://a.vn/2.jpg", attachments=files, authors=authors, published=MORNING)
    )
    row = await ledger.row("1")
    assert (row["member"], row["kind"], row["category"], row["state"]) == ("H52.12", "news", "news", "public")
    assert (row["photos"], row["files"], row["author"]) == (3, 1, "Minh An")
    assert (row["day"], row["dated"]) == ((MORNING + timedelta(hours=7)).date().toordinal() - 719163, 1)
    assert row["first_public"] == row["approved_at"] == row["first_seen"]


async def test_an_item_without_a_date_counts_on_the_day_it_was_seen(press: Press, ledger: Ledger, clock: Clock) -> None:
    await press.publish(news("1"))
    row = await ledger.row("1")
    assert (row["dated"], row["published"]) == (0, None)
    assert row["day"] == clock.now().date().toordinal() - 719163
    assert await ledger.count(undated=True) == 1


async def test_the_category_of_a_source_goes_before_what_its_items_say(press: Press, ledger: Ledger) -> None:
    await press.publish(news("1"), source="cong-dau-thau")
    assert (await ledger.row("1"))["category"] == "tenders"


async def test_a_held_item_counts_as_public_from_its_approval(press: Press, ledger: Ledger) -> None:
    await press.publish(news("1"), held=True)
    assert await ledger.states() == {"1": "held"}
    await press.approve("1")
    row = await ledger.row("1")
    assert row["state"] == "public"
    assert row["first_public"] == row["first_seen"] + 1_000_000


async def test_a_rejected_item_does_not_count(press: Press, ledger: Ledger, hub: Hub) -> None:
    await press.publish(news("1"), held=True)
    await reject(hub.engine, id_of("1"), who="an")
    assert await ledger.states() == {"1": "rejected"}
    assert await ledger.count() == 0


async def test_a_correction_that_waits_changes_nothing_until_it_is_approved(press: Press, ledger: Ledger) -> None:
    await press.publish(news("1", published=MORNING))
    before = await ledger.row("1")
    later = news("1", published=MORNING + timedelta(days=40), authors=(Author(name="An"),))
    await press.publish(later, held=True)
    assert await ledger.row("1") == before
    await press.approve("1")
    row = await ledger.row("1")
    assert (row["day"], row["author"]) == (before["day"] + 40, "An")
    assert row["first_public"] == before["first_public"]


async def test_an_editors_text_is_what_counts(press: Press, ledger: Ledger, hub: Hub) -> None:
    await press.publish(news("1", content_html="<p>Tin</p>"))
    changes = Changes(content_html='<p>Tin</p><img src="http://a.vn/1.jpg" alt=""/>')
    await edit(hub.engine, id_of("1"), changes, seen=1, approve=True, who="an")
    assert (await ledger.row("1"))["photos"] == 1


async def test_a_withdrawn_item_counts_no_more_and_again_when_it_comes_back(press: Press, ledger: Ledger) -> None:
    await press.publish(news("1", authors=(Author(name="An"),)))
    assert await ledger.count() == 1
    await press.withdraw("1")
    row = await ledger.row("1")
    assert (row["state"], row["author"]) == ("withdrawn", "An")
    assert await ledger.count() == 0
    await press.publish(news("1"), held=True)
    assert await ledger.states() == {"1": "held"}
    await press.approve("1")
    assert await ledger.count() == 1


async def test_a_purged_item_leaves_nothing_but_that_it_came(press: Press, ledger: Ledger, hub: Hub) -> None:
    await press.publish(news("1", authors=(Author(name="An"),), image="http://a.vn/1.jpg"))
    await ledger.rows()
    async with hub.engine.store.unit() as unit:
        await screening.purge_item(unit, id_of("1"))
    assert await hub.engine.store.fetch("SELECT * FROM tally") == []
    await press.withdraw("1")
    row = await ledger.row("1")
    assert (row["author"], row["photos"], row["likeness"]) == ("", 0, None)
    assert (row["state"], row["kind"], row["category"]) == ("withdrawn", "news", "news")


async def test_a_report_goes_on_counting_a_purged_item_and_forgets_who_wrote_it(press: Press, hub: Hub) -> None:
    await press.publish(news("1", authors=(Author(name="An"),)))
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute(
            "INSERT INTO report_item (report, content_id, line) VALUES (1, ?, ?)",
            str(id_of("1")), '{"author": "An", "kind": "news"}',
        )  # fmt: skip
        await screening.purge_item(unit, id_of("1"))
    [kept] = await hub.engine.store.fetch("SELECT line FROM report_item")
    assert orjson.loads(kept["line"]) == {"author": "", "kind": "news"}


async def test_what_a_screen_holds_gives_no_author(press: Press, ledger: Ledger, hub: Hub) -> None:
    await press.publish(news("1", authors=(Author(name="An"),)), held=True)
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE edition SET restricted = 1")
    row = await ledger.row("1")
    assert (row["author"], row["state"], row["likeness"]) == ("", "held", None)


async def test_a_document_keeps_its_day_of_signature(press: Press, ledger: Ledger) -> None:
    await press.publish(Document(guid="1", title="Quyết định", number="15/2026/QĐ-UBND", issued=MORNING.date()))
    row = await ledger.row("1")
    assert (row["category"], row["issued"]) == ("legal", MORNING.date().toordinal() - 719163)


async def test_rows_and_cursor_are_committed_together_or_not_at_all(press: Press, ledger: Ledger, hub: Hub) -> None:
    await press.publish(*(news(str(n)) for n in range(3)))
    store = hub.engine.store
    await store.seal()

    async def killed_before_the_commit() -> None:
        async with store.unit() as unit:
            events = await tallying.next_events(unit, 100)
            await tallying.renewed(unit, [row["content_id"] for row in events], counting.manner(hub.engine))
            raise RuntimeError("the process is killed here")

    with pytest.raises(RuntimeError):
        await killed_before_the_commit()
    assert await store.fetch("SELECT * FROM tally") == []
    assert await tallying.behind(store)
    assert await ledger.count() == 3
    assert not await tallying.behind(store)


async def test_catching_up_twice_changes_nothing(press: Press, ledger: Ledger, hub: Hub) -> None:
    await press.publish(news("1"), news("2"))
    before = await ledger.rows()
    assert await counting.catch_up(hub.engine) == 0
    assert await ledger.rows() == before


async def test_two_who_catch_up_at_once_count_each_event_once(press: Press, ledger: Ledger, hub: Hub) -> None:
    for n in range(12):
        await press.publish(news(str(n)))
    await hub.engine.store.seal()
    read = await asyncio.gather(*(counting.catch_up(hub.engine) for _ in range(4)))
    assert sum(read) == len(await hub.engine.store.fetch("SELECT 1 AS one FROM event"))
    assert await ledger.count() == 12


async def test_counting_again_gives_what_catching_up_gave(press: Press, ledger: Ledger, hub: Hub) -> None:
    await press.publish(*(news(str(n)) for n in range(4)))
    await press.publish(news("5"), held=True)
    await press.withdraw("1")
    await press.publish(news("2", image="http://a.vn/1.jpg"))
    before = await ledger.rows()
    await counting.begin_again(hub.engine)
    assert await hub.engine.store.fetch("SELECT * FROM tally") == []
    assert await ledger.rows() == before


async def test_an_item_that_comes_to_be_while_others_are_counted_is_left_to_its_own_event(hub: Hub) -> None:
    """PostgreSQL shows each statement what was committed before it: the edition, and not yet the item."""
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute(
            "INSERT INTO edition (content_id, revision, digest, update_type, state, body, seen_at)"
            " VALUES (?, 1, '', 'major', 'approved', '{}', ?)",
            str(id_of("moi")), unit.at,
        )  # fmt: skip
        await tallying.renewed(unit, [str(id_of("moi"))], counting.manner(hub.engine))
    assert await hub.engine.store.fetch("SELECT * FROM tally") == []
