"""What a document exchange axis answers: JSON that says itself whether the call did what it should.

    a list        {"status": "OK", "ErrorCode": "0", "ErrorDesc": "", "data": [{"docId": "…", "status": "…", …}]}
    a message     {"status": "OK", "ErrorCode": "0", "ErrorDesc": "", "data": "<base64>"}
    it was taken  {"status": "OK", "ErrorCode": "0", "ErrorDesc": "", "DocId": "…"}
    a refusal     {"status": "FAIL", "ErrorCode": "…", "ErrorDesc": "…"}                        with HTTP 200 too

Some gateways give a message as it is, without JSON around it. Names are read in any case: docId, DocId and docid.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from connectors.errors import RejectedError
from connectors.parse.codes import as_list, folded_keys
from connectors.parse.data import jsontext
from connectors.parse.data.nodata import refuse_data
from connectors.parse.edxml.reading import MESSAGE_LIMIT
from connectors.parse.text import clean_text, cut

#: Bytes of an answer with a message in base64.
ANSWER_LIMIT: Final = MESSAGE_LIMIT * 4 // 3 + 1024 * 1024
#: Rows of one list that are read.
_ROWS_LIMIT: Final = 10_000
_CODE_LIMIT: Final = 40
#: What may be sent back in a header: an identity that holds anything else is none.
_ID: Final = re.compile(r"[!-~]{1,200}")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/=_\s-]*")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the axis."""

    code: str  #: ErrorCode as it came, shortened
    ok: bool
    doc_id: str = ""  #: under which the axis has what was sent
    rows: tuple[Mapping[str, Any], ...] = ()  #: of a list, their keys in upper case without `_`
    data: str = field(default="", repr=False)  #: a message in base64


def read_reply(body: bytes, content_type: str) -> Reply:
    """Read an answer. Raises RejectedError: `items_missing`, `bad_json`, or what page came in its place."""
    answer = _load(body, content_type)
    said = folded_keys(answer) if isinstance(answer, Mapping) else {}
    if not said.keys() & {"ERRORCODE", "STATUS"}:
        raise refuse_data("items_missing", "ErrorCode")
    code = cut(clean_text(jsontext.text_of(said.get("ERRORCODE"))), _CODE_LIMIT)
    ok = not code.strip("0") and jsontext.text_of(said.get("STATUS")).strip().upper() != "FAIL"
    data = said.get("DATA")
    rows = () if isinstance(data, str) else as_list(data)[:_ROWS_LIMIT]
    return Reply(
        code=code, ok=ok, doc_id=_identity(said.get("DOCID")), data=data if isinstance(data, str) else "",
        rows=tuple(folded_keys(row) for row in rows if isinstance(row, Mapping)),
    )  # fmt: skip


def message_in(body: bytes, content_type: str) -> bytes:
    """The message that an answer holds, as it was sent.

    Raises RejectedError: `edoc_refused` where the axis says that it has none to give, else as `read_reply`.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return body
    reply = read_reply(body, content_type)
    if not reply.ok:
        raise _refused(f"ErrorCode {reply.code}")
    if reply.data.lstrip()[:1] == "<":
        return reply.data.encode("utf-8", "replace")
    try:
        decoded = base64.b64decode(reply.data, validate=True) if reply.data else b""
    except (binascii.Error, ValueError):
        decoded = _loosely(reply.data)
    if not decoded:
        raise _refused("no message in data")
    return decoded


def holds_message(body: bytes, content_type: str) -> bool:
    """Whether an answer holds what was sent: then we have it, whatever it is worth. A web page is no message."""
    try:
        found = message_in(body, content_type)
    except RejectedError:
        return False
    return found is not body or b"MessageHeader" in body


def doc_id_of(row: Mapping[str, Any]) -> str:
    """The identity of a row of received messages on the axis; "" where it has none that can be asked for."""
    return _identity(row.get("DOCID")) or _identity(row.get("ID"))


def is_settled(row: Mapping[str, Any]) -> bool:
    """Whether a row says that we have acknowledged it before."""
    return jsontext.text_of(row.get("STATUS")).strip().lower() in ("done", "fail")


def sent_id_of(row: Mapping[str, Any]) -> str:
    """The same of a row of sent messages."""
    return _identity(row.get("SENDERDOCID")) or doc_id_of(row)


def speaks_of(row: Mapping[str, Any], document_id: str) -> bool:
    """Whether a row of sent messages may be about this document: by its identity, else by its number."""
    number = document_id.split(",", 2)[-1]
    said = {"".join(jsontext.text_of(row.get(name)).split()) for name in ("DOCUMENTID", "EDOCID", "NOTATION", "CODE")}
    return bool({"".join(document_id.split()), "".join(number.split())} & (said - {""}))


def _load(body: bytes, content_type: str) -> Any:
    if len(body) <= jsontext.BODY_LIMIT or len(body) > ANSWER_LIMIT:
        return jsontext.load(body, content_type)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise refuse_data("bad_json") from error


def _identity(value: object) -> str:
    text = jsontext.text_of(value).strip()
    return text if _ID.fullmatch(text) else ""


def _loosely(text: str) -> bytes:
    """Base64 with line ends, of the alphabet for addresses, or without its padding."""
    if not _BASE64.fullmatch(text):
        return b""
    bare = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return b""


def _refused(cause: str) -> RejectedError:
    return RejectedError(
        f"the axis gives no message: {cause}", code="edoc_refused",
        sentence="Trục liên thông không trả về gói tin văn bản đã có trong danh sách. Hệ thống sẽ hỏi lại ở lượt sau;"
        " nếu kéo dài, cần báo đơn vị vận hành trục.",
    )  # fmt: skip
