"""A message of the axis out of its bytes: whatever its prefixes and namespace, with files within bounds.

    bytes -> files taken out (they are most of it) -> XML, mended where it has the usual faults -> message.py

Accepted: names with and without prefix, the older namespace, junk before the declaration, `xlink:href` in place of
ContentId, `cid:` on one side only, files that are zipped before base64. Signatures are stepped over: nobody here can
tell whose they are.
"""

import base64
import binascii
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import fields, replace
from io import BytesIO
from typing import Any, Final, TypeVar

from lxml import etree

from connectors.errors import RejectedError
from connectors.parse import xml
from connectors.parse.data.nodata import refuse_data, what_came_instead
from connectors.parse.edxml.message import (
    ATTACHMENTS_LIMIT,
    ENTRIES_LIMIT,
    Attachment,
    Business,
    Header,
    Message,
    Slot,
    Status,
    Trace,
)
from connectors.parse.files.types import ZIP, fits, promised, type_of
from connectors.parse.text import clean_text

T = TypeVar("T")

#: Bytes of one message: its files in base64, and as much again as XML ever needs.
MESSAGE_LIMIT: Final = ATTACHMENTS_LIMIT * 4 // 3 + 8 * 1024 * 1024
#: Characters of one text.
_TEXT_LIMIT: Final = 100_000
#: Members of a zipped file that are taken out.
_MEMBERS_LIMIT: Final = 100

_ENCODED: Final = re.compile(rb"(<(?:[\w.-]{1,40}:)?ContentTransferEncoded(?:\s[^<>]{0,500})?>)([^<]*)(?=</)")
_ROOT: Final = re.compile(rb"(<[A-Za-z_][\w.:-]{0,100})[^<>]{0,4000}>")
_DECLARED: Final = re.compile(rb"\sxmlns:([\w.-]{1,40})\s*=")
_PREFIXED: Final = re.compile(rb"(?:</?|\s)([A-Za-z_][\w.-]{0,40}):[A-Za-z_]")
_PREFIXES_LIMIT: Final = 50
_HREF: Final = "href"
_CID: Final = re.compile(r"^cid:", re.IGNORECASE)


def parse(body: bytes) -> Message | Status:
    """The document or the report of status that a message is.

    Raises RejectedError: `too_large`, `bad_xml` and its kin, `not_edxml`.
    """
    if len(body) > MESSAGE_LIMIT:
        raise refuse_data("too_large")
    encoded: list[bytes] = []

    def taken(found: re.Match[bytes]) -> bytes:
        encoded.append(found[2])
        return found[1] + str(len(encoded) - 1).encode()

    root = _tree(_ENCODED.sub(taken, body))
    found = next(_named(root, "MessageHeader"), None)
    if found is None and _local(root).lower() == "html":
        raise what_came_instead(body[:100_000].decode("utf-8", "replace"), "html_page")
    if found is None:
        raise RejectedError(
            "no edXML message", code="not_edxml",
            sentence="Tệp nhận được không phải là gói tin văn bản điện tử (edXML) theo QCVN 102:2016/BTTTT. Đề nghị đơn"
            " vị gửi kiểm tra lại.",
        )  # fmt: skip
    remarks: list[str] = []
    if _child(found, "StatusCode") is not None:
        status = _read(found, Status, remarks)
        return replace(status, remarks=tuple(dict.fromkeys(remarks)))
    header = _read(found, Header, remarks)
    traces = [_read(one, Trace, remarks) for one in _named(root, "TraceHeader")][:ENTRIES_LIMIT]
    acts = next(_named(root, "Bussiness"), None)
    business = _read(acts, Business, remarks) if acts is not None else Business()
    attachments = tuple(_attachments(root, encoded, remarks))
    return Message(
        header=header, trace=tuple(traces), business=business, attachments=attachments,
        remarks=tuple(dict.fromkeys(remarks)),
    )  # fmt: skip


def unpacked(attachment: Attachment) -> list[tuple[str, bytes]]:
    """The files of an attachment: those inside it where it was only zipped to travel, else itself.

    A zipped file is one that is not called so. Unpacked files weigh at most ATTACHMENTS_LIMIT together.
    """
    body = attachment.body
    if body is None:
        return []
    as_named = promised(attachment.name, "")
    if type_of(body) != ZIP or ZIP in as_named:
        return [(attachment.name, body)]
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()][:_MEMBERS_LIMIT]
            if sum(one.file_size for one in members) > ATTACHMENTS_LIMIT:
                return [(attachment.name, body)]
            files = []
            for one in members:
                with archive.open(one) as member:
                    files.append((one.filename.replace("\\", "/").rpartition("/")[2], member.read(one.file_size + 1)))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        return [(attachment.name, body)]
    if len(files) == 1 and attachment.name:
        return [(attachment.name, files[0][1])]
    return files or [(attachment.name, body)]


def _tree(body: bytes) -> etree._Element:
    document = xml.document(body, "application/xml")
    if document is None:
        raise what_came_instead(body[:100_000].decode("utf-8", "replace"), "bad_xml")
    try:
        return xml.parse(document.data)
    except xml.NotWellFormedError:
        pass
    try:
        return xml.parse(xml.mend(_with_prefixes(document.data), document.entities))
    except xml.NotWellFormedError as error:
        raise what_came_instead(document.data[:100_000].decode("utf-8", "replace"), "bad_xml") from error


def _with_prefixes(data: bytes) -> bytes:
    """The document with every prefix declared at its root: senders declare some where they are used first.

    Names are told without their prefixes, so that nothing depends on what these stand for.
    """
    root = _ROOT.search(data)
    if root is None:
        return data
    declared = set(_DECLARED.findall(root[0]))
    missing = sorted(set(_PREFIXED.findall(data)) - declared - {b"xml", b"xmlns"})
    added = b"".join(b' xmlns:%b="urn:prefix:%b"' % (one, one) for one in missing[:_PREFIXES_LIMIT])
    return data[: root.end(1)] + added + data[root.end(1) :]


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def _named(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (one for one in root.iter() if isinstance(one.tag, str) and _local(one) == name)


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [one for one in element if isinstance(one.tag, str) and _local(one) == name]


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next(iter(_children(element, name)), None)


def _said(element: etree._Element | None) -> str:
    return clean_text("".join(element.itertext())[:_TEXT_LIMIT]) if element is not None else ""


def _read(element: etree._Element, shape: type[T], remarks: list[str]) -> T:
    """A shape out of its element; the standard's order is not insisted upon."""
    values: dict[str, Any] = {}
    known: set[str] = set()
    for one in fields(shape):  # type: ignore[arg-type]  # the shapes are dataclasses
        slot: Slot | None = one.metadata.get("slot")
        if slot is None:
            continue
        known.add(slot.within or slot.element)
        holders = _children(element, slot.within) if slot.within else [element]
        found = [child for holder in holders for child in _children(holder, slot.element)]
        if slot.many:
            read = [_read(each, slot.holds, remarks) if slot.holds else _said(each) for each in found[:ENTRIES_LIMIT]]
            values[one.name] = tuple(each for each in read if each != (slot.holds() if slot.holds else ""))
        elif found:
            values[one.name] = _read(found[0], slot.holds, remarks) if slot.holds else _said(found[0])
    if any(isinstance(one.tag, str) and _local(one) not in known for one in element):
        remarks.append("element_unknown")
    return shape(**values)


# --------------------------------------------------------------------------------------------------- attachments


def _attachments(root: etree._Element, encoded: list[bytes], remarks: list[str]) -> Iterator[Attachment]:
    """Each file once, as the manifest and the place outside the envelope say together."""
    listed = [_described(one) for one in _named(root, "Reference") if _child(one, "AttachmentName") is not None
              or _child(one, "ContentId") is not None]  # fmt: skip
    sent = [(_described(one), _child(one, "ContentTransferEncoded")) for one in _named(root, "Attachment")]
    left = list(sent[:ENTRIES_LIMIT])
    weight = 0
    for one in [*listed[:ENTRIES_LIMIT], *[None] * len(left)]:
        if one is None and not left:
            break
        match = _matching(one, left)
        if match is not None:
            left.remove(match)
        described = _joined(one, match[0] if match else None)
        element = match[1] if match else None
        body = _decoded(encoded, element, ATTACHMENTS_LIMIT - weight)
        weight += len(body or b"")
        if body is None:
            remarks.append("attachment_broken" if element is not None and _said(element) else "attachment_missing")
        elif not _as_promised(described, body):
            remarks.append("attachment_mistyped")
        yield replace(described, body=body)


def _described(element: etree._Element) -> Attachment:
    href = next((value for name, value in element.attrib.items() if str(name).rpartition("}")[2] == _HREF), "")
    cid = _said(_child(element, "ContentId")) or clean_text(str(href))
    return Attachment(
        content_id=_CID.sub("", cid), name=_said(_child(element, "AttachmentName")),
        description=_said(_child(element, "Description")), type=_said(_child(element, "ContentType")),
    )  # fmt: skip


_Sent = tuple[Attachment, etree._Element | None]


def _matching(listed: Attachment | None, sent: list[_Sent]) -> _Sent | None:
    """The file that the manifest means: by identity, by name, or because there is no other."""
    if listed is None:
        return sent[0] if sent else None
    by_id = [one for one in sent if listed.content_id and one[0].content_id.lower() == listed.content_id.lower()]
    by_name = [one for one in sent if listed.name and one[0].name == listed.name]
    nameless = [one for one in sent if not one[0].content_id and not one[0].name]
    return next(iter((*by_id, *by_name, *nameless)), sent[0] if len(sent) == 1 and not listed.content_id else None)


def _joined(listed: Attachment | None, sent: Attachment | None) -> Attachment:
    first, second = listed or Attachment(), sent or Attachment()
    return Attachment(
        content_id=first.content_id or second.content_id, name=first.name or second.name,
        description=first.description or second.description, type=first.type or second.type,
    )  # fmt: skip


def _decoded(encoded: list[bytes], element: etree._Element | None, room: int) -> bytes | None:
    """The bytes of a file; None for one that is missing, no base64, or more than may come."""
    place = _said(element)
    if not place.isascii() or not place.isdigit() or int(place[:9]) >= len(encoded):
        return None
    text = b"".join(encoded[int(place[:9])].split())
    if not text or len(text) > (room + 2) // 3 * 4 + 4:
        return None
    try:
        body = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return body if len(body) <= room else None


def _as_promised(described: Attachment, body: bytes) -> bool:
    """Whether a file is what its name or its declared type says; a zipped one may be anything inside."""
    said = promised(described.name, described.type)
    found = type_of(body)
    return not said or any(fits(found, one) for one in said) or (found == ZIP and ZIP in said)
