"""One member site's newsroom: writes, corrects and withdraws articles, and shows a sliding window of them as a feed.

The window slides honestly. An article leaves it only after the reader has shown, by a conditional request with the ETag
of a complete answer, that it kept that answer: whoever says so and lost the body loses the article for good.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Literal
from xml.sax.saxutils import escape

Format = Literal["rss", "atom", "json"]
CONTENT_TYPES: dict[Format, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
}
TOPICS = ("Họp báo", "Kế hoạch", "Tập huấn", "Khánh thành", "Tiếp công dân", "Phòng chống lụt bão", "Tuyển dụng")


@dataclass(slots=True)
class Article:
    """One article as the site has it now."""

    number: int
    published: datetime
    updated: datetime
    title: str
    version: int = 1
    gone: datetime | None = None
    changed_in: int = 0  #: the document that first showed its present state


@dataclass(slots=True)
class Newsroom:
    """The articles of one site and the document that lists the newest of them."""

    name: str
    base: str  #: address of the site, without a slash at the end
    format: Format
    validators: bool  #: whether answers carry an ETag
    size: int  #: articles in the window at most
    batches: bool  #: posts a whole window at once, and then nothing for long: what was missed is gone
    chance: Random
    teasers: bool = False  #: the list says little: the text stands on each article's page
    articles: dict[int, Article] = field(default_factory=dict)
    window: list[int] = field(default_factory=list)  #: newest first
    tombstones: list[int] = field(default_factory=list)
    document: int = 0  #: counts the states of the list
    kept: int = 0  #: newest document that the reader has shown to have kept
    changed_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    @property
    def etag(self) -> str:
        """Validator of the present document."""
        return f'"{self.name}-{self.document}"'

    def acknowledged(self, etag: str) -> None:
        """The reader asked with this validator after a complete answer: it holds that document."""
        number = etag.strip('"').rpartition("-")[2]
        if number.isdigit():
            self.kept = max(self.kept, min(int(number), self.document))

    def news(self) -> int:
        """Publish as this newsroom does; tells how many articles."""
        if not self.batches:
            return int(self.publish())
        if self.chance.random() > 0.15:
            return 0
        return sum(self.publish() for _ in range(self.size))

    def publish(self) -> bool:
        """A new article, one in eight back-dated to last month. False while the window cannot slide."""
        now = datetime.now(UTC)
        while len(self.window) >= self.size:
            last = self.articles[self.window[-1]]
            if not self.validators or last.changed_in > self.kept:
                return False
            self.window.pop()
        number = len(self.articles) + 1
        dated = now
        if self.chance.random() < 0.125:
            dated = now - timedelta(days=self.chance.randint(2, 40), minutes=self.chance.randint(0, 600))
        title = f"{self.chance.choice(TOPICS)} số {number} của {self.name}"
        self._touched(now)
        self.articles[number] = Article(number, dated, now, title, changed_in=self.document)
        place = next((i for i, n in enumerate(self.window) if self.articles[n].published <= dated), len(self.window))
        self.window.insert(place, number)
        return True

    def edit(self) -> bool:
        """Correct one article of the window: half of the time only its mark-up, else its title too."""
        if not self.window or (self.batches and self.chance.random() > 0.1):
            return False
        article = self.articles[self.chance.choice(self.window)]
        self._touched(datetime.now(UTC))
        article.version += 1
        article.updated, article.changed_in = self.changed_at, self.document
        if self.chance.random() < 0.5:
            article.title = f"{article.title.partition(' (')[0]} (đính chính lần {article.version})"
        return True

    def withdraw(self) -> bool:
        """Take one article back with a tombstone; only Atom can say so."""
        if self.format != "atom" or len(self.window) < 4:
            return False
        number = self.chance.choice(self.window)
        self._touched(datetime.now(UTC))
        article = self.articles[number]
        article.gone, article.changed_in = self.changed_at, self.document
        self.window.remove(number)
        self.tombstones = [n for n in self.tombstones if self.articles[n].changed_in > self.kept] + [number]
        return True

    def url(self, number: int) -> str:
        """Address of an article: its identity in every ledger."""
        return f"{self.base}/tin-{number}.html"

    def shown(self) -> dict[str, int]:
        """What the document lists: version by address."""
        return {self.url(n): self.articles[n].version for n in self.window}

    def withdrawn(self) -> list[str]:
        """Addresses that the document calls gone."""
        return [self.url(n) for n in self.tombstones]

    def render(self, *, empty: bool = False) -> bytes:
        """The document; `empty` as a site shows it whose database is away."""
        articles = [] if empty else [self.articles[n] for n in self.window]
        gone = [] if empty else [self.articles[n] for n in self.tombstones]
        match self.format:
            case "rss":
                return self._rss(articles).encode()
            case "atom":
                return self._atom(articles, gone).encode()
            case "json":
                return self._json(articles).encode()

    def page(self, number: int) -> bytes | None:
        """The page of an article; None when it was taken back or never was."""
        article = self.articles.get(number)
        if article is None or article.gone:
            return None
        text = "".join(f"<p>{_TEXT} {said(article.version)}</p>" for _ in range(5))
        return (
            f"<!doctype html><html lang='vi'><head><title>{escape(article.title)}</title></head><body><nav><a href='/'>"
            f"Trang chủ</a></nav><article><h1>{escape(article.title)}</h1><div>{text}</div></article></body></html>"
        ).encode()

    def _touched(self, now: datetime) -> None:
        self.document += 1
        self.changed_at = max(now, self.changed_at)

    def _body(self, article: Article) -> str:
        return f"<p>Nội dung của tin số {article.number} do {self.name} đăng, bản thứ {article.version}.</p>" * 3

    def _rss(self, articles: Sequence[Article]) -> str:
        items = "".join(
            f"<item><title>{escape(a.title)}</title><link>{self.url(a.number)}</link>"
            f'<guid isPermaLink="false">{self.name}-{a.number}</guid>'
            f"<category>{mark(a.version)}</category><pubDate>{format_datetime(a.published)}</pubDate>"
            f"<description>{escape(self._body(a))}</description></item>\n"
            for a in articles
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
            f"<title>Tin của {self.name}</title><link>{self.base}/</link><description>Tin</description>\n"
            f"{items}</channel></rss>"
        )

    def _atom(self, articles: Sequence[Article], gone: Sequence[Article]) -> str:
        entries = "".join(
            f"<entry><id>tag:{self.name},2026:{a.number}</id><title>{escape(a.title)}</title>"
            f'<link href="{self.url(a.number)}"/><category term="{mark(a.version)}"/>'
            f"<published>{a.published.isoformat()}</published><updated>{a.updated.isoformat()}</updated>"
            f'<content type="html">{escape(self._body(a))}</content></entry>\n'
            for a in articles
        )
        deleted = "".join(
            f'<at:deleted-entry ref="tag:{self.name},2026:{a.number}" when="{a.gone.isoformat()}"/>\n'
            for a in gone
            if a.gone
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"'
            ' xmlns:at="http://purl.org/atompub/tombstones/1.0">'
            f"<id>tag:{self.name},2026:feed</id><title>Tin của {self.name}</title>"
            f"<updated>{self.changed_at.isoformat()}</updated>\n{deleted}{entries}</feed>"
        )

    def _json(self, articles: Sequence[Article]) -> str:
        items = [
            {
                "id": f"{self.name}-{a.number}", "url": self.url(a.number), "title": a.title,
                "content_html": self._body(a), "tags": [mark(a.version)],
                "date_published": a.published.isoformat(), "date_modified": a.updated.isoformat(),
            }
            for a in articles
        ]  # fmt: skip
        head = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": f"Tin của {self.name}",
            "home_page_url": self.base,
        }
        return json.dumps(head | {"items": items}, ensure_ascii=False)


_TEXT = "Ủy ban nhân dân xã phối hợp với các ngành chức năng tổ chức thực hiện kế hoạch trên địa bàn toàn xã."


def said(version: int) -> str:
    """How the page of an article tells its version."""
    return f"Đây là nội dung của bản thứ {version}, do phòng chuyên môn cung cấp."


def mark(version: int) -> str:
    """The tag by which every copy of an article tells its version."""
    return f"bản {version}"


def version_of(tags: Sequence[str]) -> int:
    """The version that a copy's tags tell; 0 = none."""
    return next((int(tag[4:]) for tag in tags if tag.startswith("bản ") and tag[4:].isdigit()), 0)
