"""Several answers of one service in one capture: a JSON object of the bodies, each exactly as received.

{"answers": [{"code": "1.004194", "content_type": "application/json", "body": "{\\"error_code\\": 0, …}"},
             {"code": "1.004195", "content_type": "", "base64": "…"},       what is no UTF-8
             {"code": "1.004196", "error": "server_error"}]}                what did not come
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connectors.base import Capture
from connectors.parse.data import jsontext

_TYPE: Final = "application/json; charset=utf-8"
_KEYS: Final = ("code", "content_type", "body", "base64", "error")


@dataclass(frozen=True, slots=True)
class Piece:
    """One answer of a capture."""

    code: str  #: what was asked for
    content_type: str
    body: bytes
    error: str  #: code of the error that came in place of an answer; empty: there is one


def compose(answers: Iterable[tuple[str, Capture | str]], *, url: str, at: datetime) -> Capture:
    """A capture of answers, or codes of errors, by what they were asked for."""
    kept = [_kept(code, answer) for code, answer in answers]
    body = json.dumps({"answers": kept}, ensure_ascii=False).encode()
    return Capture(url=url, content_type=_TYPE, body=body, fetched_at=at)


def _kept(code: str, answer: Capture | str) -> dict[str, str]:
    if isinstance(answer, str):
        return {"code": code, "error": answer}
    kept = {"code": code, "content_type": answer.content_type}
    try:
        return kept | {"body": answer.body.decode()}
    except UnicodeDecodeError:
        return kept | {"base64": base64.b64encode(answer.body).decode()}


def pieces_of(capture: Capture) -> list[Piece] | None:
    """The answers of a capture; None for other JSON. Raises RejectedError for what is no JSON, as jsontext.load."""
    composed = jsontext.load(capture.body, capture.content_type)
    answers = composed.get("answers") if isinstance(composed, Mapping) else None
    return [_piece(one) for one in answers] if isinstance(answers, list) else None


def _piece(one: object) -> Piece:
    said = one if isinstance(one, Mapping) else {}
    text = {key: value for key in _KEYS if isinstance(value := said.get(key), str)}
    error = text.get("error", "")
    try:
        body = base64.b64decode(text["base64"]) if "base64" in text else text.get("body", "").encode()
    except ValueError:  # half a surrogate pair, or no base64: not written here
        body, error = b"", "unreadable"
    if "code" not in text:
        error = error or "unreadable"
    return Piece(text.get("code", "?"), text.get("content_type", ""), body, error)
