"""A message that came to us: a record, a sign that a document is gone, or a report of status, which is no item.

The files of a message lie inside it and have no address. Readers are told their names; addresses are not invented.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final, cast

from connectors.base import Record, Tombstone
from connectors.parse.edxml.documents import entry_of, gone, stamp_of
from connectors.parse.edxml.message import Attachment, Message, Status
from connectors.parse.edxml.reading import parse
from connectors.parse.entry import Entry, Text
from connectors.parse.records import fingerprint
from connectors.parse.text import cut

#: Files that are named in an item, and characters of one name.
_FILES_NAMED: Final = 100
_NAME_LIMIT: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a message is; neither record nor tombstone: known already, or a report of status."""

    mark: bytes
    record: Record | None = None
    tombstone: Tombstone | None = None


def take(body: bytes, pointer: str, known: Container[bytes], now: datetime) -> Taken:
    """Read a message that was received; `now` as in Source.split. Raises RejectedError as `parse` does."""
    mark = fingerprint(body)
    if mark in known:
        return Taken(mark=mark)
    message = parse(body)
    if isinstance(message, Status):
        return Taken(mark=mark)
    if guid := gone(message):
        at, _ = stamp_of(message, now)
        return Taken(mark=mark, tombstone=Tombstone(pointer=pointer, guid=guid, at=at, fingerprint=mark))
    fields = cast(Mapping[str, Any], _with_files(entry_of(message, now=now), message))
    return Taken(mark=mark, record=Record(pointer=pointer, fingerprint=mark, fields=fields))


def _with_files(entry: Entry, message: Message) -> Entry:
    """The entry with the names of the files that lie inside the message."""
    named = [one for one in message.attachments if one.name or one.description][:_FILES_NAMED]
    if not named:
        return entry
    said = entry["summary"].value if "summary" in entry else ""
    files = "".join(f"<li>{escape(_line(one))}</li>" for one in named)
    text = f"<p>{escape(said)}</p>" if said else ""
    heading = "Tệp kèm theo gói tin trên trục liên thông văn bản (không có địa chỉ tải):"
    entry["content"] = Text(f"{text}<p>{heading}</p><ul>{files}</ul>")
    return entry


def _line(file: Attachment) -> str:
    name = cut(file.name or file.description, _NAME_LIMIT)
    return f"{name} ({_size(len(file.body))})" if file.body is not None else name


def _size(count: int) -> str:
    """Bytes as people write them: 1,2 MB."""
    if count < 1_024:
        return f"{count} byte"
    if count < 1_024 * 1_024:
        return f"{count / 1_024:.0f} KB"
    return f"{count / 1_024 / 1_024:.1f} MB".replace(".", ",")
