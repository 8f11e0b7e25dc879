"""Every number is the length of its list, and sums add up to it, whatever is asked; a report's numbers are frozen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.app import Hub
from hub.queries.filters import BadFilterError, Filter
from hub.queries.tallies import BATCH, Key, counted, listed, summed
from hub.rules.access import Scope
from hub.rules.coverage import Group
from hub.store.states import TallyState
from schemas.item import Author, Document, Kind, Notice
from tests.counting.ledger import YEAR, Ledger
from tests.queries.reading import Reading
from tests.web.press import Press, id_of, news

START = datetime(2026, 1, 10, 3, tzinfo=UTC)

FILTERS = st.builds(
    Filter,
    st.sampled_from([date(2026, 1, 1), date(2026, 1, 12)]), st.sampled_from([date(2026, 1, 14), date(2026, 12, 31)]),
    state=st.sampled_from(TallyState), member=st.sampled_from(["", "H52.12", "H52.30", "H52.99"]),
    group=st.sampled_from(["", *Group]), category=st.sampled_from(["", "-", "news", "documents", "legal", "tenders"]),
    kind=st.sampled_from(["", *Kind]), author=st.sampled_from(["", "An", "Bình & Minh"]),
    source=st.sampled_from(["", "so-y-te-tin"]), once=st.sampled_from([True, False, None]), undated=st.booleans(),
    photos=st.booleans(),
)  # fmt: skip
#: Most combinations choose nothing: a few fields at a time.
NAMES: Final = ("state", "member", "group", "category", "kind", "author", "source", "once", "undated", "photos")
FEW = st.tuples(FILTERS, st.sets(st.sampled_from(NAMES), max_size=2))
BY: Sequence[Sequence[Key]] = (["category", "member"], ["month"], ["top", "group"], ["author"], ["day", "kind"], [])


def chosen(pair: tuple[Filter, set[str]]) -> Filter:
    filter, names = pair
    return Filter(filter.first, filter.last, **{name: getattr(filter, name) for name in names})


async def province(press: Press) -> None:
    """Some of everything."""
    for n, source in enumerate(["so-y-te-tin", "thuong-ha-tin", "xa-ha-lieu-tin", "cong-dau-thau"]):
        when = START + timedelta(days=n)
        author = (Author(name=["An", "Bình & Minh"][n % 2]),)
        items = [
            news(f"{source}-1", published=when, authors=author, image="http://a.vn/1.jpg"),
            Notice(guid=f"{source}-2", title="Thông báo", published=when + timedelta(days=2)),
            Document(guid=f"{source}-3", title="Quyết định", number=f"{n}/2026/QĐ-UBND", published=when),
            Document(guid=f"{source}-4", title="Công văn", number=f"{n}/UBND-VX"),
        ]
        await press.publish(*items, source=source)
        await press.publish(news(f"{source}-5", published=when), source=source, held=True)
    await press.withdraw("so-y-te-tin-2")


@pytest.fixture
async def told(press: Press, ledger: Ledger, hub: Hub) -> Ledger:
    await province(press)
    await ledger.rows()
    async with hub.engine.store.unit() as unit:  # one story of two members
        await unit.tx.execute("UPDATE tally SET story = content_id WHERE story = ''")
        await unit.tx.execute(
            "UPDATE tally SET story = ? WHERE content_id = ?",
            str(id_of("so-y-te-tin-1")),
            str(id_of("xa-ha-lieu-tin-1")),
        )
    await ledger.freeze(7, once=None)
    return ledger


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filter=FEW.map(chosen))
async def test_a_number_is_the_length_of_its_list_and_the_total_of_its_sums(told: Ledger, filter: Filter) -> None:
    store, categories = told.engine.store, told.engine.categories
    for report in (None, 7):
        asked = replace(filter, report=report)
        number = await counted(store, asked, categories=categories)
        page = await listed(store, asked, categories=categories, limit=100)
        assert (len(page.items), page.after) == (number, "")
        for by in BY:
            assert sum(one.items for one in await summed(store, asked, by, categories=categories)) == number


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filter=FEW.map(chosen))
async def test_a_report_counts_as_the_day_on_which_it_was_made(told: Ledger, filter: Filter) -> None:
    store, categories = told.engine.store, told.engine.categories
    kept = replace(filter, report=7)
    if filter.state is TallyState.PUBLIC:
        now = await listed(store, filter, categories=categories, limit=100)
        then = await listed(store, kept, categories=categories, limit=100)
        assert now == then
        for by in BY:
            assert await summed(store, filter, by, categories=categories) == await summed(
                store, kept, by, categories=categories
            )


@given(filter=FEW.map(chosen), report=st.sampled_from([None, 1, 12]))
def test_a_filter_is_written_and_read_in_one_way(filter: Filter, report: int | None) -> None:
    filter = replace(filter, report=report)
    assert Filter.read(dict(parse_qsl(filter.query()))) == filter


@pytest.mark.parametrize(
    "query", ["", "first=2026-01-01", "first=2026-02-30&last=2026-03-01", "first=2026-02-02&last=2026-02-01",
              "first=2026-01-01&last=2026-01-02&state=gone", "first=2026-01-01&last=2026-01-02&report=x",
              "first=2026-01-01&last=2026-01-02&once=2", "first=2026-01-01&last=2026-01-02&kind=cat"],
)  # fmt: skip
def test_an_address_that_names_no_list_is_refused(query: str) -> None:
    with pytest.raises(BadFilterError):
        Filter.read(dict(parse_qsl(query)))


async def test_a_place_that_is_none_is_refused(told: Ledger) -> None:
    with pytest.raises(BadFilterError):
        await listed(told.engine.store, Filter(*YEAR), categories=told.engine.categories, after="x.y")


async def test_a_list_is_read_page_by_page(told: Ledger) -> None:
    one, three = await told.guids(limit=1), await told.guids(limit=3)
    assert one == three
    assert await told.guids(limit=1, report=7) == one


async def test_a_large_report_is_read_in_parts_and_its_numbers_agree(told: Ledger) -> None:
    store, categories = Reading(told.engine.store, "report_item"), told.engine.categories
    async with store.unit() as unit:
        await unit.tx.execute(
            "INSERT INTO report_item (report, content_id, line)"
            " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)"
            " SELECT 8, substr(l.content_id, 1, 30) || n.i, l.line FROM report_item l CROSS JOIN n WHERE l.report = 7"
        )
    [kept] = await store.fetch("SELECT count(*) AS n FROM report_item WHERE report = 8")
    small, large = Filter(*YEAR, report=7, once=None), Filter(*YEAR, report=8, once=None)
    number = 600 * await counted(store, small, categories=categories)
    assert kept["n"] > 2 * BATCH
    assert await counted(store, large, categories=categories) == number
    for by in BY:
        sums = await summed(store, small, by, categories=categories)
        assert await summed(store, large, by, categories=categories) == [
            replace(one, items=600 * one.items, photos=600 * one.photos, files=600 * one.files) for one in sums
        ]
    first = await listed(store, large, categories=categories, limit=900)
    second = await listed(store, large, categories=categories, limit=number, after=first.after)
    ids = [(-one.counted.day.toordinal(), one.counted.content_id) for one in (*first.items, *second.items)]
    assert len(set(ids)) == number
    assert ids == sorted(ids)
    assert store.most == BATCH


async def test_parts_add_up_to_their_category(told: Ledger) -> None:
    sums = await told.sums(["category"])
    assert sums["legal",][0] + sums["directives",][0] == await told.count(category="documents")
    assert (await told.sums(["top"]))["documents",][0] == await told.count(category="documents")


async def test_a_story_counts_once_at_its_origin(told: Ledger) -> None:
    assert await told.guids(once=False) == ["Tin xa-ha-lieu-tin-1"]
    assert await told.count(once=None) == await told.count() + 1
    assert await told.count(member="H52.30", once=None) == await told.count(member="H52.30") + 1


async def test_districts_are_a_group_of_their_own(told: Ledger) -> None:
    groups = {key: sums[0] for key, sums in (await told.sums(["group", "member"])).items()}
    assert set(groups) == {
        ("department", "H52.12"), ("district", "H52.20"), ("commune", "H52.30"), ("other", "H52.40")
    }  # fmt: skip
    assert await told.count(group="district") == groups["district", "H52.20"]


async def test_whoever_sees_one_member_counts_no_other(told: Ledger) -> None:
    scope = Scope(members=frozenset({"H52.30"}))
    assert await told.count(scope) == await told.count(member="H52.30")
    assert await told.count(scope, report=7) == await told.count(member="H52.30", report=7)
    assert await told.count(scope, member="H52.12") == 0


async def test_what_happens_later_changes_nothing_in_a_report(told: Ledger, press: Press, hub: Hub) -> None:
    before, sums = await told.guids(report=7), await told.sums(["member", "category"], report=7)
    await press.withdraw("so-y-te-tin-1")
    await press.publish(news("xa-ha-lieu-tin-1", published=START + timedelta(days=90)), source="xa-ha-lieu-tin")
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE member SET kind = 'other', name = 'Tên mới'")
    assert await told.guids() != before
    assert (await told.guids(report=7), await told.sums(["member", "category"], report=7)) == (before, sums)
