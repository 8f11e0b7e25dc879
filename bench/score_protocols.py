"""Reads the samples of `protocols` in the corpus: sitemaps, robots.txt, OPML; every one must be read, and read right.

The samples come without expectations. For sitemaps and OPML what must come out is counted here by plain patterns; for
robots.txt it follows from RFC 9309, and is written down below.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from html import unescape
from pathlib import Path

from connectors.base import Capture, SourceContext
from connectors.errors import HubError
from connectors.parse.feeds.opml import read_opml
from connectors.parse.pages.sitemaps import form_of, read_sitemap
from connectors.parse.url import web_url
from connectors.robots import may_fetch_page, read_robots
from connectors.sources.sitemap import Config, Connector
from schemas.item import Kind

#: sample, agent, path, allowed. The RFC's own examples; agents with and without a version; groups that are merged.
ROBOTS = """
rfc9309-example-simple-robots.txt foobot /example/page.html yes
rfc9309-example-simple-robots.txt foobot /example/allowed.gif yes
rfc9309-example-simple-robots.txt foobot /example/other.html no
rfc9309-example-simple-robots.txt foobot / no
rfc9309-example-simple-robots.txt barbot /example/page.html no
rfc9309-example-simple-robots.txt bazbot /example/page.html no
rfc9309-example-simple-robots.txt bazbot /example/allowed.gif yes
rfc9309-example-simple-robots.txt quxbot /example/page.html yes
rfc9309-example-simple-robots.txt quxbot / yes
rfc9309-example-simple-robots.txt otherbot /publications/index.html yes
rfc9309-example-simple-robots.txt otherbot /publications/me.gif yes
rfc9309-example-simple-robots.txt otherbot /pictures/me.gif no
rfc9309-example-simple-robots.txt otherbot /example/index.html no
rfc9309-example-longest-match-robots.txt foobot /example/page/ yes
rfc9309-example-longest-match-robots.txt foobot /example/page/disallowed.gif no
crawl-delay-group-merging.txt mybot /private/a no
crawl-delay-group-merging.txt yourbot /private/a no
crawl-delay-group-merging.txt mybot /login/ yes
crawl-delay-group-merging.txt yourbot /login/ no
crawl-delay-group-merging.txt otherbot /private/a yes
directive-typos-robots.txt bot1 /desallow/a no
directive-typos-robots.txt bot1 /dissalow/a no
directive-typos-robots.txt bot2 /useragent/a no
directive-typos-robots.txt bot3 /useg-agent/a no
directive-typos-robots.txt bot4 /useragent-no-colon/a no
directive-typos-robots.txt bot5 /desallow/a yes
dos-line-endings.txt anybot /a yes
extended-standard-robots.txt bot1 /a yes
extended-standard-robots.txt bot4 /a yes
extension-robots.txt mybot /private/a no
extension-robots.txt mybot /secret/a yes
extension-robots.txt otherbot /admin/a no
extension-robots.txt anybot /private/a yes
many-user-agents.txt wget/1.6 / no
many-user-agents.txt BackDoorBot / no
many-user-agents.txt provincial-hub/0.1 /a yes
precedence-of-rules.txt testy /foo no
precedence-of-rules.txt testy /foo/bar yes
precedence-of-rules.txt testy /foo/bay no
precedence-of-rules.txt wget /foo yes
precedence-of-rules.txt wget /bar no
robots-with-utf16be-bom.txt anybot /profile no
robots-with-utf16be-bom.txt anybot /a/output/print no
robots-with-utf16be-bom.txt anybot /news yes
sitemap-robots-dedup.txt anybot /a yes
wildcards.txt anybot /gp/cart no
wildcards.txt anybot /gp/product/1 yes
"""
#: sample, agent, seconds between two pages.
DELAYS = {
    ("crawl-delay-group-merging.txt", "mybot"): 10.0, ("crawl-delay-group-merging.txt", "yourbot"): 0.0,
    ("crawl-delay-group-merging.txt", "otherbot"): 30.0, ("dos-line-endings.txt", "anybot"): 1.0,
}  # fmt: skip
SITEMAPS = {
    "robots-with-utf16be-bom.txt": ("http://www.newsweek.com/sitemap_index.xml",),
    "sitemap-robots-dedup.txt": ("http://example.org/sitemap.xml",),
    "extension-robots.txt": ("/sitemap.xml",),
}


@dataclass(frozen=True)
class Score:
    """How many of a kind of samples were read right, and which were not."""

    name: str
    total: int
    wrong: tuple[str, ...]

    @property
    def share(self) -> float:
        """Per cent."""
        return 100 * (self.total - len(self.wrong)) / self.total if self.total else 0.0


def protocols(corpus: Path) -> Iterator[Score]:
    """Scores for sitemaps, robots.txt and OPML."""
    samples = corpus / "protocols"
    sitemaps = [path for path in _files(samples / "sitemap-robots") if "robots" not in path.parent.name]
    yield _score("sitemaps", ((path.name, partial(_sitemap, path)) for path in sitemaps))
    yield _score("robots.txt", _robots(samples / "sitemap-robots" / "crawler-commons" / "robots"))
    lists = [*_files(samples / "opml"), *_files(corpus / "suites" / "listparser" / "opml")]
    yield _score("OPML", ((path.name, partial(_opml, path)) for path in lists))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".xml", ".rss", ".opml", ".txt"))


def _score(name: str, checks: Iterator[tuple[str, Callable[[], bool]]]) -> Score:
    wrong, total = [], 0
    for label, check in checks:
        total += 1
        try:
            right = check()
        except HubError as refused:
            label, right = f"{label}: {refused}", False
        if not right:
            wrong.append(label)
    return Score(name, total, tuple(wrong))


def _sitemap(path: Path) -> bool:
    """As many places or children as addresses stand there; a feed is read as one. Comments do not count."""
    body = path.read_bytes()
    text = re.sub(r"<!--.*?-->", "", body.decode("utf-8", "replace"), flags=re.DOTALL)
    if form_of(body, "") == "feed":
        now = datetime(2100, 1, 1, tzinfo=UTC)
        source = Connector(SourceContext(name="bench", kind=Kind.NEWS, url="https://example.org/"), Config())
        capture = Capture(url="https://example.org/", content_type="", body=body, fetched_at=now)
        return len(source.split(capture, frozenset(), now).records) == len(re.findall(r"<(?:item|entry)\b", text))
    sitemap = read_sitemap(body, url="https://example.org/sitemap.xml")
    written = [unescape(one).strip() for one in re.findall(r"<loc>(.*?)</loc>", text, re.DOTALL)]
    read = [one.address for one in sitemap.places] or [one.address for one in sitemap.children]
    return read == [web_url(one) for one in written] and bool(read)


def _robots(folder: Path) -> Iterator[tuple[str, Callable[[], bool]]]:
    for line in ROBOTS.strip().splitlines():
        name, agent, path, allowed = line.split()
        yield line, partial(_allows, folder / name, agent, path, allowed == "yes")
    for (name, agent), seconds in DELAYS.items():
        yield f"{name} {agent} delay", partial(_says, folder / name, agent, "delay", seconds)
    for name, addresses in SITEMAPS.items():
        yield f"{name} sitemaps", partial(_says, folder / name, "anybot", "sitemaps", addresses)


def _allows(sample: Path, agent: str, path: str, expected: bool) -> bool:
    return may_fetch_page(sample.read_bytes(), f"http://example.org{path}", agent) is expected


def _says(sample: Path, agent: str, what: str, expected: object) -> bool:
    return bool(getattr(read_robots(sample.read_bytes(), agent), what) == expected)


def _opml(path: Path) -> bool:
    """Each address of a feed that stands there, once."""
    body = path.read_bytes()
    text = re.sub(r"<!--.*?-->", "", body.decode("utf-8", "replace"), flags=re.DOTALL)
    written = [web_url(unescape(one)) for one in re.findall(r'\bxmlUrl\s*=\s*"([^"]*)"', text)]
    return [one.feed_url for one in read_opml(body)] == list(dict.fromkeys(filter(None, written)))


if __name__ == "__main__":
    for score in protocols(Path(__file__).resolve().parent.parent.parent / "shared" / "corpus"):
        print(f"{score.name:12} {score.total - len(score.wrong)} of {score.total}")
        for one in score.wrong:
            print("   WRONG", one)
