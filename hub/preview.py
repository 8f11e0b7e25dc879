"""What would be stored of a source, if it were polled now? Fetches and reads, writes nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import Capture
from connectors.errors import HubError, RejectedError
from connectors.http import Http
from hub.engine import SourceInForce
from hub.reader import Reader
from hub.reading import Job, Read, Teaser
from hub.settings import Settings, SourceSettings
from hub.sources import source_in_force
from hub.stages.enrich import HTML


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
        reading = await reader.read(_job(in_force, answer))
        first = next((read for read in reading.read if in_force.plan.wants_page(read.item)), None)
        whole, without = await _completed(first, in_force, reader) if first else (None, "")
    finally:
        await reader.close()
    return Preview(
        whole=whole,
        without_page=without,
        url=answer.url,
        format=reading.format,
        items=[_shown(read) for read in reading.read],
        rejections=[{"pointer": f.pointer, "code": f.code, "detail": f.detail} for f in reading.fallen],
        withdrawn=[tombstone.guid for tombstone in reading.tombstones],
        ttl=reading.ttl,
        moved_to=answer.hints.moved_to,
        truncated=reading.truncated,
    )


def _job(source: SourceInForce, capture: Capture, about: Teaser | None = None) -> Job:
    return Job(
        connector=source.connector, context=source.context, config=source.config, capture=capture, known=frozenset(),
        page=source.page, about=about,
    )  # fmt: skip


async def _completed(read: Read, source: SourceInForce, reader: Reader) -> tuple[PreviewedItem | None, str]:
    """The item with what its own page says, or why there is no page."""
    try:
        page = await source.http.page(read.item.url, accept=HTML)
    except HubError as error:
        return None, error.sentence or error.code
    assert isinstance(page, Capture)  # nothing was asked conditionally
    about = Teaser(item=read.item, pointer=read.pointer, remarks=read.remarks, files={})
    [whole] = (await reader.read(_job(source, page, about))).read
    return _shown(whole), ""


def _shown(read: Read) -> PreviewedItem:
    return PreviewedItem(pointer=read.pointer, item=read.item.model_dump(mode="json"), remarks=read.remarks)


def unknown_source(settings: Settings, url: str) -> SourceSettings:
    """A feed that stands in no settings file, as it would be if it did."""
    member = settings.members[0].code if settings.members else "preview"
    return SourceSettings.model_validate({"name": "preview", "member": member, "connector": "feed", "url": url})
