"""The province: who there is and until when, whose feeds there are, and what is owed by which rule."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.year.days import AFTER, FIRST, MERGED

#: Kinds of items that a category has, and its parts: what hub/data/categories.toml says, written down once more.
KINDS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("tenders", "budget", "petitions"), frozenset({"notice", "news", "document"})),
    **dict.fromkeys(("law", "receptions"), frozenset({"notice", "news"})),
    **dict.fromkeys(("directives", "legal", "documents", "decisions"), frozenset({"document"})),
    "procedures": frozenset({"procedure"}), "questions": frozenset({"question"}), "notices": frozenset({"notice"}),
    "news": frozenset({"news"}),
}  # fmt: skip
PARTS = {"documents": ("directives", "legal")}
TOPS = ("tenders", "budget", "law", "receptions", "petitions", "decisions", "documents", "procedures", "questions",
        "notices", "news")  # fmt: skip
#: Tags by which an item falls into a category that its kind alone does not give.
TAGS = {
    "tenders": "Đấu thầu", "budget": "Công khai ngân sách", "law": "Phổ biến pháp luật", "receptions": "Tiếp công dân",
    "petitions": "Trả lời kiến nghị",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Office:
    """A member; `later` is what it is called after the merger."""

    code: str
    name: str
    kind: str
    since: date | None = None
    until: date | None = None
    successors: tuple[str, ...] = ()
    later: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A source of a member; with a category all of its items count as that."""

    name: str
    member: str
    kind: str
    category: str = ""
    asked: bool = True  #: False: no poll was ever made

    def brings(self, category: str) -> bool:
        """Whether items of this category come from here, if any come."""
        wanted = (category, *PARTS.get(category, ()))
        if self.category:
            return self.category in wanted
        return any(self.kind in KINDS[one] for one in wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A duty."""

    name: str
    category: str
    every: str = ""
    within: int | None = None
    at_least: int = 1
    kinds: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    rule: str = ""
    since: date = FIRST
    until: date | None = None

    def binds(self, office: Office) -> bool:
        """Whether this member owes it at all."""
        return office.code in self.members or office.kind in self.kinds

    def counts(self, category: str) -> bool:
        """Whether an item of this category fulfils it."""
        return category == self.category or category in PARTS.get(self.category, ())

    def settings(self) -> dict[str, Any]:
        """As [[duty]] has it."""
        said: dict[str, Any] = {"name": self.name, "category": self.category, "rule": self.rule, "since": self.since}
        said |= {"every": self.every} if self.every else {}
        said |= {"within": self.within} if self.within is not None else {}
        said |= {"at_least": self.at_least} if self.at_least > 1 else {}
        said |= {name: list(value) for name in ("kinds", "members") if (value := getattr(self, name))}
        return said | ({"until": self.until} if self.until else {})


def code(number: int) -> str:
    """Of a member."""
    return f"H52.{number}"


DEPARTMENTS, DISTRICTS, OLD, NEW = range(11, 30), range(41, 53), range(101, 201), range(301, 341)

DUTIES: Sequence[Owed] = (
    Owed(name="tin-thang-so", category="news", every="month", at_least=2, kinds=("department",),
         rule="Công văn 12/UBND-KGVX ngày 02/01/2025"),
    Owed(name="tin-thang-xa", category="news", every="month", kinds=("commune",),
         rule="Công văn 12/UBND-KGVX ngày 02/01/2025"),
    Owed(name="tin-tuan", category="news", every="week", members=tuple(map(code, (11, 13, 15, 17, 19))),
         rule="Kế hoạch 45/KH-UBND ngày 20/02/2025", since=date(2025, 3, 3), until=date(2025, 11, 2)),
    Owed(name="chi-dao-thang", category="directives", every="month", within=3, kinds=("department", "district"),
         rule="Quyết định 08/2024/QĐ-UBND"),
    Owed(name="vbqppl-quy", category="legal", every="quarter", kinds=("department",),
         rule="Quyết định 08/2024/QĐ-UBND"),
    Owed(name="vbqppl-han", category="legal", within=5, kinds=("department",), rule="Nghị định 42/2022/NĐ-CP"),
    Owed(name="van-ban-quy", category="documents", every="quarter", at_least=4, members=tuple(map(code, range(20, 25))),
         rule="Công văn 77/STTTT-BCVT", since=date(2025, 2, 15)),
    Owed(name="tthc-nam", category="procedures", every="year", kinds=("department",), rule="Nghị định 63/2010/NĐ-CP"),
    Owed(name="tthc-huyen", category="procedures", every="half-year", kinds=("district",),
         rule="Nghị định 63/2010/NĐ-CP"),
    Owed(name="tiep-dan-thang", category="receptions", every="month", kinds=("department",), rule="Luật Tiếp công dân"),
    Owed(name="ngan-sach", category="budget", every="half-year", kinds=("department", "commune"),
         rule="Luật Ngân sách nhà nước"),
    Owed(name="hoi-dap-quy", category="questions", every="quarter", kinds=("department",),
         rule="Công văn 31/VPUB-KSTT"),
    Owed(name="phap-luat-quy", category="law", every="quarter", kinds=("district", "commune"),
         rule="Luật Phổ biến, giáo dục pháp luật", since=date(2025, 4, 1)),
    Owed(name="cu-tri", category="petitions", every="half-year", kinds=("district",), rule="Nghị quyết 05/NQ-HĐND"),
    Owed(name="dau-thau-quy", category="tenders", every="quarter", members=tuple(map(code, (11, 12, 14, 18))),
         rule="Luật Đấu thầu", until=date(2025, 11, 30)),
)  # fmt: skip


def offices() -> list[Office]:
    """Everybody of the year: departments, districts that end, communes that merge two or three into one."""
    made = [
        Office(
            code(n), f"Sở Ban ngành số {n}", "department", later=f"Sở Ban ngành số {n} (mới)" if n in (12, 16) else ""
        )
        for n in DEPARTMENTS
    ]
    made += [Office(code(n), f"UBND huyện số {n}", "district", until=MERGED) for n in DISTRICTS]
    made += [
        Office(code(n), f"UBND xã số {n}", "commune", until=MERGED, successors=(code(NEW[index * 40 // 100]),))
        for index, n in enumerate(OLD)
    ]
    return made + [Office(code(n), f"UBND phường mới số {n}", "commune", since=AFTER) for n in NEW]


def feeds(rng: random.Random) -> list[Feed]:
    """Three hundred sources. One department has none for procedures, another none for questions; five communes none."""
    made: list[Feed] = []
    for n in DEPARTMENTS:
        kinds = {"tin": "news", "van-ban": "document", "thu-tuc": "procedure", "thong-bao": "notice",
                 "hoi-dap": "question"}  # fmt: skip
        if n == 29:
            del kinds["thu-tuc"]
        if n == 28:
            del kinds["hoi-dap"]
        made += [Feed(f"so-{n}-{name}", code(n), kind) for name, kind in kinds.items()]
    made += [Feed(f"so-{n}-tiep-dan", code(n), "notice", "receptions") for n in DEPARTMENTS[:10]]
    made += [Feed(f"so-{n}-ngan-sach", code(n), "document", "budget") for n in DEPARTMENTS[5:14]]
    made += [Feed(f"so-{n}-tin-2", code(n), "news") for n in DEPARTMENTS[:8]]
    for n in DISTRICTS:
        made += [
            Feed(f"huyen-{n}-{name}", code(n), kind)
            for name, kind in (("tin", "news"), ("van-ban", "document"), ("thu-tuc", "procedure"))
        ]
    silent = set(rng.sample(OLD, 3))
    made += [Feed(f"xa-{n}-tin", code(n), "news", asked=n != OLD[40]) for n in OLD if n not in silent]
    made += [Feed(f"phuong-{n}-tin", code(n), "news", asked=n != NEW[7]) for n in NEW[:-2]]
    made += [Feed(f"phuong-{n}-thong-bao", code(n), "notice") for n in NEW[: 300 - len(made)]]
    return made
