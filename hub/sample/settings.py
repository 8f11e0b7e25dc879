"""Writes the settings.toml of the sample province: what a clerk would have typed, with the addresses of this start."""

import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hub.settings.values import Code, Name

#: What a value in the file may be: text, a number, texts in a row, or an inline table of such values.
Value = str | int | bool | Sequence[str] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SampleMemberRow:
    """One [[member]] table."""

    code: Code
    name: str
    kind: str  #: department, commune, district, other


@dataclass(frozen=True, slots=True)
class SampleSourceRow:
    """One [[source]] table."""

    name: Name
    member: Code
    kind: str  #: news, notice, document, procedure, question
    url: str
    every: str  #: between polls, like "5s"
    review: str = "auto"  #: auto | hold
    connector: str = "feed"
    keys: Mapping[str, Value] = field(default_factory=dict)  #: of the connector


def portal_token(file: Path) -> str:
    """The portal's token: kept in `file`, which only its owner can read, and made up at the first start."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        # Opened with its final mode: a file narrowed afterwards was open to all for a moment.
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as new:
            new.write(secrets.token_urlsafe(24) + "\n")
    file.chmod(0o600)
    return file.read_text("ascii").strip()


def write_settings(
    folder: Path, *, name: str, members: Sequence[SampleMemberRow], sources: Sequence[SampleSourceRow],
    doors: Sequence[str], portal_url: str, token_file: Path, web_port: int = 0, rate: str = "200/s",
) -> Path:  # fmt: skip
    """Write `folder`/settings.toml and give its path; everything goes to the portal, the database lies beside it.

    `doors` are the private addresses of the member sites, like "127.0.0.1:9100"; the portal's follows from its own.
    The file is replaced as a whole, so that nobody ever reads half of it.
    """
    folder = folder.absolute()
    token = token_file.absolute()
    tables = [
        _table("[hub]", {"name": name, "timezone": "Asia/Ho_Chi_Minh", "data_dir": "."}),
        _table("[database]", {"url": "sqlite://hub.db"}),
        _table("[web]", {"host": "127.0.0.1", "port": web_port}),
        _table("[fetch]", {"allow_private": doors}),
        *(_table("[[member]]", {"code": row.code, "name": row.name, "kind": row.kind}) for row in members),
        *(_table("[[source]]", _source(row)) for row in sources),
        _table("[[destination]]", {
            "name": "portal",
            "connector": "portal",
            "base_url": portal_url,
            "token": {"file": str(token.relative_to(folder) if token.is_relative_to(folder) else token)},
            "rate": rate,
            "timeout": "30s",
            "allow_private": [urlsplit(portal_url).netloc],
        }),
        _table("[[route]]", {"to": ["portal"]}),
    ]  # fmt: skip
    heading = "# Written at every start of the sample province; changes made here are lost.\n"
    path, draft = folder / "settings.toml", folder / "settings.toml.new"
    folder.mkdir(parents=True, exist_ok=True)
    draft.write_text("\n".join([heading, *tables]), encoding="utf-8")
    draft.replace(path)
    return path


def _source(row: SampleSourceRow) -> dict[str, Value]:
    return {
        "name": row.name, "member": row.member, "connector": row.connector, "kind": row.kind,
        "url": row.url, "every": row.every, "review": row.review, **row.keys,
    }  # fmt: skip


def _table(heading: str, keys: Mapping[str, Value]) -> str:
    return "\n".join([heading, *(f"{key} = {toml_value(value)}" for key, value in keys.items()), ""])


def toml_value(value: Value) -> str:
    """A value as TOML writes it."""
    match value:
        case str():
            # The escapes of JSON are escapes of TOML too; only DEL must not stand in TOML as it is.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Mapping():
            return _row("{ ", (f"{key} = {toml_value(entry)}" for key, entry in value.items()), " }")
    return _row("[", map(toml_value, value), "]")


def _row(opening: str, entries: Iterable[str], closing: str) -> str:
    return opening + ", ".join(entries) + closing
