"""Is a record fit to be entered where it is checked? What a national page asks for and this item does not say.

What is asked for is data (hub/data/completeness.toml, or the board's own file): nobody has published which fields the
national bases insist on, and what offices insist on changes. So nothing here knows a field by its name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel

from schemas.base import Frozen

#: Places of one omission that are told to a person.
SHOWN: Final = 5


class Severity(StrEnum):
    """How much it matters."""

    MUST = "must"  #: without it the record is sent back
    SHOULD = "should"  #: it can be entered, and an officer should ask for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing that is asked for: each part `part` says one of `has`, where it says all of `when`."""

    code: str  #: stable name
    severity: Severity
    part: tuple[str, ...] = ()  #: way to the parts that are looked at, list by list; empty: the item itself
    has: tuple[str, ...]
    when: tuple[str, ...] = ()
    sentence: str  #: for a clerk: what is missing, what to do
    reason: str  #: why it is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Omission:
    """Something that is asked for and missing."""

    requirement: Requirement
    places: tuple[str, ...] = ()  #: numbers of the parts that lack it, `2.1`: the first time limit of the second way

    @property
    def sentence(self) -> str:
        """For a clerk, with the places."""
        if not self.places:
            return self.requirement.sentence
        more = f" và {len(self.places) - SHOWN} mục khác" if len(self.places) > SHOWN else ""
        return f"{self.requirement.sentence} (Mục {', '.join(self.places[:SHOWN])}{more}.)"


def omissions(item: Frozen, requirements: Iterable[Requirement]) -> tuple[Omission, ...]:
    """What `item` lacks: what it must have first, then what it should have, each in the order of the requirements."""
    found = []
    for one in requirements:
        lacking = [
            place
            for place, part in _parts(item, one.part)
            if all(_says(part, name) for name in one.when) and not any(_says(part, name) for name in one.has)
        ]
        if lacking:
            found.append(Omission(requirement=one, places=tuple(filter(None, lacking))))
    return tuple(sorted(found, key=lambda omission: omission.requirement.severity is not Severity.MUST))


def _parts(holder: Frozen, way: tuple[str, ...], place: str = "") -> Iterator[tuple[str, Frozen]]:
    """The parts at the end of a way with their numbers. What is not there has no parts: to ask for it is another
    requirement.
    """
    if not way:
        yield place, holder
        return
    value = getattr(holder, way[0])
    if isinstance(value, tuple):
        for number, part in enumerate(value, start=1):
            yield from _parts(part, way[1:], f"{place}.{number}" if place else str(number))
    elif value is not None:
        yield from _parts(value, way[1:], place)


def _says(part: Frozen, name: str) -> bool:
    """Whether a field says anything: no default, no blank, no list of nothings."""
    value = getattr(part, name)
    field = type(part).model_fields[name]
    if not field.is_required() and value == field.get_default(call_default_factory=True):
        return False
    return _tells(value)


def _tells(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, tuple):
        return any(map(_tells, value))
    if isinstance(value, Frozen):
        return any(_says(value, name) for name in type(value).model_fields)
    return value is not None


def read_requirements(stated: Sequence[Mapping[str, Any]], kind: type[Frozen]) -> tuple[Requirement, ...]:
    """Requirements as a file states them, for items of a kind.

    Raises ValueError that names the entry for a key or field that does not exist: a typing error must not pass for a
    complete record.
    """
    if not isinstance(stated, list | tuple):
        raise ValueError("no list of tables")
    read = []
    for number, entry in enumerate(stated, start=1):
        if not isinstance(entry, Mapping):
            raise ValueError(f"{number}: no table")
        try:
            read.append(_requirement(entry, kind))
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{entry.get('code', number)}: {error.args[0] if error.args else error}") from error
    codes = [one.code for one in read]
    if doubled := next((code for code in codes if codes.count(code) > 1), ""):
        raise ValueError(f"{doubled}: stated twice")
    return tuple(read)


def _requirement(entry: Mapping[str, Any], kind: type[Frozen]) -> Requirement:
    if unknown := entry.keys() - {"code", "severity", "part", "has", "when", "sentence", "reason"}:
        raise ValueError(f"unknown key {min(unknown)}")
    texts = {name: entry[name] for name in ("code", "sentence", "reason")}
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name} is no text")
    made = Requirement(
        **texts, severity=Severity(entry["severity"]), has=_names(entry["has"]), when=_names(entry.get("when", [])),
        part=tuple(filter(None, str(entry.get("part", "")).split("."))),
    )  # fmt: skip
    if not made.has:
        raise ValueError("has names no field")
    model: type[BaseModel] = kind
    for name in made.part:
        inner = _shape(model, name)
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            raise ValueError(f"{name} of {model.__name__} has no parts")
        model = inner
    for name in (*made.has, *made.when):
        _shape(model, name)
    return made


def _names(stated: Any) -> tuple[str, ...]:
    if not isinstance(stated, list) or not all(isinstance(name, str) for name in stated):
        raise ValueError("has and when are lists of names")
    return tuple(stated)


def _shape(model: type[BaseModel], name: str) -> Any:
    """What a field holds; of a list, what its entries are."""
    if name not in model.model_fields:
        raise ValueError(f"{model.__name__} has no field {name}")
    shape = model.model_fields[name].annotation
    while get_origin(shape) is tuple:
        shape = get_args(shape)[0]
    return shape
