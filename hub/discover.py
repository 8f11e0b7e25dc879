"""How a site can be read: asks it through the hub's client, reads every proposal as a poll would, writes nowhere.

connectors/discovery/search.py ──▶ this: fetch · read in a child process ──▶ findings, and entries for settings.toml
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from pydantic import ValidationError

from connectors.base import Capture
from connectors.discovery.proposal import Candidate, Findings, Proposal, Sample, SampleItem
from connectors.discovery.search import search
from connectors.errors import ConfigError
from connectors.http import FEEDS, PAGES, Http
from connectors.parse.html import plain
from connectors.parse.text import fold
from connectors.parse.url import canonical_url, host_of, web_url
from connectors.registry import known
from hub.engine import SourceInForce
from hub.reader import Reader
from hub.reading import Job, Read
from hub.settings import MemberSettings, Settings, SourceSettings
from hub.settings.writing import Value, table
from hub.sources import source_in_force
from schemas.item import Kind

#: What the end of a source's name says of its kind.
_WORDS = {
    Kind.NEWS: "tin-tuc", Kind.NOTICE: "thong-bao", Kind.DOCUMENT: "van-ban", Kind.PROCEDURE: "thu-tuc",
    Kind.QUESTION: "hoi-dap",
}  # fmt: skip
#: Stands in an entry for a member that nobody named; no code, so that `hub check` asks for one.
UNKNOWN_MEMBER = "?"
_NAME_LIMIT = 63
#: Pages of one candidate that are read until one has items: an index of sitemaps comes before the first of them.
_FURTHER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What was found, and how each proposal would stand in settings.toml."""

    findings: Findings
    member: str  #: code of the member whose site it is; UNKNOWN_MEMBER where that is not known
    names: Sequence[str]  #: what each proposal would be called, in their order
    entries: Sequence[str]  #: a [[source]] table for each proposal, in their order


async def discover(
    settings: Settings, url: str, http: Http, *, member: str | None = None, reader: Reader | None = None
) -> Discovery:
    """Find out how the site at `url` can be read, with a reader of its own unless one is handed in.

    Raises ConfigError, or what fetching the home page raised.
    """
    home = web_url(url if "://" in url else f"https://{url}")
    if not home:
        raise ConfigError(
            f"{url} is no http(s) address",
            sentence="Đây không phải là địa chỉ http(s) của một trang. Hãy chép nguyên địa chỉ trang chủ của đơn vị.",
        )
    owner = _member(settings, home, member)
    code = owner.code if owner else UNKNOWN_MEMBER
    connectors = set(known().sources)
    reading = reader or Reader(1)
    try:
        site = _Site(settings, http, home, code, reading)
        findings = await search(home, site, timezone=settings.hub.timezone, known=connectors.__contains__)
    finally:
        if reader is None:
            await reading.close()
    if owner is None and (owner := _titled(settings, findings.title)) is not None:
        code = owner.code
    taken = {source.name for source in settings.sources}
    names = [_name(proposal, owner, home, taken) for proposal in findings.proposals]
    entries = [
        table("[[source]]", entry(proposal, name=name, member=code))
        for proposal, name in zip(findings.proposals, names, strict=True)
    ]
    return Discovery(findings=findings, member=code, names=names, entries=entries)


class _Site:
    """The site as connectors/discovery asks it: through one client, read in one child process."""

    def __init__(self, settings: Settings, http: Http, home: str, member: str, reader: Reader) -> None:
        port = urlsplit(home).port
        self._settings = settings
        self._http = http
        self._pages = http.scoped(limits=settings.fetch.limits(), ports=frozenset({port} if port else ()))
        self._home = home
        self._member = member if member != UNKNOWN_MEMBER else "preview"
        self._reader = reader

    async def page(self, url: str) -> Capture:
        answer = await self._pages.page(url, accept=f"{PAGES}, {FEEDS}")
        assert isinstance(answer, Capture)  # nothing was asked on a condition
        return answer

    async def sitemaps(self) -> Sequence[str]:
        return (await self._pages.robots(self._home)).sitemaps

    async def sample(self, candidate: Candidate, capture: Capture | None) -> Sample:
        in_force = self._in_force(candidate)
        for _ in range(_FURTHER):
            if capture is None:
                answer = await in_force.source.fetch(in_force.http, {})
                assert isinstance(answer, Capture)  # nothing was known, so nothing can be unchanged
                capture = answer
            reading = await self._reader.read(
                Job(
                    connector=in_force.connector, context=in_force.context, config=in_force.config, capture=capture,
                    known=frozenset(),
                )
            )  # fmt: skip
            if reading.read or not capture.hints.more:
                break
            answer = await in_force.source.fetch(in_force.http, capture.cursor)
            if not isinstance(answer, Capture):
                break
            capture = answer
        return Sample(
            format=reading.format, items=[_sample_item(read) for read in reading.read], refused=len(reading.fallen)
        )

    def now(self) -> datetime:
        return self._http.now()

    def _in_force(self, candidate: Candidate) -> SourceInForce:
        try:
            source = SourceSettings.model_validate(
                {
                    "name": "preview", "member": self._member, "connector": candidate.connector, "url": candidate.url,
                    **candidate.keys,
                }
            )  # fmt: skip
        except ValidationError as error:
            raise ConfigError(f"{candidate.connector}: the proposed keys do not hold: {error}") from error
        return source_in_force(source, self._settings, self._http)


def _sample_item(read: Read) -> SampleItem:
    item = read.item
    return SampleItem(
        title=item.title,
        url=item.url or item.guid,
        published=item.published,
        text=len(plain(item.content_html)),
        remarks=read.remarks,
    )


# ---------------------------------------------------------------------------------------------------- the entry


def _member(settings: Settings, home: str, code: str | None) -> MemberSettings | None:
    """The member that was named, else the one whose home page this is, else the only one while it has no source."""
    if code is not None:
        found = next((member for member in settings.members if member.code == code), None)
        if found is None:
            raise ConfigError(
                f"no member has the code {code}",
                sentence=f"Không có đơn vị nào mang mã «{code}» trong settings.toml. Hãy thêm [[member]] trước.",
            )
        return found
    owners = [m for m in settings.members if m.home and canonical_url(m.home) == canonical_url(home)]
    owners = owners or [m for m in settings.members if m.home and host_of(m.home) == host_of(home)]
    if len(owners) == 1:
        return owners[0]
    return settings.members[0] if len(settings.members) == 1 and not settings.sources else None


def _titled(settings: Settings, title: str) -> MemberSettings | None:
    """The member whose name stands in the title of the page; of several the one with the longest name."""
    words = f" {_slug(title).replace('-', ' ')} "
    named = [m for m in settings.members if f" {_slug(m.name).replace('-', ' ')} " in words]
    return max(named, key=lambda member: len(member.name), default=None)


def _name(proposal: Proposal, owner: MemberSettings | None, home: str, taken: set[str]) -> str:
    """`chi-cuc-kiem-lam-tinh-tin-tuc`: who, then what; a number where that name is taken."""
    parts = urlsplit(home)
    labels = [label for label in (parts.hostname or "").split(".") if label != "www"]
    who = owner.name if owner else (parts.path.strip("/").rpartition("/")[2] or ".".join(labels[:1]))
    word = _WORDS[proposal.kind]
    stem = _slug(who)[: _NAME_LIMIT - len(word) - 4].rstrip("-_")
    name = f"{stem}-{word}" if stem else word
    count = 1
    while name in taken:
        count += 1
        name = f"{stem}-{word}-{count}"
    taken.add(name)
    return name


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


def newest(proposal: Proposal, limit: int) -> list[SampleItem]:
    """Its last items: the newest first, those without a date after them."""
    items = sorted(proposal.sample.items, key=lambda i: -i.published.timestamp() if i.published else float("inf"))
    return items[:limit]


def entry(proposal: Proposal, *, name: str, member: str, review: str = "hold") -> dict[str, Value]:
    """The keys of a proposal's [[source]]; a new source waits for a person unless somebody says otherwise."""
    candidate = proposal.candidate
    keys: dict[str, Value] = {
        "name": name, "member": member, "connector": candidate.connector, "kind": proposal.kind.value,
        "url": candidate.url, "review": review, **candidate.keys,
    }  # fmt: skip
    if proposal.read_pages:
        keys["article"] = {"fetch": "teaser"}
    return keys
