"""What the share interface of the national base answers, in all the shapes in which it comes.

{"error_code": "00", "result": [{…}]}       0 as a number, "0" or "00" is success, a missing code is one too
{"error_code": 0, "result": {…}}            a single object where a list is meant
{"message": "{\\"result\\": […]}"}             provinces: JSON inside a string, also twice
[{…}]                                       the rows alone
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.parse.codes import as_list, folded_keys, unwrapped
from connectors.parse.data import jsontext
from connectors.parse.data.nodata import refuse_data
from connectors.parse.text import clean_text, cut

#: Objects inside each other that are searched for the one with the result.
_DEPTH: Final = 4
#: Values of one object that are looked into.
_WIDTH: Final = 50
#: Longest error code that is shown.
_CODE_LIMIT: Final = 40


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the service."""

    code: str  #: as it came, shortened; empty: none came
    ok: bool
    rows: tuple[Any, ...] = ()
    session: str = ""  #: of a login; a secret


def read_reply(body: bytes, content_type: str) -> Reply:
    """Read an answer. Raises RejectedError: `items_missing`, `bad_json`, or what page came in its place."""
    answer = unwrapped(jsontext.load(body, content_type))
    if isinstance(answer, list):
        return Reply("", True, tuple(as_list(answer)))
    found = _answer_in(answer, _DEPTH)
    if found is None:
        raise refuse_data("items_missing", "result")
    stated = jsontext.text_of(found.get("ERRORCODE")).strip()
    ok = not stated.strip("0")
    rows = tuple(as_list(found.get("RESULT"))) if ok else ()
    return Reply(cut(clean_text(stated), _CODE_LIMIT), ok, rows, jsontext.text_of(found.get("SESSION")).strip())


def _answer_in(value: Any, depth: int) -> Mapping[str, Any] | None:
    """The object that has a result, an error code or a session; here, or in one of its values."""
    value = unwrapped(value)
    if not isinstance(value, Mapping) or depth == 0:
        return None
    answer = folded_keys(value)
    if answer.keys() & {"RESULT", "SESSION"}:
        return answer
    inner = (_answer_in(one, depth - 1) for one in list(answer.values())[:_WIDTH])
    found = next((one for one in inner if one is not None), None)
    return found or (answer if "ERRORCODE" in answer else None)
