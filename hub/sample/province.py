"""The invented province: its members and their feeds, read from data/province.toml. No such place exists."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.item import Kind

DATA = Path(__file__).parent / "data"

#: What a feed of each kind is called on its site, and in an address.
TITLES = {
    Kind.NEWS: ("Tin tức - Sự kiện", "tin-tuc"),
    Kind.NOTICE: ("Thông báo", "thong-bao"),
    Kind.DOCUMENT: ("Văn bản chỉ đạo điều hành", "van-ban"),
}

COMMUNE_DESKS = (
    "Văn phòng HĐND và UBND",
    "Phòng Kinh tế",
    "Phòng Văn hóa - Xã hội",
    "Trung tâm Phục vụ hành chính công",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleMember:
    """An invented organisation with a site of its own."""

    code: str
    slug: str
    name: str
    abbr: str  #: as it stands in the number of a document
    manner: str  #: name of the portal product its site is built with
    head: str  #: title of who leads it
    desks: tuple[str, ...]
    feeds: tuple[Kind, ...]
    review: str = "auto"  #: auto | hold
    sick: str = ""  #: what ails its site: failing | guarded
    announces: str = ""  #: how it announces procedures (hub/sample/announcing.py); empty: it has none
    locked: bool = False  #: its account at the one-stop system is

    @property
    def kind(self) -> str:
        """`commune` for xã and phường, `department` for sở, ban, ngành."""
        return "commune" if self.slug.startswith(("xa-", "phuong-")) else "department"

    @property
    def place(self) -> str:
        """A commune's name inside a sentence: `xã Hạ Liễu`."""
        return self.name[0].lower() + self.name[1:]

    @property
    def office(self) -> str:
        """Who acts, inside a sentence: `UBND xã Hạ Liễu`, `Sở Y tế`."""
        return f"UBND {self.place}" if self.kind == "commune" else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed of a member's site; becomes one source of the hub."""

    serial: int  #: 1, 2, 3 … over the province; the leading digits of its stories' numbers
    member: SampleMember
    kind: Kind

    @property
    def name(self) -> str:
        """The source's name in settings.toml: `so-y-te-tin-tuc`."""
        return f"{self.member.slug}-{TITLES[self.kind][1]}"

    @property
    def title(self) -> str:
        return f"{TITLES[self.kind][0]} - {self.member.name}"

    @property
    def word(self) -> str:
        """What an address calls it: `tin-tuc`."""
        return TITLES[self.kind][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """The whole roster."""

    code: str
    name: str
    members: tuple[SampleMember, ...]
    feeds: tuple[Feed, ...]

    @property
    def communes(self) -> tuple[SampleMember, ...]:
        return tuple(member for member in self.members if member.kind == "commune")


def load_province(path: Path = DATA / "province.toml") -> Province:
    """Read the roster."""
    data = tomllib.loads(path.read_text("utf-8"))
    members = tuple(_member(entry) for entry in data["member"])
    pairs = [(member, kind) for member in members for kind in member.feeds]
    feeds = tuple(Feed(serial=n, member=member, kind=kind) for n, (member, kind) in enumerate(pairs, 1))
    return Province(code=data["code"], name=data["name"], members=members, feeds=feeds)


def _member(entry: dict[str, Any]) -> SampleMember:
    ward = entry["slug"].startswith("phuong-")
    return SampleMember(
        code=entry["code"],
        slug=entry["slug"],
        name=entry["name"],
        abbr=entry["abbr"],
        manner=entry["manner"],
        head=entry.get("head", "Chủ tịch UBND phường" if ward else "Chủ tịch UBND xã"),
        desks=tuple(entry.get("desks", COMMUNE_DESKS)),
        feeds=tuple(Kind(kind) for kind in entry["feeds"]),
        review=entry.get("review", "auto"),
        sick=entry.get("sick", ""),
        announces=entry.get("procedures", ""),
        locked=entry.get("locked", False),
    )
