"""What a setting allows and how it is shown, read off its declaration: for faults and for the reference page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connectors.addresses import Allowance
from connectors.errors import ConfigError
from connectors.fields import Allowed
from connectors.registry import destination_connector, source_connector
from hub.settings.entries import CONFIG
from hub.settings.secrets import ALLOWED, Unreadable, is_secret

#: User and password of an address, to the last `@`: what is faulty may hold any sign in its password.
_ACCOUNT = re.compile(r"//.*@", re.DOTALL)
_FINDERS = {"source": source_connector, "destination": destination_connector}
_PLAIN = {
    str: "text",
    int: "a whole number",
    float: "a number",
    date: "a date like 2025-07-01",
    time: 'a time of day like "06:00"',
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the settings: the type that stands there and what was declared with it."""

    type: Any
    metadata: Sequence[Any] = ()


def slot_of(field: FieldInfo) -> Slot:
    """The place that a field declares."""
    return Slot(field.annotation, field.metadata)


def at_path(model: type[BaseModel], path: Sequence[str | int], values: Mapping[str, Any]) -> Slot | None:
    """What is declared at a path such as ("source", 3, "every"); None for a key that nobody knows."""
    slot: Slot | None = Slot(model)
    for depth, part in enumerate(path):
        if slot is None:
            return None
        inner = _models(slot.type)
        if isinstance(part, int):
            arguments = [argument for argument in get_args(_bare(slot.type)) if argument is not Ellipsis]
            slot = _unwrapped(arguments[0]) if arguments else None
        elif inner:
            fields = {key: field for each in inner for key, field in fields_of(each).items()}
            field = fields.get(part) or _connector_fields(path[:depth], values).get(part)
            slot = slot_of(field) if field else None
        else:
            return slot  # inside a value of one piece, such as { env = ... }
    return slot


def keys_at(model: type[BaseModel], path: Sequence[str | int], values: Mapping[str, Any]) -> list[str]:
    """The keys of the table that stands at a path, those of its connector included."""
    slot = at_path(model, path, values)
    known = [key for each in _models(slot.type) for key in fields_of(each)] if slot else []
    return known + [key for key in _connector_fields(path, values) if key not in known]


def allowed(slot: Slot | None) -> str:
    """What may stand there, in words; "" when the type has none."""
    if slot is None:
        return ""
    for mark in slot.metadata:
        if isinstance(mark, Allowed):
            return mark.text
    return _in_words(slot.type, slot.metadata)


def masked(slot: Slot | None, path: Sequence[str | int], value: object) -> str:
    """A value as it may be printed: no secret, no account of an address, at most 80 characters.

    Of a table only its keys are told: what stands in it may be a secret.
    """
    if isinstance(value, Mapping):
        value = "{ " + ", ".join(f"{key} = …" for key in value) + " }"
        return value if len(value) <= 80 else value[:79] + "…"
    if isinstance(value, Unreadable) or slot is None or is_secret(slot.type):
        text = value if isinstance(value, str) and "://" in value else "***"
    else:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    text = _ACCOUNT.sub("//***@", text)
    return text if len(text) <= 80 else text[:79] + "…"


def _in_words(kind: Any, metadata: Sequence[Any] = ()) -> str:
    kind_slot = _unwrapped(kind)
    if kind_slot.metadata:
        return allowed(kind_slot)
    origin, arguments = get_origin(kind), [argument for argument in get_args(kind) if argument is not Ellipsis]
    if is_secret(kind):
        return ALLOWED
    if origin in (Union, UnionType):
        return " or ".join(_in_words(argument) for argument in arguments if argument is not NoneType)
    if origin is Literal:
        return "one of: " + ", ".join(f'"{argument}"' for argument in arguments)
    if origin in (list, tuple, set, frozenset):
        return f"a list; each {_in_words(arguments[0])}"
    if isinstance(kind, type):
        if issubclass(kind, Enum):
            return "one of: " + ", ".join(f'"{member.value}"' for member in kind)
        if issubclass(kind, bool):
            return "true or false"
        if issubclass(kind, BaseModel):
            return "a table with the keys " + ", ".join(fields_of(kind))
        if kind is Allowance:
            return 'an address or network with one port, like "127.0.0.1:9100"'
        if kind in _PLAIN:
            return _PLAIN[kind] + _bounds(metadata)
    return ""


def _bounds(metadata: Sequence[Any]) -> str:
    """` from 1 to 16`, as declared."""
    bounds = {type(mark): mark for mark in metadata}
    match bounds.get(Ge), bounds.get(Le):
        case Ge(ge), Le(le):
            return f" from {ge} to {le}"
        case Ge(ge), _:
            return f", at least {ge}"
        case _, Le(le):
            return f", at most {le}"
    return ""


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields by the key that people write."""
    return {field.alias or name: field for name, field in model.model_fields.items() if name != CONFIG}


def _connector_fields(table: Sequence[str | int], values: Mapping[str, Any]) -> Mapping[str, FieldInfo]:
    """The fields of a connector's own Config, for a table such as ("source", 3)."""
    if len(table) != 2 or table[0] not in _FINDERS:
        return {}
    try:
        return fields_of(_FINDERS[str(table[0])](values[str(table[0])][table[1]]["connector"]).Config)
    except (ConfigError, KeyError, TypeError, IndexError):
        return {}


def _bare(kind: Any) -> Any:
    """The type without Annotated and None."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return next(_bare(argument) for argument in get_args(kind) if argument is not NoneType)
    return kind


def _unwrapped(kind: Any) -> Slot:
    if get_origin(kind) is Annotated:
        first, *metadata = get_args(kind)
        return Slot(first, metadata)
    return Slot(kind)


def _models(kind: Any) -> list[type[BaseModel]]:
    bare = _bare(kind)
    return [bare] if isinstance(bare, type) and issubclass(bare, BaseModel) else []
