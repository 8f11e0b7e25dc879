"""A watched folder: what a member without a site drops by SFTP, a network share or a stick.

fetch     the oldest file that is new or changed; one file a poll, the others follow at once (connectors/folderscan.py)
split     the connector that `reads` names reads the file; `documents`: each file is itself a document; `edxml`: each
          is a message of a document exchange axis
normalise that connector's, or connectors/parse/item.py

What was read is remembered as the state of each file: eight characters of the cursor. A mark such as "newest time seen"
would be shorter and would lose files: who copies with old times, or moves a folder here, brings files that look old.
"""

import asyncio
from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, cast

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from connectors.base import (
    Capture,
    ConnectorConfig,
    Cursor,
    Fallen,
    Hints,
    Normalised,
    Record,
    Source,
    SourceContext,
    Split,
    Unchanged,
)
from connectors.errors import RejectedError
from connectors.fields import Allowed, FolderPath, SecondsOrNone, WebAddress
from connectors.folderscan import Wanted, look
from connectors.parse.edxml.reading import MESSAGE_LIMIT
from connectors.parse.edxml.received import take
from connectors.parse.entry import Entry
from connectors.parse.files.document import document_entry
from connectors.parse.files.dropped import DroppedFile, LeftOut, about, pack, refuse_file, unpack
from connectors.parse.item import make_item
from connectors.parse.records import fingerprint
from connectors.registry import source_connector

if TYPE_CHECKING:
    from connectors.http import Http

#: Largest file of data: the readers of data take no more (bytes).
DATA_LIMIT: Final = 8 * 1024**2
#: Largest document whose bytes are kept with the capture: they are only needed where its name says nothing (bytes).
DOCUMENT_KEPT: Final = 1024**2
#: Where a cursor remembers what was read.
SEEN: Final = "seen"
DOCUMENTS: Final = "documents"
EDXML: Final = "edxml"
#: What is read here, and not by a connector of that name.
OF_FOLDERS: Final = frozenset({DOCUMENTS, EDXML})


class Config(ConnectorConfig):
    """Settings of a watched folder."""

    addressed: ClassVar[bool] = False

    path: FolderPath  #: the folder on the hub's machine; on each of them where there are many
    reads: Literal["feed", "csv", "xml", "json", "edxml", "documents"] = Field(
        description="what its files are; `edxml`: messages of the document exchange axis; `documents`: each is an item"
    )
    with_: Annotated[Mapping[str, Any], Allowed("a table with keys of that connector")] = Field(
        default={}, alias="with", validate_default=True,
        description="keys of the connector that `reads` names, as it has them for a source of its own",
    )  # fmt: skip
    pattern: str = Field(
        default="*", min_length=1, max_length=200, pattern=r"^[^/]+$"
    )  #: names that are read, without folders; * and ? stand for letters
    subfolders: bool = False  #: whether folders inside it are read too, eight levels down
    base_url: WebAddress | None = Field(
        default=None, validate_default=True
    )  #: address under which citizens reach the folder; `documents` needs it, relative links start there
    settle: SecondsOrNone = 30.0  #: how long a file must have rested before it is read
    max_files: int = Field(default=1_000, ge=1, le=5_000)  #: files in the folder; more are refused until some are gone
    max_size: int = Field(
        default=32 * 1024**2, ge=1, le=1024**3
    )  #: bytes of one file; of feeds and data 8,388,608 at most, of messages 78,293,674

    @field_validator("with_")
    @classmethod
    def _is_of_the_connector(cls, keys: Mapping[str, Any], info: ValidationInfo) -> Mapping[str, Any]:
        reads = info.data.get("reads", DOCUMENTS)
        if reads not in OF_FOLDERS:
            try:
                source_connector(reads).Config.model_validate(dict(keys))
            except ValidationError as error:
                faults = (f"{'.'.join(map(str, one['loc'])) or 'with'}: {one['msg']}" for one in error.errors())
                raise ValueError(f"keys of {reads}: {'; '.join(faults)}") from None
        elif keys and "reads" in info.data:
            raise ValueError(f"{'messages' if reads == EDXML else 'documents'} have no keys here")
        return keys

    @field_validator("base_url")
    @classmethod
    def _is_there_for_documents(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None and info.data.get("reads") == DOCUMENTS:
            raise ValueError("documents need the address under which citizens reach the files of the folder")
        if url and "?" in url:
            raise ValueError("an address to which the names of files can be added: without a query")
        return url if url is None or url.endswith("/") else f"{url}/"


class Connector:
    """One folder."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config
        self._reader: Source | None = None
        if config.reads not in OF_FOLDERS:
            module = source_connector(config.reads)
            context = replace(context, url=config.base_url or "")
            self._reader = module.Connector(context, module.Config.model_validate(dict(config.with_)))
        most = {DOCUMENTS: config.max_size, EDXML: MESSAGE_LIMIT}.get(config.reads, DATA_LIMIT)
        data_limit = min(config.max_size, most)
        self._wanted = Wanted(
            folder=config.path, pattern=config.pattern, subfolders=config.subfolders, settle=config.settle,
            max_files=config.max_files, max_size=data_limit,
            keep_size=DOCUMENT_KEPT if config.reads == DOCUMENTS else data_limit,
        )  # fmt: skip

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """The next file. Raises TransientError `folder_missing`, RejectedError `too_many_files`."""
        now = http.now()
        found = await asyncio.to_thread(look, self._wanted, cursor.get(SEEN, ""), now)
        if found is None:
            return Unchanged()
        return Capture(
            url=self._address(found.file), content_type="", body=pack(found.file), fetched_at=now,
            cursor={SEEN: found.seen}, hints=Hints(more=found.more),
        )  # fmt: skip

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Read the file. Raises RejectedError with its name: `file_too_large`, `file_unreadable`, or what reads it."""
        file = unpack(capture.body)
        match file.left_out:
            case LeftOut.TOO_LARGE:
                raise refuse_file("file_too_large", file.name)
            case LeftOut.UNREADABLE:
                raise refuse_file("file_unreadable", file.name)
        if self.config.reads == DOCUMENTS:
            return self._document(file, capture, known, now)
        try:
            if self._reader is None:
                return _message(file, known, now)
            split = self._reader.split(replace(capture, body=file.body), known, now)
        except RejectedError as error:
            raise about(error, file.name) from error
        # One file of many: what it does not show is in another one. Nor does it speak of times to come.
        return replace(
            split, incremental=True, ttl=None, hub="", topic="",
            records=tuple(replace(one, pointer=f"{file.name}: {one.pointer}") for one in split.records),
            fallen=tuple(replace(one, pointer=f"{file.name}: {one.pointer}") for one in split.fallen),
            tombstones=tuple(replace(one, pointer=f"{file.name}: {one.pointer}") for one in split.tombstones),
        )  # fmt: skip

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """As the connector does that reads the file: it needs the address of the capture, for relative links."""
        if self._reader is not None:
            return self._reader.normalise(record, replace(capture, body=b""))
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)

    def _address(self, file: DroppedFile) -> str:
        return f"{self.config.base_url}{file.path}" if self.config.base_url else ""

    def _document(self, file: DroppedFile, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """The file as the one record of its capture."""
        state = (file.path, file.modified.isoformat(), file.sha256, capture.url)
        mark = fingerprint(*(one.encode() for one in state))
        records: tuple[Record, ...] = ()
        fallen: tuple[Fallen, ...] = ()
        if mark not in known:
            if file.size:
                fields = cast(Mapping[str, Any], document_entry(file, self._address(file), now))
                records = (Record(pointer=file.name, fingerprint=mark, fields=fields),)
            else:
                fallen = (Fallen(pointer=file.name, code="empty_body", detail="the file is empty", fingerprint=mark),)
        return Split(format="file", records=records, fallen=fallen, fingerprints=(mark,), incremental=True)


def _message(file: DroppedFile, known: Container[bytes], now: datetime) -> Split:
    """The file as one message of the axis."""
    taken = take(file.body, file.name, known, now)
    return Split(
        format="edxml", records=(taken.record,) if taken.record else (),
        tombstones=(taken.tombstone,) if taken.tombstone else (), fingerprints=(taken.mark,), incremental=True,
    )  # fmt: skip
