"""Feeds for the benches: RSS 2.0, escaped RSS, Atom, RDF and a few sloppy ones, the same bytes from the same numbers.

    PYTHONPATH=. .venv/bin/python bench/corpus.py --out FOLDER --feeds 200 --items 20 --phases 2

FOLDER/p0 holds a file a feed, newest item first; in p1 every feed has one item more at the top and one less at the end.
Texts are of 2 to 8 kB in a made-up language (bench/language.py).
"""

import argparse
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from pathlib import Path
from unicodedata import normalize

from bench.language import SEED, Language

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
#: Namespaces of RSS, and of RDF.
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:media="http://search.yahoo.com/mrss/"'
)
RDF = 'xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


@cache
def language() -> Language:
    """The one language of all feeds."""
    return Language()


class Item:
    """The n-th item of a feed."""

    def __init__(self, feed: int, number: int) -> None:
        rng = random.Random(f"{SEED}:{feed}:{number}")
        site = f"https://site{feed:04}.example"
        self.link = f"{site}/bai-viet/tin-{feed}-{number}.html"
        self.guid = self.link if feed % 3 else f"urn:bai:{feed}:{number}"
        self.title = _words(rng, rng.randint(8, 15)).capitalize()
        self.summary = _words(rng, rng.randint(18, 40)).capitalize() + "."
        self.at = EPOCH + timedelta(minutes=37 * number + rng.randrange(30))
        self.author, self.section = _words(rng, 2).title(), _words(rng, 2)
        self.html, size = "", rng.randint(2_000, 8_000)
        while len(self.html.encode()) < size:
            self.html += _paragraph(rng, site)


def _words(rng: random.Random, count: int) -> str:
    """Composed (NFC), as most sites write."""
    return normalize("NFC", language().text(rng, count))


def _paragraph(rng: random.Random, site: str) -> str:
    text = ". ".join(_words(rng, rng.randint(8, 28)).capitalize() for _ in range(rng.randint(2, 4)))
    match rng.randrange(10):
        case 0:
            return f'<figure><img src="{site}/anh-{rng.randrange(9_999)}.jpg" alt="{text[:40]}"/></figure>\n'
        case 1:
            return f"<ul><li>{text}</li><li><strong>{text[:50]}</strong></li></ul>\n"
        case 2:
            link = f'<a href="{site}/xem?a=1&amp;b=2">xem thêm</a>'
            return f'<p style="color:#333" onclick="track()">{text} {link}.</p>\n'
        case _:
            return f"<p>{text}.</p>\n"


def feed(number: int, phase: int = 0, items: int = 20) -> bytes:
    """The bytes of a feed as its site shows them in a phase."""
    shown = [Item(number, one) for one in range(phase + items - 1, phase - 1, -1)]
    title, site = f"Trang tin {number:04}", f"https://site{number:04}.example/"
    place = number % 50
    if 37 <= place < 45:
        return _atom(title, site, shown).encode()
    if 45 <= place < 47:
        return _rdf(title, site, shown).encode()
    text = _rss(title, site, shown, escaped=30 <= place < 37)
    match number // 50 * 3 + place - 47 if place >= 47 else -1:
        case -1:
            return text.encode()
        case sloppy if sloppy % 4 == 0:
            return text[: text.rindex("</item>")].encode()  # cut off
        case sloppy if sloppy % 4 == 1:
            return text.replace("<ttl>", "<copyright>Tin & Bài</copyright><ttl>").encode()
        case sloppy if sloppy % 4 == 2:
            return text.replace(' xmlns:media="http://search.yahoo.com/mrss/"', "").encode()
        case _:
            return ("\n \t" + text.replace("<p>", "<p>\x0b", 3)).encode()


def _rss(title: str, site: str, shown: list[Item], *, escaped: bool) -> str:
    entries = "".join(
        f"<item>\n<title>{item.title}</title>\n<link>{item.link}</link>\n"
        f'<guid isPermaLink="{str(item.guid == item.link).lower()}">{item.guid}</guid>\n'
        f"<pubDate>{format_datetime(item.at)}</pubDate>\n<dc:creator><![CDATA[{item.author}]]></dc:creator>\n"
        f"<category>{item.section}</category>\n"
        + (
            f"<description>{escape(item.html, quote=False)}</description>\n"
            if escaped
            else f"<description>{item.summary}</description>\n"
            f"<content:encoded><![CDATA[{item.html}]]></content:encoded>\n"
            f'<media:thumbnail url="{item.link}.jpg" width="320" height="180"/>\n'
        )
        + "</item>\n"
        for item in shown
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {SPACES}>\n<channel>\n<title>{title}</title>\n'
        f"<link>{site}</link>\n<description>{title}</description>\n<ttl>15</ttl>\n{entries}</channel>\n</rss>\n"
    )


def _atom(title: str, site: str, shown: list[Item]) -> str:
    entries = "".join(
        f'<entry>\n<title>{item.title}</title>\n<id>{item.guid}</id>\n<link href="{item.link}"/>\n'
        f"<published>{item.at.isoformat()}</published>\n<updated>{item.at.isoformat()}</updated>\n"
        f"<author><name>{item.author}</name></author>\n<summary>{item.summary}</summary>\n"
        f'<content type="html">{escape(item.html, quote=False)}</content>\n</entry>\n'
        for item in shown
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f'<title>{title}</title>\n<id>{site}</id>\n<link href="{site}"/>\n'
        f"<updated>{shown[0].at.isoformat()}</updated>\n{entries}</feed>\n"
    )


def _rdf(title: str, site: str, shown: list[Item]) -> str:
    places = "".join(f'<rdf:li resource="{item.link}"/>' for item in shown)
    entries = "".join(
        f'<item rdf:about="{item.link}">\n<title>{item.title}</title>\n<link>{item.link}</link>\n'
        f"<description>{item.summary}</description>\n<dc:date>{item.at.isoformat()}</dc:date>\n"
        f"<content:encoded><![CDATA[{item.html}]]></content:encoded>\n</item>\n"
        for item in shown
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF {RDF} {SPACES}>\n<channel rdf:about="{site}">\n'
        f"<title>{title}</title>\n<link>{site}</link>\n<description>{title}</description>\n"
        f"<items><rdf:Seq>{places}</rdf:Seq></items>\n</channel>\n{entries}</rdf:RDF>\n"
    )


def main() -> None:
    """Write all files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--phases", type=int, default=2)
    given = parser.parse_args()
    for phase in range(given.phases):
        folder = given.out / f"p{phase}"
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(given.feeds):
            (folder / f"{number:04}.xml").write_bytes(feed(number, phase, given.items))


if __name__ == "__main__":
    main()
