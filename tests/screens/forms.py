"""Marks of state secrets and personal data in every disguise, for whoever puts them through a screen or a whole hub.

    forms(seed, n)              each text carries one mark in one disguise: what has to happen, and by which rule
    decoys.py: decoys(seed, n)  realistic texts full of traps: nothing may happen

Every sample has a word of its own, `needle`, in its title, its text and its file: where the word turns up, the text
leaked.
"""

import html
import random
from collections.abc import Iterator
from dataclasses import dataclass

from hub.rules.screen.verdict import Outcome
from tests.screens.disguises import MARKUP, PLAIN, SPACINGS
from tests.screens.office import NAMES, WRAPPINGS, Sample, fair, filled, sample


@dataclass(frozen=True, slots=True)
class Mark:
    """A block of a text."""

    text: str
    rule: str
    outcome: Outcome = Outcome.PURGE


_LEVELS = ("MẬT", "TỐI MẬT", "TUYỆT MẬT", "Mật", "Tối mật", "Tuyệt mật", "mật", "tối mật")
_DRESSES = (
    "{0}", "[{0}]", "({0})", "*** {0} ***", "– {0} –", "« {0} »", "{0}.", "  {0}  ", "“{0}”", "==== {0} ====", "{0}!",
    "Độ mật: {0}", "Mức độ mật: {0}", "ĐỘ MẬT : {0}", "Độ mật – {0}", "{0} - HOẢ TỐC", "HỎA TỐC – {0}", "{0} – 10 năm",
    "{0} (thời hạn bảo vệ: 20 năm)", "{0} Bản số: 02",
)  # fmt: skip
_FIELDS = (
    "Số: {number}/BC-UBND. Độ mật: {level}. Độ khẩn: Thường", "Loại văn bản: Báo cáo; Độ mật: {level}; Số trang: 4",
    "Mức độ mật = {level}", "Độ mật: {level}, độ khẩn: khẩn", "Trích yếu: {task} | Độ mật | {level}",
    "Cấp độ mật: {level}", "Độ mật của văn bản: {level}", "Độ mật → {level}",
)  # fmt: skip
_NUMBERS = (
    "Số: {number}/BC-UBND(M)", "Số: {number}/BC-UBND (TM)", "Căn cứ Báo cáo số {number}/BC-SNV(M) ngày {day}",
    "Số: {number}-BC/UBND (M)", "theo Công văn số {number}/CV-BCĐ(TM) của {unit}", "Số: {number}/KH-BCH(TuM)",
    "Số {number}/2026/QĐ-UBND (Mật)", "Số: {number}/bc-ubnd(m)", "Số: {number}/TB-CAT[M]",
)  # fmt: skip
_ENVELOPES = (
    "Chỉ người có tên mới được bóc bì", "TÀI LIỆU THU HỒI", "CHỈ NGƯỜI CÓ TÊN MỚI ĐƯỢC BÓC BÌ", "(Tài liệu thu hồi)",
    "Tài liệu thu hồi.",
)  # fmt: skip
_NOTES = (
    "Lưu hành nội bộ", "LƯU HÀNH NỘI BỘ", "(Tài liệu lưu hành nội bộ)", "Tài liệu này lưu hành nội bộ trong {unit}.",
    "PHẠM VI LƯU HÀNH: các sở, ban, ngành", "Không phổ biến", "BẢN SỐ: {n}", "Bản số: 0{n}/10",
    "Bì thư ghi rõ chỉ người có tên mới được bóc bì theo quy định.",
)  # fmt: skip
_DECLASSIFIED = ("GIẢI MẬT", "[GIẢI MẬT]", "ĐÃ GIẢI MẬT", "GIẢI MẬT Từ: {day}", "Giải mật")


def _marks(rng: random.Random) -> list[Mark]:
    def say(template: str) -> str:
        return filled(rng, template.replace("{level}", rng.choice(_LEVELS)))

    hold = Outcome.HOLD
    return [
        *(Mark(dress.format(level), "stamp") for dress in _DRESSES for level in _LEVELS),
        *(Mark(say(one), "field") for one in _FIELDS for _ in range(6)),
        *(Mark(say(one), "number_suffix") for one in _NUMBERS for _ in range(4)),
        *(Mark(one, "envelope") for one in _ENVELOPES for _ in range(3)),
        *(Mark(say(one), "circulation", hold) for one in _NOTES for _ in range(2)),
        *(Mark(say(one), "declassified", hold) for one in _DECLASSIFIED for _ in range(2)),
    ]


_CELLS = (
    "<table><tr><td>Độ mật</td><td>{0}</td></tr><tr><td>Độ khẩn</td><td>Thường</td></tr></table>",
    "<table><tr><th>Độ mật</th></tr><tr><td>{0}</td></tr></table>", "<dl><dt>Độ mật:</dt><dd>{0}</dd></dl>",
    "<div><span>Độ mật: </span><span>{0}</span></div>", '<p><img src="https://example.vn/a.png" alt="{0}"></p>',
)  # fmt: skip


def forms(seed: int, n: int = 400) -> list[Sample]:
    """`n` texts with one mark each. The same seed gives the same texts; every kind of mark and disguise comes soon."""
    rng = random.Random(seed)
    made = _every_form(rng)
    return [next(made) for _ in range(n)]


def _every_form(rng: random.Random) -> Iterator[Sample]:
    i = 0
    while True:
        some = _marks(rng)
        rng.shuffle(some)
        disguises = fair(rng, [*PLAIN, *SPACINGS, *MARKUP, "as it is", "a cell of its own", "without accents"])
        for mark in some:
            for make in (_marked, _of_persons) if i % 12 == 0 else (_marked,):
                i += 1
                yield make(rng, mark, next(disguises))


def _marked(rng: random.Random, mark: Mark, disguise: str) -> Sample:
    wrapping, text = rng.choice(WRAPPINGS), mark.text
    if disguise == "a cell of its own":
        mark, wrapping, disguise = Mark(rng.choice(_LEVELS), "stamp"), rng.choice(_CELLS), "as it is"
        text = mark.text
    elif disguise == "without accents":
        mark, disguise = (
            Mark(rng.choice(("TUYET MAT", "TOI MAT", "Do mat: Mat", "DO MAT: TOI MAT", "[TUYET MAT]")), "stamp"),
            "as it is",
        )
        text = mark.text
    elif disguise in SPACINGS and mark.rule in ("number_suffix", "circulation") and not mark.text.isupper():
        disguise = "as it is"
    elif disguise in ("TCVN3", "VNI", "struck through") and mark.rule == "number_suffix":
        disguise = "decomposed"  # nothing of it has accents
    plain = (PLAIN | SPACINGS).get(disguise, str)(text)
    marked = MARKUP[disguise](text) if disguise in MARKUP else html.escape(plain, quote=False)
    if disguise == "struck through" and mark.rule == "circulation":
        marked = html.escape(text)
        plain = text
    return sample(
        rng, f"{mark.rule}: {mark.text!r}, {disguise}, in {wrapping[:30]}", wrapping.format(marked), plain,
        outcome=mark.outcome, rule=mark.rule,
    )  # fmt: skip


def _paper(rng: random.Random) -> str:
    province = rng.choice(("066", "001", "079", "040"))
    return f"{province}{rng.randint(0, 3)}{rng.randint(0, 99):02}{rng.randint(0, 999999):06}"


def _rows(rng: random.Random) -> list[list[str]]:
    return [
        [
            str(k + 1), rng.choice(NAMES[:4] + NAMES[6:]),
            f"{rng.randint(1, 28):02}/{rng.randint(1, 12):02}/{rng.randint(1940, 2015)}",
            f"Thôn {rng.randint(1, 12)}", _paper(rng),
        ]
        for k in range(rng.randint(4, 12))
    ]  # fmt: skip


def _of_persons(rng: random.Random, _mark: Mark, _disguise: str) -> Sample:
    choice, name, rule = rng.randint(0, 5), rng.choice(NAMES[:4]), "identity_numbers"
    if choice == 0:
        text = f"Ông {name}, số CCCD {_paper(rng)}, trú tại thôn 3, xã Ea Tu."
    elif choice == 1:
        text = f"Hồ sơ có số định danh {_paper(rng)} và số CMND {rng.randint(10**8, 10**9 - 1)} bị trả lại."
    elif choice == 2:
        text = f"Đóng góp gửi về STK: {rng.randint(10**9, 10**12)} tại ngân hàng, chủ tài khoản {name}."
        rule = "bank_account"
    else:
        return _list_of_persons(rng, with_papers=choice > 3, in_lines=choice == 5)
    return sample(rng, f"{rule}: {choice}", f"<p>{text}</p>", text, outcome=Outcome.HOLD, rule=rule)


def _list_of_persons(rng: random.Random, *, with_papers: bool, in_lines: bool) -> Sample:
    rows = [["STT", "Họ và tên", "Ngày sinh", "Địa chỉ", "Số CCCD"], *_rows(rng)]
    if not with_papers:
        rows = [row[:-1] for row in rows]
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    lines = "\n".join((" " if in_lines else "\n").join(row) for row in rows)
    return sample(
        rng, f"list of persons {with_papers} {in_lines}", f"<table>{table}</table>", lines,
        outcome=Outcome.HOLD, rule="personal_table",
    )  # fmt: skip
