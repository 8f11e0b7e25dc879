"""A story that several members tell counts once, at whoever told it first, whatever order things come and go in."""

import random
from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub import counting
from hub.app import Hub
from hub.commands.withdraw import withdraw
from hub.rules.stories import alike, likeness
from hub.store import screening
from schemas.edition import WithdrawalKind
from schemas.item import News
from tests.counting.ledger import Ledger
from tests.counting.prose import article
from tests.web.press import Press, id_of, news

DAY = datetime(2026, 2, 10, 2, tzinfo=UTC)
RNG = random.Random(11)
STORIES = [article(RNG, 14) for _ in range(4)]
HEALTH, DISTRICT, COMMUNE, PORTAL = "so-y-te-tin", "thuong-ha-tin", "xa-ha-lieu-tin", "cong-dau-thau"


def telling(guid: str, *, days: float = 0, text: str = STORIES[0], more: str = "") -> News:
    """A telling of a story, some days after its begin."""
    return news(guid, content_html=f"<p>{text}</p><p>{more}</p>", published=DAY + timedelta(days=days))


async def stories(ledger: Ledger) -> dict[str, str]:
    """Guid of each item with that of its origin."""
    await ledger.rows()
    rows = await ledger.engine.store.fetch(
        "SELECT i.guid, o.guid AS origin FROM tally t JOIN item i ON i.content_id = t.content_id"
        " JOIN item o ON o.content_id = t.story"
    )
    return {row["guid"]: row["origin"] for row in rows}


async def test_the_earliest_telling_is_the_origin_whichever_came_first(press: Press, ledger: Ledger) -> None:
    await press.publish(telling("copy", days=2), source=COMMUNE)
    assert await stories(ledger) == {"copy": "copy"}
    await press.publish(telling("first"), telling("other", text=STORIES[1]), source=HEALTH)
    await press.publish(telling("third", days=5, more="Minh An"), source=DISTRICT)
    assert await stories(ledger) == {"copy": "first", "first": "first", "other": "other", "third": "first"}
    assert await ledger.count() == 2
    assert await ledger.guids(once=False) == ["Tin third", "Tin copy"]


async def test_whoever_names_another_stands_behind_it(press: Press, ledger: Ledger) -> None:
    await press.publish(telling("early", more="(Nguồn: Sở Y tế)"), source=COMMUNE)
    await press.publish(telling("named", days=1), source=HEALTH)
    assert await stories(ledger) == {"early": "named", "named": "named"}


async def test_whoever_is_alike_is_found_as_if_all_were_compared_with_all(press: Press, ledger: Ledger) -> None:
    """Only those are compared that share the rarest of their facts; that may not change who is found."""
    rng, told = random.Random(5), list[tuple[str, News]]()
    for number in range(12):
        text = article(rng, 14)
        shorter = ". ".join(text.split(". ")[: rng.randrange(5, 14)]) + "."
        for source, words in (
            (HEALTH, text), (COMMUNE, f"{text} Minh An"), (DISTRICT, f"{text} {article(rng, 5)}"), (PORTAL, shorter)
        ):  # fmt: skip
            told.append((source, telling(f"{number} {source}", days=number / 4, text=words)))
    for source in (PORTAL, HEALTH, DISTRICT, COMMUNE):
        await press.publish(*(item for of, item in told if of == source), source=source)
    made = [(source, item.guid, likeness(item)) for source, item in told]
    group = {guid: {guid} for _, guid, _ in made}
    for (source, one, ours), (beside, other, theirs) in combinations(made, 2):
        if source != beside and ours and theirs and alike(ours, theirs) and group[one] is not group[other]:
            group[one] |= group[other]
            group |= dict.fromkeys(group[one], group[one])
    found: dict[str, set[str]] = {}
    for guid, first in (await stories(ledger)).items():
        found.setdefault(first, set()).add(guid)
    assert {frozenset(each) for each in found.values()} == {frozenset(each) for each in group.values()}
    assert sum(len(each) > 2 for each in found.values()) > 8


async def test_what_comes_long_after_is_a_story_of_its_own(press: Press, ledger: Ledger) -> None:
    await press.publish(telling("1"), source=HEALTH)
    await press.publish(telling("2", days=11), source=COMMUNE)
    assert await ledger.count() == 2


async def test_one_source_is_no_copy_of_itself(press: Press, ledger: Ledger) -> None:
    await press.publish(telling("1"), telling("2", days=1), source=HEALTH)
    assert await ledger.count() == 2


async def test_a_copy_counts_when_its_origin_goes_and_no_more_when_it_returns(
    press: Press, ledger: Ledger, hub: Hub
) -> None:
    await press.publish(telling("first"), source=HEALTH)
    await press.publish(telling("copy", days=1), source=COMMUNE)
    await press.publish(telling("last", days=2), source=DISTRICT)
    assert await ledger.guids() == ["Tin first"]
    await press.withdraw("first")
    assert await stories(ledger) == {"first": "first", "copy": "copy", "last": "copy"}
    assert await ledger.guids() == ["Tin copy"]
    await press.publish(telling("first"), source=HEALTH)
    assert await ledger.guids() == ["Tin first"]
    async with hub.engine.store.unit() as unit:
        await screening.purge_item(unit, id_of("first"))
    await ledger.rows()
    assert await ledger.guids() == ["Tin copy"]


async def test_an_edit_makes_a_copy_a_story_of_its_own(press: Press, ledger: Ledger) -> None:
    await press.publish(telling("first"), source=HEALTH)
    await press.publish(telling("copy", days=1), source=COMMUNE)
    await press.publish(telling("copy", days=1, text=STORIES[2]), source=COMMUNE)
    assert await stories(ledger) == {"first": "first", "copy": "copy"}


async def test_what_waits_is_neither_copy_nor_origin(press: Press, ledger: Ledger) -> None:
    await press.publish(telling("first"), source=HEALTH, held=True)
    await press.publish(telling("copy", days=1), source=COMMUNE)
    assert await stories(ledger) == {"first": "first", "copy": "copy"}
    assert (await ledger.row("first"))["likeness"] is None
    await press.approve("first")
    assert await stories(ledger) == {"first": "first", "copy": "first"}


STEPS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 3), st.integers(0, 15), st.sampled_from(["tell", "tell", "gone"])),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, seed=st.integers(0, 2**32))
async def test_stories_do_not_depend_on_the_order_of_what_happened(
    press: Press, ledger: Ledger, hub: Hub, steps: list[tuple[int, int, int, str]], seed: int
) -> None:
    rng = random.Random(seed)
    for item, story, days, what in steps:
        guid = f"{seed}-{item}"
        held = await hub.engine.store.fetch("SELECT state FROM item WHERE content_id = ?", str(id_of(guid)))
        if what == "tell":
            source = (HEALTH, DISTRICT, COMMUNE, PORTAL)[item % 4]
            await press.publish(telling(guid, days=days, text=STORIES[story]), source=source)
        elif held and held[0]["state"] == "live":
            await withdraw(hub.engine, id_of(guid), kind=WithdrawalKind.GONE, reason="", redirect_to="", who="an")
        if rng.random() < 0.5:
            await ledger.rows()
    rows = await ledger.rows()
    await counting.begin_again(hub.engine)
    assert await ledger.rows() == rows
