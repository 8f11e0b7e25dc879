"""Which proposal gives most: whole texts before teasers, feeds before what has to be asked for or cut out of pages.

full feed > interface of the content system > feed of teasers > sitemap with news > list pages > bare sitemap > dead
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from connectors.discovery.proposal import Candidate, Proposal, Reason, Sample, Worth
from connectors.parse.text import fold
from schemas.item import Kind

#: Items that are judged.
JUDGED: Final = 10
#: Characters from which a text is taken for a whole article.
WHOLE: Final = 400
#: A source without anything newer is dead.
DEAD_AFTER: Final = timedelta(days=365)

#: The remark of an item whose title is its address in words.
_MADE_TITLE: Final = "title_from_address"
#: What sources of other kinds are called, folded.
_KINDS: Final = (
    (re.compile(r"hoi[ -]?dap|hoi va tra loi"), Kind.QUESTION),
    (re.compile(r"thu[ -]?tuc|\btthc\b"), Kind.PROCEDURE),
    (re.compile(r"van[ -]?ban|cong[ -]?van|quyet[ -]?dinh"), Kind.DOCUMENT),
    (re.compile(r"thong[ -]?bao|moi[ -]?thau|dau[ -]?gia|lich[ -]?tiep[ -]?dan"), Kind.NOTICE),
)
_ORDER: Final = (Kind.NEWS, Kind.NOTICE, Kind.DOCUMENT, Kind.PROCEDURE, Kind.QUESTION)
_WORTH: Final = {
    Worth.FULL_FEED: Reason("nguồn tin có toàn văn", "a feed with whole texts"),
    Worth.INTERFACE: Reason(
        "giao diện lập trình của hệ quản trị nội dung, có toàn văn", "the content system's interface, with whole texts"
    ),
    Worth.TEASER_FEED: Reason("nguồn tin chỉ có tóm tắt", "a feed of teasers"),
    Worth.TEASER_INTERFACE: Reason(
        "giao diện lập trình của hệ quản trị nội dung, chỉ có tóm tắt", "the content system's interface, teasers only"
    ),
    Worth.NEWS_SITEMAP: Reason("sơ đồ trang (sitemap); toàn văn đọc từ trang bài", "a sitemap; texts from the pages"),
    Worth.SITEMAP: Reason(
        "sơ đồ trang (sitemap) không ghi tiêu đề; tiêu đề và toàn văn đọc từ trang bài",
        "a sitemap without titles; titles and texts from the pages",
    ),
    Worth.LISTING: Reason("trang danh sách; toàn văn đọc từ trang bài", "a list page; texts from the pages"),
}
_TEASERS: Final = Reason(
    'chỉ có tóm tắt: đã thêm article = { fetch = "teaser" } để đọc toàn văn từ trang bài',
    'teasers only: article = { fetch = "teaser" } reads the whole texts from the pages',
)
_UNDATED: Final = Reason("phần lớn mục không có ngày", "most items have no date")


def judge(candidate: Candidate, sample: Sample, now: datetime) -> Proposal:
    """What a candidate is worth, from what it showed."""
    items = sample.items[:JUDGED]
    dates = [item.published for item in sample.items if item.published is not None]
    newest = max(dates, default=None)
    whole = bool(items) and 2 * sum(item.text >= WHOLE for item in items) >= len(items)
    titled = 2 * sum(_MADE_TITLE not in item.remarks for item in items) > len(items)
    worth = _living_worth(candidate.connector, whole, titled)
    notes = []
    if items and 2 * sum(item.published is None for item in items) > len(items):
        notes.append(_UNDATED)
    if sample.refused:
        notes.append(Reason(f"{sample.refused} mục không đọc được", f"{sample.refused} records cannot be read"))
    reads_pages = worth in (Worth.TEASER_FEED, Worth.TEASER_INTERFACE)
    if reads_pages:
        notes.append(_TEASERS)
    what = _WORTH[worth]
    if not sample.items:
        worth, what = Worth.DEAD, Reason("không có mục nào", "nothing in it")
    elif newest is not None and now - newest > DEAD_AFTER:
        worth = Worth.DEAD
        what = Reason(f"đã ngừng: tin mới nhất từ {newest:%d/%m/%Y}", f"dead: newest of {newest:%Y-%m-%d}")
    return Proposal(
        candidate=candidate,
        sample=sample,
        worth=worth,
        kind=kind_of(candidate.title, candidate.url),
        reason=Reason(f"{candidate.found.vi}; {what.vi}", f"{candidate.found.en}; {what.en}"),
        remarks=tuple(notes),
        read_pages=reads_pages,
    )


def _living_worth(connector: str, whole: bool, titled: bool) -> Worth:
    match connector:
        case "feed":
            return Worth.FULL_FEED if whole else Worth.TEASER_FEED
        case "sitemap":
            return Worth.NEWS_SITEMAP if titled else Worth.SITEMAP
        case "listing":
            return Worth.LISTING
    return Worth.INTERFACE if whole else Worth.TEASER_INTERFACE


def kind_of(*names: str) -> Kind:
    """What a source's items are, from what it is called; news where nothing says otherwise."""
    for name in names:
        folded = fold(name)
        for pattern, kind in _KINDS:
            if pattern.search(folded):
                return kind
    return Kind.NEWS


def ranked(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Best first: by worth, then news before other kinds, then in the order they were found; the same twice is one."""
    kept: dict[tuple[Worth, tuple[str, ...]], Proposal] = {}
    for proposal in proposals:
        shown = tuple(f"{item.title} {item.published}" for item in proposal.sample.items[:JUDGED])
        kept.setdefault((proposal.worth, shown or (proposal.candidate.url,)), proposal)
    return sorted(kept.values(), key=lambda proposal: (proposal.worth, _ORDER.index(proposal.kind)))
