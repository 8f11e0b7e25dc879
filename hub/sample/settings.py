"""Writes the settings.toml of the sample province: what a clerk would have typed, with the addresses of this start."""

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from hub.settings.values import Code, Name
from hub.settings.writing import Value, table


@dataclass(frozen=True, slots=True)
class SampleMemberRow:
    """One [[member]] table."""

    code: Code
    name: str
    kind: str  #: department, commune, district, other
    duties: tuple[str, ...] = ()  #: kinds that it has to publish


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
        table("[hub]", {"name": name, "timezone": "Asia/Ho_Chi_Minh", "data_dir": "."}),
        table("[database]", {"url": "sqlite://hub.db"}),
        table("[web]", {"host": "127.0.0.1", "port": web_port}),
        table("[fetch]", {"page_pause": "20ms", "allow_private": doors}),  # nobody to be considerate of on loopback
        *(table("[[member]]", _member(row)) for row in members),
        *(table("[[source]]", _source(row)) for row in sources),
        table("[[destination]]", {
            "name": "portal",
            "connector": "portal",
            "base_url": portal_url,
            "token": {"file": str(token.relative_to(folder) if token.is_relative_to(folder) else token)},
            "rate": rate,
            "timeout": "30s",
            "allow_private": [urlsplit(portal_url).netloc],
        }),
        table("[[route]]", {"to": ["portal"]}),
    ]  # fmt: skip
    heading = "# Written at every start of the sample province; changes made here are lost.\n"
    path, draft = folder / "settings.toml", folder / "settings.toml.new"
    folder.mkdir(parents=True, exist_ok=True)
    draft.write_text("\n".join([heading, *tables]), encoding="utf-8")
    draft.replace(path)
    return path


def _member(row: SampleMemberRow) -> dict[str, Value]:
    duties: dict[str, Value] = {"duties": row.duties} if row.duties else {}
    return {"code": row.code, "name": row.name, "kind": row.kind, **duties}


def _source(row: SampleSourceRow) -> dict[str, Value]:
    return {
        "name": row.name, "member": row.member, "connector": row.connector, "kind": row.kind,
        "url": row.url, "every": row.every, "review": row.review, **row.keys,
    }  # fmt: skip
