"""Marks of state secrets by every way in: of what may be kept nowhere no word is found anywhere, and decoys pass.

Each text has a word of its own, which stands in its title, its text and its file. After everything was polled, pushed,
fetched, read and delivered it is looked for in all tables, kept files, the database's own files, the log, and at all
places that readers reach. HUB_JOURNEYS=long takes 300 forms and 300 decoys by each way instead of a few.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

import orjson
import pytest

from connectors.base import Capture
from hub.app import Hub
from hub.rules.screen.verdict import Outcome
from hub.stages.deliver import Deliver
from hub.stages.enrich import Enrich
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store import receiving, screening
from tests.fakes.documents import docx, paragraph
from tests.journeys.leaks import files, leaks, public, tables
from tests.province import Province, Story, rows, rss, turn
from tests.screens.decoys import decoys
from tests.screens.forms import forms
from tests.screens.office import Sample

LONG = os.environ.get("HUB_JOURNEYS") == "long"
FORMS, SEED = (300, 2026) if LONG else (8, 1)
#: Texts of one list: a feed that shows more than 500 is read in part.
LIST = 200
HTML = "text/html; charset=utf-8"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

Way = Callable[[Province, Sequence[Sample]], None]


def story_of(sample: Sample, place: int, *, text: str | None = None, link: str = "") -> Story:
    link = link or f"https://syt.gov.vn/tin/{place}.html"
    return Story(guid=f"tin-{place}", title=sample.title, text=sample.html if text is None else text, link=link)


def lists(stories: Sequence[Story]) -> Iterator[tuple[str, list[Story]]]:
    """The stories of each source."""
    for start in range(0, len(stories), LIST):
        yield f"tin-{start // LIST}", list(stories[start : start + LIST])


def by_feed(province: Province, samples: Sequence[Sample]) -> None:
    for name, some in lists([story_of(one, place) for place, one in enumerate(samples)]):
        province.source(name, rss(*some))


def by_page(province: Province, samples: Sequence[Sample]) -> None:
    _pages(province, samples, lambda sample, place: page(sample.title, sample.html))


def by_file(province: Province, samples: Sequence[Sample]) -> None:
    def with_file(sample: Sample, place: int) -> bytes:
        body = docx("".join(paragraph(line) for line in sample.file_text.splitlines()))
        url = province.site.serve(f"/tep/{place}.docx", body, content_type=DOCX)
        return page(sample.title, f"{sample.clean_html}<p><a href='{url}'>Tệp đính kèm</a></p>")

    _pages(province, samples, with_file, files=True)


def _pages(
    province: Province, samples: Sequence[Sample], made: Callable[[Sample, int], bytes], **article: bool
) -> None:
    for place, sample in enumerate(samples):
        province.site.serve(f"/tin/{place}.html", made(sample, place), content_type=HTML)
    listed = [
        story_of(one, place, text=one.summary, link=f"{province.site.origin}/tin/{place}.html")
        for place, one in enumerate(samples)
    ]
    for name, some in lists(listed):
        province.source(name, rss(*some), article={"fetch": "always", **article})


def by_inbox(province: Province, samples: Sequence[Sample]) -> None:
    secret = "khoa-hop-nhan-cua-so-y-te-2026-du-dai"
    for start in range(0, len(samples), LIST):  # to one source all at once would be a flood, which waits for a person
        province.source(f"tin-{start // LIST}", connector="inbox", url="https://syt.gov.vn/", secret=secret)


def page(title: str, html: str) -> bytes:
    return (
        f"<!doctype html><html lang='vi'><head><title>{escape(title)}</title></head><body><header><a href='/'>Trang"
        f" chủ</a></header><main><article><h1>{escape(title)}</h1><div class='noi-dung'>{html}</div></article></main>"
        "<footer>Bản quyền thuộc Sở Y tế</footer></body></html>"
    ).encode()


async def push(hub: Hub, samples: Sequence[Sample]) -> None:
    """What a member would send to its inbox."""
    items = [
        {"guid": f"tin-{place}", "title": one.title, "url": f"https://syt.gov.vn/tin/{place}.html",
         "summary": one.summary, "content_html": one.html}
        for place, one in enumerate(samples)
    ]  # fmt: skip
    for start in range(0, len(items), LIST):
        capture = Capture(
            url="https://syt.gov.vn/", content_type="application/json",
            body=orjson.dumps({"items": items[start : start + LIST]}), fetched_at=hub.engine.store.now(),
        )  # fmt: skip
        source = f"tin-{start // LIST}"
        await receiving.pushed(hub.engine.store, source, capture, signature=f"{start:064}", per_minute=60)


def named(found: set[tuple[str, str]], samples: Sequence[Sample]) -> list[str]:
    """What leaked, once each, with a place: the forms, not their words."""
    names = {one.needle: one.name for one in samples}
    return sorted({f"{names[needle]}: {place.partition('.')[0]}" for needle, place in found})


async def work(province: Province, hub: Hub) -> None:
    """Until nothing is due: everything that came is read, its pages and files fetched, and delivered."""
    stages = [Harvest(hub.engine), Normalise(hub.engine), Enrich(hub.engine), Deliver(hub.engine, "portal")]
    while any([await turn(stage) for stage in stages]):
        continue
    await screening.scrub(hub.engine.store, hub.engine.files, thorough=True)


@pytest.mark.timeout(1_800 if LONG else 120)
@pytest.mark.parametrize("way", [by_feed, by_page, by_file, by_inbox])
async def test_no_word_of_what_is_marked_is_found_anywhere(
    province: Province, tmp_path: Path, way: Way, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Two polls: at the second all of it comes again, and more."""
    caplog.set_level(logging.DEBUG)
    # Seeds of their own: with the same one two may get the same word, and nobody could tell which of them is found.
    marked, harmless = forms(SEED, FORMS), decoys(SEED + 1, FORMS)
    samples = [one for pair in zip(harmless, marked, strict=True) for one in pair]
    assert len({one.needle for one in samples}) == len(samples)
    way(province, samples)
    province.route(province.destination())
    async with province.open() as hub:
        if way is by_inbox:
            await push(hub, samples)
        await work(province, hub)
        first = {row["fingerprint"]: row["times"] for row in await rows(hub, "alarm")}
        if way is by_feed:  # the same list once more, with one story in front
            more = [Story(guid="moi", title="Tin mới", text="Một tin mới.", link="https://syt.gov.vn/tin/moi.html")]
            again = [story_of(one, place) for place, one in enumerate(samples)][:LIST]
            province.site.serve("/tin-0.rss", rss(*more, *again))
            province.clock.advance(hours=1)
            await work(province, hub)
            assert {row["fingerprint"] for row in await rows(hub, "alarm")} == set(first)
        database = hub.engine.store.database
        purged = [one.needle for one in marked if one.outcome is Outcome.PURGE]
        stopped = [one.needle for one in marked if one.outcome is not None]
        assert purged
        assert named(leaks(await tables(database), purged), samples) == []
        everywhere = ["/?limit=1000", "/?format=atom", "/feed.atom", "/feed.rss", "/feed.json", "/sitemap.xml"]
        seen = [(path, text) for path, text in await public(hub, *everywhere)]
        portal = [(key, str(held.body)) for key, held in province.portal.held.items() if held.body]
        portal += [("effects", str(province.portal.effects))]
        log = [("log", caplog.text + "".join(capfd.readouterr()))]
        assert named(leaks(iter([*seen, *portal, *log]), stopped), samples) == []
        shown = {needle for needle, _ in leaks(iter(portal), [one.needle for one in harmless])}
        held = [one.name for one in harmless if one.needle not in shown]
        assert len(held) <= len(harmless) / 100, held
        assert await rows(hub, "alarm")
    if database.dialect == "sqlite":
        assert leaks(files(tmp_path), purged) == set()
    else:
        assert leaks(files(tmp_path / "var"), purged) == set()


def test_the_word_would_be_found() -> None:
    """A checker that has not been seen to fail proves nothing."""
    texts = iter([("edition.body", "Kế hoạch Sao-Hôm năm nay"), ("log", "")])
    assert leaks(texts, ["sao-hôm", "khác"]) == {("sao-hôm", "edition.body")}
