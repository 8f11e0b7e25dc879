"""What is in force and where from, as a page shows it: secrets only as set or not, addresses without their account."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from connectors.fields import Allowed
from hub.settings.describe import fields_of, masked, slot_of
from hub.settings.faults import ConfigErrors, SettingsFault
from hub.settings.load import load_settings
from hub.settings.model import Settings
from hub.settings.secrets import is_secret
from hub.settings.sections import Sections

#: Addresses may hold a password, and are worth seeing without it.
_ADDRESSES = {("database", "url"), ("broker", "url")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One key."""

    key: str
    value: str  #: as it would be written; empty for a secret
    secret: bool | None = None  #: whether it is set; None: it is no secret
    origin: str = ""  #: name of a file, "environment", a folder of secret files; empty: the default
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The keys of one section, or of one entry."""

    name: str
    rows: Sequence[Told]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisk:
    """What the files say now, beside what is in force."""

    faults: Sequence[SettingsFault]  #: with them the hub would not start again
    changed: Sequence[str]  #: sections and tables that are otherwise: in force after the next start


def sections(settings: Settings) -> list[Table]:
    """The sections that stand alone."""
    origins = settings.provenance.origins
    return [
        Table(
            name=name,
            rows=[
                _told(key, field, getattr(getattr(settings, name), _attribute(type(getattr(settings, name)), key)),
                      origins.get((name, key), ""), address=(name, key) in _ADDRESSES)
                for key, field in fields_of(type(getattr(settings, name))).items()
            ],
        )
        for name in Sections.model_fields
    ]  # fmt: skip


def destinations(settings: Settings) -> list[Table]:
    """Each destination with the keys that are not as they would be without a word."""
    return [
        Table(name=place.name, rows=[*_stated(place), *_stated(place.connector_config)])
        for place in settings.destinations
    ]


def on_disk(settings: Settings) -> OnDisk:
    """Load the settings again from where they came. Blocks: for a thread."""
    came = settings.provenance
    try:
        found = load_settings(came.file, **came.given)
    except ConfigErrors as error:
        return OnDisk(faults=error.faults, changed=())
    fields = {name: field.alias or name for name, field in Settings.model_fields.items()}
    changed = [key for name, key in fields.items() if _plain(getattr(found, name)) != _plain(getattr(settings, name))]
    return OnDisk(faults=(), changed=changed)


def _plain(value: Any) -> Any:
    """Without the order of entries, which means nothing for what is in force."""
    return sorted(map(repr, value)) if isinstance(value, tuple) else value


def _stated(model: Any) -> Iterator[Told]:
    if not isinstance(model, BaseModel):
        return
    for key, field in fields_of(type(model)).items():
        name = _attribute(type(model), key)
        if name in model.model_fields_set:
            yield _told(key, field, getattr(model, name), "", address=False)


def _attribute(model: type[BaseModel], key: str) -> str:
    return next((name for name, field in model.model_fields.items() if (field.alias or name) == key), key)


def _told(key: str, field: FieldInfo, value: Any, origin: str, *, address: bool) -> Told:
    description = field.description or ""
    if isinstance(value, SecretStr) and not address:
        return Told(key=key, value="", secret=bool(value.get_secret_value()), origin=origin, description=description)
    return Told(key=key, value=_written(field, value), origin=origin, description=description)


def _written(field: FieldInfo, value: Any) -> str:
    if isinstance(value, SecretStr):
        return without_account(value.get_secret_value())
    if isinstance(value, BaseModel):
        return ", ".join(f"{told.key} = {told.value or '***'}" for told in _stated(value))
    if value is None or value in ("", (), frozenset()):
        return ""
    for mark in field.metadata:
        if isinstance(mark, Allowed) and mark.written:
            return str(mark.written(value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list | frozenset | set):
        return ", ".join(sorted(map(str, value)))[:500]
    return "***" if is_secret(field.annotation) else masked(slot_of(field), (), str(value)).strip('"')


def without_account(url: str) -> str:
    """An address without user and password."""
    if "@" not in url:
        return url
    parts = urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
