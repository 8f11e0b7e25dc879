"""From the public list of a time to a letter: what it tells is what is public at the moment of asking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connectors.presentation.text import fit
from hub.gate import outgoing
from hub.rules.digests import Digest, Letter, Listed, Period, takes
from hub.store import publishing
from hub.store.mailing import Run
from hub.store.unit import Store
from schemas.edition import PublishedItem
from schemas.item import Kind

#: Characters of an item's summary in a letter, and of a title in one.
SUMMARY, TITLE = 300, 300
#: What the hub is called in mails while `hub.name` is empty.
NAMELESS: Final = "Cổng tổng hợp thông tin"
#: Headings, in the order in which a letter has them.
KINDS: Final = {
    Kind.NEWS: "Tin, bài",
    Kind.NOTICE: "Thông báo",
    Kind.DOCUMENT: "Văn bản",
    Kind.PROCEDURE: "Thủ tục hành chính",
    Kind.QUESTION: "Hỏi đáp",
}

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), undefined=StrictUndefined,
    autoescape=lambda name: bool(name and name.endswith(".html")), trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """What all letters of a hub have in common."""

    site: str  #: what the hub is called
    base: str  #: public address of its pages, without a slash at the end
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An item as a letter shows it."""

    kind: Kind
    title: str
    member: str
    day: str
    summary: str
    link: str
    is_new: bool


async def compose(store: Store, masthead: Masthead, digest: Digest, period: Period) -> Letter | None:
    """The letter of a time; None when there is nothing to tell."""
    found = [
        each
        for each in await publishing.became_public(
            store, after=period.begin, until=period.end, only_major=digest.only_major
        )
        if takes(digest, kind=each.kind, member=each.member, tags=each.tags)
    ]
    items = [Listed(each.content_id, each.is_new) for each in found[: digest.at_most]]
    return await _letter(store, masthead, digest.title, period, items, left_out=len(found) - len(items))


async def again(store: Store, masthead: Masthead, run: Run) -> Letter | None:
    """A letter that was made, without what was withdrawn since; None when nothing is left."""
    items, left_out = run.letter.items, run.letter.left_out
    return await _letter(store, masthead, run.title, run.told, items, left_out=left_out)


async def _letter(
    store: Store, masthead: Masthead, title: str, period: Period, items: Sequence[Listed], *, left_out: int
) -> Letter | None:  # fmt: skip
    shown: list[tuple[Listed, _Entry]] = []
    for each in items:
        found = await publishing.public_item(store, each.content_id)
        if found is not None and isinstance(found.edition, PublishedItem):
            entry = _entry(outgoing(found.edition), found.public_at, masthead, is_new=each.is_new)
            shown.append((each, entry))
    if not shown:
        return None
    order = list(KINDS)
    entries = sorted((entry for _, entry in shown), key=lambda entry: order.index(entry.kind))
    begin, end = (_local(at, masthead.zone) for at in (period.begin, period.end))
    context = {
        "title": title, "site": masthead.site, "base": masthead.base, "left_out": left_out,
        "count": len(shown) + left_out, "begin": f"{begin:%H:%M ngày %d/%m/%Y}", "end": f"{end:%H:%M ngày %d/%m/%Y}",
        "parts": [(KINDS[kind], list(part)) for kind, part in groupby(entries, key=lambda entry: entry.kind)],
    }  # fmt: skip
    return Letter(
        subject=f"{title} ngày {end:%d/%m/%Y}: {len(shown) + left_out} mục",
        text=_ENVIRONMENT.get_template("digest.txt").render(context).strip() + "\n",
        html=_ENVIRONMENT.get_template("digest.html").render(context).strip() + "\n",
        items=[each for each, _ in shown], left_out=left_out,
    )  # fmt: skip


def _entry(item: PublishedItem, public_at: datetime, masthead: Masthead, *, is_new: bool) -> _Entry:
    return _Entry(
        kind=item.kind, title=_line(item.title, TITLE), member=_line(item.member_name or item.member, TITLE),
        day=f"{_local(item.published or public_at, masthead.zone):%d/%m/%Y}", summary=_line(item.summary, SUMMARY),
        link=f"{masthead.base}/items/{item.content_id}", is_new=is_new,
    )  # fmt: skip


def _line(text: str, limit: int) -> str:
    """Text of one line: a letter's lines are ours to break."""
    return fit(" ".join(text.split()), limit)


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone)
