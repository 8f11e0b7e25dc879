"""The procedures of the invented province as its register holds them, out of the blueprints in data/procedures.toml.

    blueprint ─▶ one procedure for each of its names ─▶ of a commune: localised, with a code of its own
                     └─▶ version 2, 3, ...: a time limit is cut, a fee changes, a paper is needed no more

One seed, one register. What the members' systems make of it is in hub/sample/announcing.py.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from random import Random

from hub.sample.province import DATA, SampleMember

#: How names begin that follow from an earlier decision: they take less time and need fewer papers.
_FOLLOWING = (
    "Cấp lại", "Cấp đổi", "Cấp điều chỉnh", "Điều chỉnh", "Gia hạn", "Sửa đổi", "Thay đổi", "Bổ sung", "Chỉnh sửa",
    "Đổi tên", "Phê duyệt điều lệ", "Đăng ký thay đổi", "Đăng ký biến động",
)  # fmt: skip
#: Procedures of which a commune localises this many.
_OF_A_COMMUNE = (5, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A document that procedures rest on."""

    number: str
    title: str
    issuer: str
    issued: date


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of a dossier."""

    name: str
    form: str = ""  #: name of the form to fill in
    originals: int = 1
    copies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One procedure as it stands in one version."""

    member: SampleMember
    national: str  #: 1.004194
    code: str  #: 1.004194.000.00.00.H52
    name: str
    field: str
    field_code: str
    days: int  #: working days
    fee: int = 0  #: dong for each dossier; 0: free of charge
    charge: int = 0
    fee_note: str = ""
    online_share: int = 100  #: per cent of fee and charge that is paid online
    papers: tuple[Paper, ...]
    steps: tuple[str, ...]
    subjects: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    result: str
    laws: tuple[Law, ...]
    decision: str  #: number of the decision that announced this version
    version: int = 1

    @property
    def level(self) -> str:
        """Who carries it out."""
        return "Cấp Xã" if self.member.kind == "commune" else "Cấp Tỉnh"

    @property
    def place(self) -> str:
        """Where dossiers are taken."""
        if self.member.kind == "commune":
            return f"Trung tâm Phục vụ hành chính công {self.member.place}"
        return f"Quầy {self.member.name}, Trung tâm Phục vụ hành chính công tỉnh Mẫu"

    @property
    def path(self) -> str:
        """What an address calls it."""
        return self.code.replace(".", "-").lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blueprint:
    """One table of the file."""

    owner: str
    field: str
    names: Sequence[tuple[str, str]]  #: with the result of those that have one of their own, else empty
    days: int
    fee: int
    charge: int
    fee_note: str
    papers: tuple[Paper, ...]
    step: str
    result: str
    subjects: tuple[str, ...]
    conditions: tuple[str, ...]
    laws: tuple[Law, ...]


@cache
def _blueprints() -> tuple[_Blueprint, ...]:
    data = tomllib.loads((DATA / "procedures.toml").read_text("utf-8"))
    laws = {key: Law(**values) for key, values in data["law"].items()}
    return tuple(
        _Blueprint(
            owner=one["for"], field=one["field"], names=[_parted(name) for name in one["names"]],
            days=one["days"], fee=one.get("fee", 0),
            charge=one.get("charge", 0), fee_note=one.get("fee_note", ""), papers=tuple(map(_paper, one["papers"])),
            step=one["step"], result=one["result"], subjects=tuple(one["subjects"]),
            conditions=tuple(one.get("conditions", ())), laws=tuple(laws[key] for key in one["law"]),
        )
        for one in data["blueprint"]
    )  # fmt: skip


def _parted(words: str) -> tuple[str, str]:
    """What stands before and behind a bar."""
    first, _, second = words.partition("|")
    return first.strip(), second.strip()


def _paper(words: str) -> Paper:
    name, form = _parted(words)
    originals, copies = (0, 1) if name.startswith("Bản sao") else (1, 0)
    return Paper(name, form, originals, copies)


def first_entries(seed: int, member: SampleMember, province: str) -> list[Entry]:
    """What a member announces on the first morning; `province` is the suffix that its agencies share."""
    owner = "commune" if member.kind == "commune" else member.slug
    pairs = [
        (_of_its_own(plan, name, result) if result else plan, name)
        for plan in _blueprints()
        if plan.owner == owner
        for name, result in plan.names
    ]
    if owner == "commune":
        rng = Random(f"{seed}/procedures/{member.slug}")
        pairs = [pairs[n] for n in sorted(rng.sample(range(len(pairs)), k=rng.randint(*_OF_A_COMMUNE)))]
        province = member.code
    return [_entry(seed, member, province, plan, name) for plan, name in pairs]


def _entry(seed: int, member: SampleMember, suffix: str, plan: _Blueprint, name: str) -> Entry:
    national = _national_codes(seed)[name]
    follows = name.startswith(_FOLLOWING)
    days = max(1, plan.days * 2 // 5) if follows else plan.days
    return Entry(
        member=member, national=national, code=f"{national}.000.00.00.{suffix}", name=name, field=plan.field,
        field_code=_field_codes()[plan.field], days=days, fee=plan.fee // 2 if follows else plan.fee,
        charge=plan.charge // 2 if follows else plan.charge, fee_note=plan.fee_note,
        papers=_following_papers(plan, name) if follows else plan.papers, steps=_steps(member, plan, days),
        subjects=plan.subjects, conditions=() if follows else plan.conditions, result=plan.result, laws=plan.laws,
        decision=_decision(seed, member, plan.field, 1),
    )  # fmt: skip


@cache
def _national_codes(seed: int) -> dict[str, str]:
    """The code that all agencies share, by the name of the procedure."""
    rng, codes = Random(f"{seed}/procedure codes"), dict[str, str]()
    for plan in _blueprints():
        for name, _ in plan.names:
            code = f"{rng.choice((1, 1, 2, 3))}.{rng.randint(100, 13_999):06d}"
            while code in codes.values():
                code = f"1.{rng.randint(100, 13_999):06d}"
            codes[name] = code
    return codes


@cache
def _field_codes() -> dict[str, str]:
    fields = dict.fromkeys(plan.field for plan in _blueprints())
    return {name: f"G{number % 20 + 1:02d}-{_initials(name)}{number:02d}" for number, name in enumerate(fields, 1)}


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.upper().replace("Đ", "D").split() if word[0].isascii())[:2] or "XX"


def _of_its_own(plan: _Blueprint, name: str, result: str) -> _Blueprint:
    """The same office and law, another procedure."""
    step = "Phòng chuyên môn thẩm định hồ sơ, xác minh thực tế khi cần thiết và dự thảo văn bản trả lời."
    papers = Paper(_application(name)), *plan.papers[1:]
    return replace(plan, result=result, step=step, papers=papers, conditions=())


def _application(name: str) -> str:
    if name.startswith("Thông báo"):
        return name
    return f"Đơn đề nghị {_inside(name.removeprefix('Đề nghị '))}"


def _following_papers(plan: _Blueprint, name: str) -> tuple[Paper, ...]:
    first = replace(plan.papers[0], name=_application(name))
    held = Paper(f"Bản gốc {_inside(plan.result)} đã được cấp (nếu còn)")
    return first, held, *plan.papers[-1:]


def _steps(member: SampleMember, plan: _Blueprint, days: int) -> tuple[str, ...]:
    """What happens to a dossier; three steps are the same everywhere."""
    office = member.office
    counter = "Trung tâm Phục vụ hành chính công" + (f" {member.place}" if member.kind == "commune" else " tỉnh")
    soon = "ngay trong ngày làm việc" if days == 1 else f"trong thời hạn {days} ngày làm việc"
    return (
        f"Bước 1: Tổ chức, cá nhân chuẩn bị hồ sơ và nộp tại {counter}, trên Cổng Dịch vụ công hoặc qua dịch vụ bưu"
        " chính công ích.",
        "Bước 2: Người tiếp nhận kiểm tra thành phần hồ sơ. Hồ sơ đầy đủ thì cấp giấy tiếp nhận và hẹn trả kết quả; hồ"
        " sơ chưa đầy đủ thì hướng dẫn bổ sung một lần bằng phiếu.",
        f"Bước 3: {plan.step}",
        f"Bước 4: Căn cứ kết quả thẩm định, {member.head} ký {_inside(plan.result)} {soon} kể từ ngày nhận đủ"
        f" hồ sơ hợp lệ. Trường hợp từ chối, {office} trả lời bằng văn bản và nêu rõ lý do.",
        "Bước 5: Tổ chức, cá nhân nhận kết quả theo giấy hẹn tại nơi nộp hồ sơ, hoặc bản điện tử trên Cổng Dịch vụ"
        " công.",
    )


def _inside(name: str) -> str:
    """A name inside a sentence."""
    return name[0].lower() + name[1:]


# ----------------------------------------------------------------------------------------------------- corrections


def in_version(seed: int, entry: Entry, version: int) -> Entry:
    """The same procedure after `version` - 1 corrections, each announced by a decision of its own."""
    for number in range(entry.version + 1, version + 1):
        rng = Random(f"{seed}/procedures/{entry.code}/{number}")
        entry = replace(
            _corrected(rng, entry), version=number, decision=_decision(seed, entry.member, entry.field, number)
        )
    return entry


def _corrected(rng: Random, entry: Entry) -> Entry:
    """A shorter time limit, another fee, a paper less: whatever there is to change."""
    ways = ["fee"] if entry.fee or entry.charge else []
    ways += ["days"] if entry.days > 2 else []
    ways += ["paper"] if len(entry.papers) > 2 else []
    match rng.choice(ways or ["copies"]):
        case "days":
            days = max(2, entry.days - max(1, entry.days // 5))
            shorter = tuple(
                step.replace(f"{entry.days} ngày làm việc", f"{days} ngày làm việc") for step in entry.steps
            )
            return replace(entry, days=days, steps=shorter)
        case "fee" if entry.online_share == 100:
            return replace(entry, online_share=50)
        case "fee":
            return replace(entry, fee=_rounded(entry.fee * 11 // 10), charge=_rounded(entry.charge * 11 // 10))
        case "paper":
            return replace(entry, papers=entry.papers[:-1])
    first, *rest = entry.papers
    return replace(entry, papers=(replace(first, copies=first.copies + 1), *rest))


def _rounded(amount: int) -> int:
    """Sums are whole thousands."""
    return amount if amount < 10_000 else amount // 1_000 * 1_000


def _decision(seed: int, member: SampleMember, field: str, version: int) -> str:
    rng = Random(f"{seed}/decisions/{field}/{version}" + (f"/{member.slug}" if version > 1 else ""))
    return f"{rng.randint(120, 2_890)}/QĐ-UBND"
