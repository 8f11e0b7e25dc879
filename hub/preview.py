"""What would be stored of a source, if it were polled now, or if a kept capture were read again? Writes nowhere."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from connectors.base import Capture
from connectors.errors import ConfigError, HubError, RejectedError
from connectors.http import Http
from hub.engine import Engine, SourceInForce
from hub.queries.captures import CaptureFacts
from hub.reader import Reader
from hub.reading import Job, Read, Reading, Teaser
from hub.screened import Screening, Screens
from hub.screening import screening_terms
from hub.settings import Settings, SourceSettings
from hub.sources import source_in_force
from hub.stages.enrich import HTML
from hub.store import captures

#: Code of what a screen would hold or purge.
SCREENED: Final = "screened"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedItem:
    """One item as it would be stored."""

    pointer: str
    item: Mapping[str, Any]
    remarks: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a source shows now."""

    url: str
    format: str
    items: Sequence[PreviewedItem]
    rejections: Sequence[Mapping[str, str]]
    withdrawn: Sequence[str]  #: guids of tombstones
    ttl: float | None  #: seconds after which the feed wishes to be asked again
    moved_to: str  #: where the site leads for good; empty when the address is right
    truncated: bool
    whole: PreviewedItem | None = None  #: the first item that waits for its own page, completed by it
    without_page: str = ""  #: why it could not be


async def preview(settings: Settings, source: SourceSettings, http: Http) -> Preview:
    """Fetch and read one source. Raises what a poll would raise."""
    in_force = source_in_force(source, settings, http)
    answer = await in_force.source.fetch(in_force.http, {})
    if not isinstance(answer, Capture):  # nothing was known: so it is nobody that can be asked
        raise RejectedError(
            f"source {source.name} cannot be asked",
            code="nothing_to_ask",
            sentence="Nguồn này hiện không có gì để xem thử: đơn vị tự gửi tin đến, hoặc thư mục chưa có tệp.",
        )
    reader = Reader(1)
    try:
        screens = Screens(screening_terms(settings.screen_terms), secrets.token_bytes(32)).of(in_force.member)
        reading = await reader.read(_job(in_force, answer, screens))
        first = next((read for read in reading.read if in_force.plan.wants_page(read.item)), None)
        whole, without = await _completed(first, in_force, reader, screens) if first else (None, "")
    finally:
        await reader.close()
    return replace(_told(answer, reading), whole=whole, without_page=without)


async def preview_capture(engine: Engine, source: str, capture: int) -> Preview:
    """Read a capture that is kept with today's mapping; nobody is asked. Raises RejectedError, ConfigError."""
    in_force = engine.sources.get(source)
    if in_force is None:
        raise unknown_source_name(source)
    kept = await captures.to_read(engine.store, capture)
    if kept is None:
        raise RejectedError(
            f"capture {capture} is not kept", code="capture_not_kept",
            sentence="Nội dung gốc của lượt thu này không còn được lưu nên không xem thử được.",
        )  # fmt: skip
    reading = await engine.reader.read(_job(in_force, kept, engine.screens.of(in_force.member)))
    return _told(kept, reading)


async def withheld(engine: Engine, capture: CaptureFacts) -> bool:
    """Whether its bytes hold a text that is for the duty officer alone, as far as today's screens and mapping tell."""
    if not capture.about:
        with suppress(HubError):  # cannot be read by what is in force today: what was made of it says it
            found = await preview_capture(engine, capture.source, capture.id)
            return any(each["code"] == SCREENED for each in found.rejections)
    column, value = ("content_id", capture.about) if capture.about else ("capture", capture.id)
    return bool(await engine.store.fetch(f"SELECT 1 FROM edition WHERE {column} = ? AND restricted = 1 LIMIT 1", value))


def unknown_source_name(name: str) -> ConfigError:
    """What a person is told who names a source that is not in force."""
    return ConfigError(
        f"source {name[:100]!r} is not in force", code="unknown_source",
        sentence="Nguồn này không có trong cấu hình đang dùng nên không đọc được.",
    )  # fmt: skip


def _told(capture: Capture, reading: Reading) -> Preview:
    return Preview(
        url=capture.url, format=reading.format, items=[_shown(read) for read in reading.read if _is_shown(read)],
        rejections=[{"pointer": f.pointer, "code": f.code, "detail": f.detail} for f in reading.fallen]
        + [
            {"pointer": read.pointer, "code": SCREENED, "detail": ", ".join(read.screened.rules)}
            for read in reading.read
            if not _is_shown(read)
        ],
        withdrawn=[tombstone.guid for tombstone in reading.tombstones], ttl=reading.ttl,
        moved_to=capture.hints.moved_to, truncated=reading.truncated,
    )  # fmt: skip


def _job(source: SourceInForce, capture: Capture, screens: Screening, about: Teaser | None = None) -> Job:
    return Job(
        connector=source.connector, context=source.context, config=source.config, capture=capture, known=frozenset(),
        page=source.page, about=about, screening=screens,
    )  # fmt: skip


async def _completed(
    read: Read, source: SourceInForce, reader: Reader, screens: Screening
) -> tuple[PreviewedItem | None, str]:  # fmt: skip
    """The item with what its own page says, or why there is no page."""
    try:
        page = await source.http.page(read.item.url, accept=HTML)
    except HubError as error:
        return None, error.sentence or error.code
    assert isinstance(page, Capture)  # nothing was asked conditionally
    about = Teaser(item=read.item, pointer=read.pointer, remarks=read.remarks, files={})
    [whole] = (await reader.read(_job(source, page, screens, about))).read
    return (_shown(whole), "") if _is_shown(whole) else (None, whole.screened.sentence)


def _is_shown(read: Read) -> bool:
    """Nobody sees what a screen would hold or purge by looking at a source before it is polled."""
    return not (read.screened.purge or read.screened.hold)


def _shown(read: Read) -> PreviewedItem:
    return PreviewedItem(pointer=read.pointer, item=read.item.model_dump(mode="json"), remarks=read.remarks)


def unknown_source(settings: Settings, url: str) -> SourceSettings:
    """A feed that stands in no settings file, as it would be if it did."""
    member = settings.members[0].code if settings.members else "preview"
    return SourceSettings.model_validate({"name": "preview", "member": member, "connector": "feed", "url": url})
