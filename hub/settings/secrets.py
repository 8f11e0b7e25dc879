"""Secrets stand outside the settings file: `{ env = "NAME" }` or `{ file = "path" }` in place of the text.

Connectors type such a field `SecretStr`. `fill_in` walks their Config, puts the text in place of each reference, and
leaves an `Unreadable` where that failed, so that the model reports it beside all other faults of the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

from hub.settings.provenance import Provenance

#: Longest secret that is read from a file, in bytes.
LIMIT = 64 * 1024

ALLOWED = '{ env = "NAME" } or { file = "path" }'


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where references are looked up."""

    folder: Path = Path()  #: of the settings file; file names are relative to it
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    testing: bool = False  #: secrets may be written as plain text
    provenance: Provenance = field(default_factory=Provenance)


class Outside(str):
    """A text that the environment or a secret file gave: it stands where secrets belong, and may be one."""

    __slots__ = ()


def from_outside(value: Any) -> Any:
    """The same values, every text in them marked as one from outside."""
    if isinstance(value, str):
        return Outside(value)
    if isinstance(value, Mapping):
        return {key: from_outside(each) for key, each in value.items()}
    return [from_outside(each) for each in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands where a secret should: why there is none."""

    why: str


def is_reference(value: object) -> bool:
    """Whether this is `{ env = ... }` or `{ file = ... }`."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in ("env", "file")


def look_up(reference: Mapping[str, Any], around: Surroundings) -> str | Unreadable:
    """The text a reference stands for."""
    [(where, name)] = reference.items()
    if not isinstance(name, str) or not name:
        return Unreadable(ALLOWED)
    if where == "env":
        return around.environment.get(name) or Unreadable(
            f"set the environment variable {name}, which is missing or empty"
        )
    try:
        with (around.folder / name).open("rb") as file:
            text = file.read(LIMIT + 1).decode().strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        return Unreadable(f"the file {name} must be readable: {reason}")
    if not text or len(text) > LIMIT:
        return Unreadable(f"the file {name} must hold the secret, and nothing else")
    return text


def secret(value: object, around: Surroundings) -> str | Unreadable:
    """The text of one secret, or why there is none."""
    if is_reference(value) and isinstance(value, Mapping):
        return look_up(value, around)
    if isinstance(value, Outside) or (isinstance(value, str) and around.testing):
        return str(value)
    return Unreadable(f"{ALLOWED}; a secret itself may stand in the file only with [hub] testing = true")


def fill_in(model: type[BaseModel], values: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    """`values` of a model with every secret in its place."""
    types = {info.alias or name: info.annotation for name, info in model.model_fields.items()}
    return {key: _filled(types.get(key), value, around) for key, value in values.items()}


def is_secret(annotation: object) -> bool:
    """Whether a field of this type holds a secret."""
    if annotation is SecretStr:
        return True
    if get_origin(annotation) in (Annotated, Union, UnionType):
        return any(is_secret(part) for part in get_args(annotation))
    return False


def _filled(annotation: object, value: object, around: Surroundings) -> object:
    if is_secret(annotation):
        return secret(value, around)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and isinstance(value, Mapping):
        return fill_in(annotation, value, around)
    parts = [part for part in get_args(annotation) if part is not Ellipsis]
    if get_origin(annotation) in (Union, UnionType):  # a table that may be left out
        tables = [part for part in parts if part is not type(None)]
        return _filled(tables[0], value, around) if len(tables) == 1 else value
    if isinstance(value, list) and len(parts) == 1:
        return [_filled(parts[0], entry, around) for entry in value]
    if isinstance(value, Mapping) and get_origin(annotation) is not None and parts:
        return {key: _filled(parts[-1], entry, around) for key, entry in value.items()}
    return value
