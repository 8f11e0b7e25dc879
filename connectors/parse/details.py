"""What an entry says beyond the fields of every item, brought to the typed fields of its kind.

    Entry.details  {"levels": "Cấp tỉnh", "sectors": [{"name": "<b>Đất đai</b>"}], "ways": {...}}
    details_of     {"levels": ("Cấp tỉnh",), "sectors": ({"name": "Đất đai"},), "ways": ({...},)}

The types of the kind say how a value is cleaned (schemas/shapes.py). A single value where a list is meant is a list of
one, a text where an object is meant fills the field that its type names (`from_text`). What cannot be kept is left out
and becomes a remark, never a lost item: `detail_cut`, `detail_refused`, `detail_unknown`, `date_refused`.
"""

import re
import types
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from connectors.parse import html
from connectors.parse.cleaning import as_html
from connectors.parse.codes import as_list, read_count
from connectors.parse.data.jsontext import text_of
from connectors.parse.days import is_no_day, read_day
from connectors.parse.entry import Entry, Text
from connectors.parse.legal import PARTS, document_details
from connectors.parse.procedurewords import PARTS as PROCEDURE_PARTS
from connectors.parse.procedurewords import procedure_details, says_nothing
from connectors.parse.text import clean_text, cut
from connectors.parse.url import web_url
from schemas.base import Frozen, ItemBase, Kind
from schemas.item import ITEM_TYPES
from schemas.shapes import LINE_LIMIT, PROSE_LIMIT, Shape

#: A value that says nothing; the field keeps its default.
_NOTHING: Final = object()
#: Values of one list that are read, whatever its type allows.
_READ: Final = 10_000

_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|<!--|&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_BREAK: Final = re.compile(r"(?i)<(?:br|/p|/div|/li|/tr|/h[1-6])(?=[\s/>])[^<>]{0,200}>")
#: Rounds in which a text that was escaped twice comes out; then it stays as it is.
_ROUNDS: Final = 20
#: Characters of one text that are read at all, markup included.
_RAW_LIMIT: Final = 4 * PROSE_LIMIT

#: What a cleaner is given beside the value: the base of relative addresses, and where remarks go.
_Cleaner = Callable[[Any, "_Around"], Any]


class _Around:
    """Base address and remarks of one entry."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.remarks: list[str] = []


def _remark(around: _Around, code: str) -> None:
    if code not in around.remarks:
        around.remarks.append(code)


def details_of(kind: Kind, entry: Entry, *, base: str = "") -> tuple[dict[str, Any], tuple[str, ...]]:
    """The own fields of a kind, cleaned and within their limits, and the remarks; never raises for what a source says.

    `base` is what relative addresses are relative to.
    """
    around = _Around(base)
    cleaners = _cleaners(ITEM_TYPES[kind], frozenset(ItemBase.model_fields))
    given = dict(entry.get("details", {}))
    if kind is Kind.DOCUMENT:
        given, remarks = document_details(entry)
        around.remarks += remarks
    elif kind is Kind.PROCEDURE and given:
        given, remarks = procedure_details(entry)
        around.remarks += remarks
    if given.keys() - cleaners.keys():
        _remark(around, "detail_unknown")
    details = _cleaned(cleaners, given, around)
    return details, tuple(around.remarks)


def _details() -> dict[str, bool]:
    """Every name under which a kind takes details, and whether it takes several values."""
    names = dict.fromkeys(PARTS, False) | dict(PROCEDURE_PARTS)
    for model in ITEM_TYPES.values():
        hints = get_type_hints(model)
        names |= {name: get_origin(hints[name]) is tuple for name in model.model_fields.keys() - ItemBase.model_fields}
    return names


#: Names under which settings may map details, and whether several values are kept of each.
DETAILS: Final[Mapping[str, bool]] = _details()


def prose(value: str) -> str:
    """A text as plain lines: markup goes, what ends a line in it ends one here. prose(prose(x)) == prose(x)."""
    for _ in range(_ROUNDS):
        if not _TAG.search(value):
            break
        value = "\n".join(html.plain(line) for line in _BREAK.sub("\n", value).splitlines())
    lines = (clean_text(line) for line in value.splitlines())
    return "\n".join(line for line in lines if line)


def as_markup(value: str, base: str) -> str:
    """A text as sanitised HTML; one without markup keeps its lines."""
    return as_html(Text(value, html=_TAG.search(value) is not None, base=base))


# ---------------------------------------------------------------------------------- from types to cleaners


@cache
def _cleaners(model: type[Frozen], without: frozenset[str] = frozenset()) -> Mapping[str, _Cleaner]:
    """How each field of a type is cleaned."""
    hints = get_type_hints(model, include_extras=True)
    fields = {name: field for name, field in model.model_fields.items() if name not in without}
    return {name: _cleaner(hints[name], fields[name].metadata) for name in fields}


def _cleaned(cleaners: Mapping[str, _Cleaner], given: Mapping[str, Any], around: _Around) -> dict[str, Any]:
    kept = {}
    for name, value in given.items():
        if name in cleaners and value is not None and (clean := cleaners[name](value, around)) is not _NOTHING:
            kept[name] = clean
    return kept


def _cleaner(hint: Any, metadata: Iterable[Any] = ()) -> _Cleaner:
    """The cleaner of one type; `metadata` is what the field itself adds to it."""
    told = list(metadata)
    if get_origin(hint) is Annotated:
        hint, *extra = get_args(hint)
        told += [inner for one in extra for inner in getattr(one, "metadata", [one])]
    if get_origin(hint) in (Union, types.UnionType):  # X | None
        wanted = [one for one in get_args(hint) if one is not type(None)]
        return _cleaner(wanted[0], told)
    if get_origin(hint) is tuple:
        return _list_of(_cleaner(get_args(hint)[0]), _limit(told, _READ))
    if get_origin(hint) is Literal or hint is bool:
        return _exactly(hint)
    if hint is date:
        return _day
    if hint is int:
        return _number(told)
    if hint is str:
        return _text(next((one for one in told if isinstance(one, Shape)), Shape.LINE), told)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _choice(hint)
    if isinstance(hint, type) and issubclass(hint, Frozen):
        return _object(hint)
    raise TypeError(f"no way to clean {hint!r} is known")


def _limit(metadata: Iterable[Any], otherwise: int) -> int:
    return next((one.max_length for one in metadata if hasattr(one, "max_length")), otherwise)


def _text(shape: Shape, metadata: Iterable[Any]) -> _Cleaner:
    told = list(metadata)
    limit = _limit(told, LINE_LIMIT if shape is Shape.LINE else PROSE_LIMIT)
    pattern = next((re.compile(one.pattern) for one in told if getattr(one, "pattern", None)), None)

    def clean(value: Any, around: _Around) -> Any:
        stated = value if isinstance(value, str) else text_of(value)
        if says_nothing(stated):
            if isinstance(value, (Mapping, list, tuple)) and value:
                _remark(around, "detail_refused")
            return _NOTHING
        if len(stated) > _RAW_LIMIT:
            _remark(around, "detail_cut")
        text = _as_shaped(stated[:_RAW_LIMIT], shape, around)
        if says_nothing(text):
            return _NOTHING
        if len(text) > limit:
            _remark(around, "detail_cut")
            if shape is Shape.HTML:  # a tag must not be cut
                text = _as_shaped(cut(prose(text), limit // 6), shape, around)
            text = "" if shape is Shape.ADDRESS else cut(text, limit)
        if text and pattern and not pattern.search(text):
            _remark(around, "detail_refused")
            return _NOTHING
        return text or _NOTHING

    return clean


def _as_shaped(stated: str, shape: Shape, around: _Around) -> str:
    match shape:
        case Shape.HTML:
            return as_markup(stated, around.base)
        case Shape.PROSE:
            return prose(stated)
        case Shape.ADDRESS:
            address = web_url(stated, around.base)
            if not address and stated.strip():
                _remark(around, "detail_refused")
            return address
        case Shape.LINE:
            return clean_text(prose(stated))


def _list_of(one: _Cleaner, limit: int) -> _Cleaner:
    def clean(value: Any, around: _Around) -> Any:
        values = as_list(value)
        kept = [made for each in values[:_READ] if (made := one(each, around)) is not _NOTHING]
        if len(kept) > limit or len(values) > _READ:
            _remark(around, "detail_cut")
        return tuple(kept[:limit]) if kept else _NOTHING

    return clean


def _object(model: type[Frozen]) -> _Cleaner:
    needed = {name for name, field in model.model_fields.items() if field.is_required()}

    def clean(value: Any, around: _Around) -> Any:
        if not isinstance(value, Mapping):
            name = getattr(model, "from_text", "name")
            if name not in model.model_fields:
                _remark(around, "detail_refused")
                return _NOTHING
            value = {name: value}
        cleaners = _cleaners(model)
        if value.keys() - cleaners.keys():
            _remark(around, "detail_unknown")
        kept = _cleaned(cleaners, value, around)
        if kept and not needed <= kept.keys():
            _remark(around, "detail_refused")
            return _NOTHING
        return kept or _NOTHING

    return clean


def _choice(values: type[Enum]) -> _Cleaner:
    def clean(value: Any, around: _Around) -> Any:
        try:
            return values(value)
        except ValueError:
            if value != "":
                _remark(around, "detail_refused")
            return _NOTHING

    return clean


def _exactly(hint: Any) -> _Cleaner:
    allowed = get_args(hint) or (True, False)

    def clean(value: Any, around: _Around) -> Any:
        if any(value is one or (isinstance(value, str) and value == one) for one in allowed):
            return value
        _remark(around, "detail_refused")
        return _NOTHING

    return clean


def _number(metadata: Iterable[Any]) -> _Cleaner:
    told = list(metadata)
    least = next((one.ge for one in told if hasattr(one, "ge")), None)
    most = next((one.le for one in told if hasattr(one, "le")), None)

    def clean(value: Any, around: _Around) -> Any:
        number = value if isinstance(value, int) and not isinstance(value, bool) else read_count(value)
        if number is None and text_of(value) == "":
            return _NOTHING
        if number is None or (least is not None and number < least) or (most is not None and number > most):
            _remark(around, "detail_refused")
            return _NOTHING
        return number

    return clean


def _day(value: Any, around: _Around) -> Any:
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    day = read_day(text_of(value))
    if day is None:
        if not is_no_day(text_of(value)):
            _remark(around, "date_refused")
        return _NOTHING
    return day
