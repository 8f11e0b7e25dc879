"""Writes the settings.toml of the sample province: what a clerk would have typed, with the addresses of this start."""

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from hub.settings.values import Code, Name
from hub.settings.writing import Value, table

#: names of the national base and of the community page as destinations
BASE, FANPAGE = "csdl-tthc", "fanpage"
#: What the page shows. The first morning brings some 1,100 items, and whoever follows a page that posts them all leaves
#: it: so only what touches people's days, known by its tags, and one post for each story. That is some 100 items.
POSTED_KINDS = ("news", "notice")
POSTED_TAGS = (
    "Y tế*", "Giáo dục", "Phòng chống thiên tai", "An sinh xã hội", "Văn hóa", "An toàn", "Tuyển dụng", "Tiếp công dân",
)  # fmt: skip
#: More new posts than this at once are a mistake: the page stops, and a person is asked.
BRAKE = 250

#: Since when everything is owed: before the world began, so that whole stretches have passed.
OWED_SINCE = "2026-01-01"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDutyRow:
    """One [[duty]] table."""

    name: Name
    category: str
    every: str
    rule: str
    kinds: tuple[str, ...] = ()  #: levels of members; empty: all
    at_least: int = 1
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBaseRow:
    """The national base as a [[destination]]."""

    url: str
    username: str
    password_file: Path
    login_path: str
    call_path: str
    dstcode: str
    unit: str
    publish: str
    withdraw: str
    not_found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFanpageRow:
    """The community page as a [[destination]]."""

    url: str
    version: str
    page_id: str
    token_file: Path
    link: str  #: where posts lead, with {content_id}
    rate: str  #: posts at most, like "2/s"


def kept_secret(file: Path) -> str:
    """A secret of what we push to: kept in `file`, for its owner only, and made up at the first start."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        # Opened with its final mode: a file narrowed afterwards was open to all for a moment.
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as new:
            new.write(secrets.token_urlsafe(24) + "\n")
    file.chmod(0o600)
    return file.read_text("ascii").strip()


def write_settings(
    folder: Path, *, name: str, members: Sequence[SampleMemberRow], sources: Sequence[SampleSourceRow],
    doors: Sequence[str], portal_url: str, token_file: Path, base: SampleBaseRow | None = None,
    fanpage: SampleFanpageRow | None = None, duties: Sequence[SampleDutyRow] = (), web_port: int = 0,
    rate: str = "200/s",
) -> Path:  # fmt: skip
    """Write `folder`/settings.toml and give its path.

    Everything goes to the portal, procedures to the base too, and a choice of news and notices to the fanpage.

    `doors` are the private addresses of the member sites, like "127.0.0.1:9100"; the portal's follows from its own.
    The file is replaced as a whole, so that nobody ever reads half of it.
    """
    folder = folder.absolute()
    tables = [
        table("[hub]", {"name": name, "timezone": "Asia/Ho_Chi_Minh", "data_dir": "."}),
        table("[database]", {"url": "sqlite://hub.db"}),
        table("[web]", {"host": "127.0.0.1", "port": web_port}),
        table("[console]", {"two_factor_for": []}),  # on loopback; a real hub asks its chief editors for a code
        table("[fetch]", {"page_pause": "20ms", "allow_private": doors}),  # nobody to be considerate of on loopback
        *(table("[[member]]", _member(row)) for row in members),
        *(table("[[source]]", _source(row)) for row in sources),
        *(table("[[duty]]", _duty(row)) for row in duties),
        table("[[destination]]", {
            "name": "portal",
            "connector": "portal",
            "base_url": portal_url,
            "token": _file(folder, token_file),
            "rate": rate,
            "timeout": "30s",
            "allow_private": [urlsplit(portal_url).netloc],
        }),
        *(_base(folder, base, rate) if base else ()),
        *(_fanpage(folder, fanpage) if fanpage else ()),
        table("[[route]]", {"name": "len-cong", "to": ["portal"]}),
        *([table("[[route]]", {"name": "len-csdl", "to": [BASE], "when": {"kind": ["procedure"]}})] if base else ()),
        *([table("[[route]]", {
            "name": "len-trang", "to": [FANPAGE], "when": {"kind": POSTED_KINDS, "tag": POSTED_TAGS},
        })] if fanpage else ()),
    ]  # fmt: skip
    heading = "# Written at every start of the sample province; changes made here are lost.\n"
    path, draft = folder / "settings.toml", folder / "settings.toml.new"
    folder.mkdir(parents=True, exist_ok=True)
    draft.write_text("\n".join([heading, *tables]), encoding="utf-8")
    draft.replace(path)
    return path


def _file(folder: Path, file: Path) -> dict[str, str]:
    """A secret that stands in a file, named as briefly as it can be."""
    path = file.absolute()
    return {"file": str(path.relative_to(folder) if path.is_relative_to(folder) else path)}


def _base(folder: Path, base: SampleBaseRow, rate: str) -> list[str]:
    return [
        table("[[destination]]", {
            "name": BASE, "connector": "procedures", "url": base.url, "rate": rate, "timeout": "30s",
            "concurrency": 20,  # rows that go together in one call
            "allow_private": [urlsplit(base.url).netloc], "not_found": [base.not_found],
            "session": {
                "username": base.username, "password": _file(folder, base.password_file),
                "login_path": base.login_path, "call_path": base.call_path, "dstcode": base.dstcode, "unit": base.unit,
            },
            "push": {"publish": base.publish, "withdraw": base.withdraw, "batch": 20},
            "reconcile": {"at": "05:30:00"},
        }),
    ]  # fmt: skip


def _fanpage(folder: Path, page: SampleFanpageRow) -> list[str]:
    """Posts are seen from the moment they are made, the harder of the two ways: after a lost answer the hub looks for
    its marker in the list before it makes another one. No window of hours: who runs this at night wants to see posts.
    """
    return [
        table("[[destination]]", {
            "name": FANPAGE, "connector": "facebook", "base_url": page.url, "version": page.version,
            "page_id": page.page_id, "token": _file(folder, page.token_file), "link": page.link,
            "drafts": False, "settling": "1s", "misses_apart": "2s",  # nothing here takes longer to be seen
            "rate": page.rate, "brake": BRAKE, "allow_private": [urlsplit(page.url).netloc],
            "hashtags": {"always": ["Tỉnh Mẫu"], "most": 3},
            "reconcile": {"at": "05:45:00"},
        }),
    ]  # fmt: skip


def _member(row: SampleMemberRow) -> dict[str, Value]:
    duties: dict[str, Value] = {"duties": row.duties} if row.duties else {}
    return {"code": row.code, "name": row.name, "kind": row.kind, **duties}


def _duty(row: SampleDutyRow) -> dict[str, Value]:
    return {
        "name": row.name, "category": row.category, **({"kinds": row.kinds} if row.kinds else {}), "every": row.every,
        "at_least": row.at_least, "rule": row.rule, "since": OWED_SINCE, "confirmed": row.confirmed,
    }  # fmt: skip


def _source(row: SampleSourceRow) -> dict[str, Value]:
    return {
        "name": row.name, "member": row.member, "connector": row.connector, "kind": row.kind,
        "url": row.url, "every": row.every, "review": row.review, **row.keys,
    }  # fmt: skip
