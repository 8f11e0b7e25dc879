"""The settings.toml of the made-up province, as it stands at one moment of the year."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.year.plan import SETTLED, Year
from tests.year.roster import Feed, Office


def write(year: Year, folder: Path, database_url: str, when: datetime, *, public: bool = False) -> Path:
    """Before the merger nobody knows of it yet, but that the districts end; then the new communes stand there too."""
    lines = [
        *_table("[hub]", {"name": year.agency, "testing": True}),
        *_table("[database]", {"url": database_url}),
        *_table(
            "[reports]",
            {"agency": year.agency, "above": "UBND TỈNH MẪU", "place": "Tỉnh Mẫu", "suffix": year.suffix,
             "public": public, "recipients": ["Chủ tịch UBND tỉnh", "Lưu: VT, BBT"]},
        ),
    ]  # fmt: skip
    for office in year.offices:
        if office.since is None or when >= SETTLED:
            lines += _table("[[member]]", _member(office, when))
    lines += [line for feed in year.feeds if _stands(year, feed, when) for line in _table("[[source]]", _source(feed))]
    lines += [line for duty in year.duties for line in _table("[[duty]]", duty.settings())]
    path = folder / "settings.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _member(office: Office, when: datetime) -> dict[str, Any]:
    merged = when >= SETTLED
    said: dict[str, Any] = {"code": office.code, "name": (merged and office.later) or office.name, "kind": office.kind,
            "valid_from": office.since}  # fmt: skip
    if merged or not office.successors:
        said |= {"valid_until": office.until, "successors": list(office.successors)}
    return {key: value for key, value in said.items() if value}


def _stands(year: Year, feed: Feed, when: datetime) -> bool:
    """What a person or the merger removed stands there no more."""
    removed = [one.since for one in year.troubles if one.feed is feed and one.why == "removed"]
    begins = year.office(feed.member).since
    return (begins is None or when >= SETTLED) and not any(moment <= when for moment in removed)


def _source(feed: Feed) -> dict[str, Any]:
    said = {"name": feed.name, "member": feed.member, "connector": "feed", "kind": feed.kind,
            "url": address(feed), "category": feed.category}  # fmt: skip
    return {key: value for key, value in said.items() if value}


def address(feed: Feed) -> str:
    """Of a feed; nobody asks it."""
    return f"https://{feed.member.lower().replace('.', '-')}.mau.gov.vn/{feed.name}.rss"


def _table(head: str, values: Mapping[str, Any]) -> list[str]:
    return [head, *(f"{key} = {_toml(value)}" for key, value in values.items())]


def _toml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case list() | tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case date():
            return value.isoformat()
        case _:
            return str(value)
