"""What would be stored of a source, if it were polled now? Fetches and reads, writes nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import Capture
from connectors.http import Http
from hub.app import source_in_force
from hub.reader import Reader
from hub.reading import Job
from hub.settings import Settings, SourceSettings


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


async def preview(settings: Settings, source: SourceSettings, http: Http) -> Preview:
    """Fetch and read one source. Raises what a poll would raise."""
    in_force = source_in_force(source, settings, http)
    answer = await in_force.source.fetch(in_force.http, {})
    assert isinstance(answer, Capture)  # nothing was known, so nothing can be unchanged
    reader = Reader(1)
    try:
        reading = await reader.read(
            Job(
                connector=in_force.connector, context=in_force.context, config=in_force.config, capture=answer,
                known=frozenset(),
            )
        )  # fmt: skip
    finally:
        await reader.close()
    return Preview(
        url=answer.url,
        format=reading.format,
        items=[
            PreviewedItem(pointer=read.pointer, item=read.item.model_dump(mode="json"), remarks=read.remarks)
            for read in reading.read
        ],
        rejections=[{"pointer": f.pointer, "code": f.code, "detail": f.detail} for f in reading.fallen],
        withdrawn=[tombstone.guid for tombstone in reading.tombstones],
        ttl=reading.ttl,
        moved_to=answer.hints.moved_to,
        truncated=reading.truncated,
    )


def unknown_source(settings: Settings, url: str) -> SourceSettings:
    """A feed that stands in no settings file, as it would be if it did."""
    member = settings.members[0].code if settings.members else "preview"
    return SourceSettings.model_validate({"name": "preview", "member": member, "connector": "feed", "url": url})
