"""What the share interface of the national base answers, in all the shapes in which it comes.

{"error_code": "00", "result": [{…}]}       0 as a number, "0" or "00" is success, a missing code is one too
{"error_code": 0, "result": {…}}            a single object where a list is meant
{"message": "{\\"result\\": […]}"}             provinces: JSON inside a string, also twice
[{…}]                                       the rows alone

An answer to rows that were written has a result for each: {"MATTHC": "1.004194", "error_code": 17, "message": "…"}.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.parse.codes import as_list, folded_keys, unwrapped
from connectors.parse.data import jsontext
from connectors.parse.data.nodata import refuse_data
from connectors.parse.details import prose
from connectors.parse.text import clean_text, cut

#: Objects inside each other that are searched for the one with the result.
_DEPTH: Final = 4
#: Values of one object that are looked into.
_WIDTH: Final = 50
#: Longest error code and longest message of a row that are shown.
_CODE_LIMIT: Final = 40
_MESSAGE_LIMIT: Final = 120
#: Characters of a message that are read.
_MESSAGE_READ: Final = 2_000
#: Names under which bases say why they refuse a row.
_MESSAGES: Final = ("MESSAGE", "MSG", "ERRORMESSAGE", "ERRORDESC", "MOTALOI")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the service."""

    code: str  #: as it came, shortened; empty: none came
    ok: bool
    rows: tuple[Any, ...] = ()  #: a refusal has some too, where it says what is wrong with each
    session: str = field(default="", repr=False)  #: of a login; a secret


@dataclass(frozen=True, slots=True)
class RowResult:
    """What the service says of one row that was written."""

    ok: bool
    code: str = ""  #: as it came, shortened
    message: str = ""  #: the base's own words, cleaned and shortened


@dataclass(frozen=True, slots=True)
class Naming:
    """How the rows of a base are named, and which field tells one from the other."""

    key: str  #: name of that field in the service: MATTHC
    normal: Callable[[object], str]  #: a key as it is compared
    names: Mapping[str, str]  #: fields that this base calls otherwise: its name -> name of the service
    carried: bool = True  #: every record has that field

    def row(self, row: object) -> dict[str, Any]:
        """A row under the names of the service; a text alone is a key."""
        row = unwrapped(row)
        if not isinstance(row, Mapping):
            return {self.key: row}
        names = {_folded(other): _folded(right) for other, right in self.names.items()}
        return {names.get(key, key): value for key, value in folded_keys(row).items()}

    def stated(self, row: Mapping[str, Any]) -> str:
        """The key of a row as the base writes it: by that it is asked again."""
        return jsontext.text_of(row.get(self.key)).strip()

    def key_of(self, row: object) -> str:
        """The key of a row as it is compared; empty: it has none."""
        return self.normal(self.row(row).get(self.key))

    def written(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record under the names of this base."""
        names = {_folded(right): other for other, right in self.names.items()}
        return {names.get(_folded(key), key): value for key, value in record.items()}


def _folded(name: str) -> str:
    """A name as connectors.parse.codes.folded_keys has it."""
    return next(iter(folded_keys({name: None})))


def read_reply(body: bytes, content_type: str) -> Reply:
    """Read an answer. Raises RejectedError: `items_missing`, `bad_json`, or what page came in its place."""
    answer = unwrapped(jsontext.load(body, content_type))
    if isinstance(answer, list):
        return Reply("", True, tuple(as_list(answer)))
    found = _answer_in(answer, _DEPTH)
    if found is None:
        raise refuse_data("items_missing", "result")
    code, ok = _verdict(found)
    return Reply(code, ok, tuple(as_list(found.get("RESULT"))), jsontext.text_of(found.get("SESSION")).strip())


def record_of(reply: Reply, naming: Naming, key: str) -> Mapping[str, Any] | None:
    """The record of this key among those that came; some bases answer with whole lists.

    Where records do not carry what they were asked for by (`naming.carried`), the only one that came is it.
    """
    wanted = naming.normal(key)
    rows = [naming.row(row) for row in reply.rows if isinstance(unwrapped(row), Mapping)]
    if not naming.carried and len(rows) == 1 and naming.key not in rows[0]:
        return rows[0]
    return next((row for row in rows if naming.normal(row.get(naming.key)) == wanted), None)


def row_results(reply: Reply, naming: Naming, sent: Collection[str]) -> dict[str, RowResult]:
    """What became of each row that was sent, by its key. A row of which nothing certain is said is left out.

    Not certain are rows without a result, with two that contradict each other, and with words in place of a code. A
    result that names no row belongs to the only one that was sent.
    """
    found: dict[str, RowResult] = {}
    doubtful: set[str] = set()
    rows = [naming.row(row) for row in reply.rows if isinstance(unwrapped(row), Mapping)]
    for row in rows:
        key = naming.normal(row.get(naming.key))
        if not key and len(sent) == len(rows) == 1:
            key = next(iter(sent))
        result = _row_result(row)
        if key not in sent:
            continue
        if result is None or found.setdefault(key, result).ok != result.ok:
            doubtful.add(key)
    return {key: result for key, result in found.items() if key not in doubtful}


def _row_result(row: Mapping[str, Any]) -> RowResult | None:
    code, ok = _verdict(row)
    words = next((text for name in _MESSAGES if (text := jsontext.text_of(row.get(name)))), "")
    message = cut(clean_text(prose(words[:_MESSAGE_READ])), _MESSAGE_LIMIT)
    return None if message and not code else RowResult(ok, code, message)


def _verdict(answer: Mapping[str, Any]) -> tuple[str, bool]:
    """An error code, shortened, and whether it means success; none at all does."""
    stated = answer.get("ERRORCODE")
    text = clean_text(jsontext.text_of(stated)) if not isinstance(stated, (Mapping, list)) else "?"
    return cut(text, _CODE_LIMIT), not text.strip("0")


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
