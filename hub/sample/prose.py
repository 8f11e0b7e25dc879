"""Vietnamese office prose out of the templates in data/*.toml: one seed, one text, a thousand different ones.

In a template `{a|b}` chooses, `{ho:20-80}` draws a figure (with a decimal comma if the bounds have a point), and
`{thon}` draws from words.toml. What a name drew stays the same within one story; `_` is drawn anew each time.
Thousands are grouped by a point, but not in `{so:…}`, the number of a document.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from hub.sample.province import DATA, Province, SampleMember
from schemas.item import Kind

_SLOT = re.compile(r"\{([^{}]*)\}")
_FIGURE = re.compile(r"(\w+):(\d+(?:\.\d)?)-(\d+(?:\.\d)?)")
_SENTENCE_START = re.compile(r"(?:^|(?<=[.!?] ))[^\W\d_]")
_NUMBER = re.compile(r"(?<![\d.,/])\d{2,3}(?=%? (?!tháng|năm|giờ|ngày))")
_AMENDED = re.compile(r" \(Cập nhật lúc [^()]*\)$")
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

#: Slips of a hurried clerk and what was meant; a second version mends them.
SLIPS = (("thực hiện", "thực hiên"), ("người dân", "ngừoi dân"), ("kế hoạch", "kế hoach"), ("theo", "theo theo"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a story says, before any site dresses it."""

    title: str
    lead: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...] = ()  #: a bulleted list
    table: tuple[tuple[str, ...], ...] = ()  #: rows, the first is the header
    tags: tuple[str, ...] = ()
    desk: str = ""  #: the office that wrote it
    file: str = ""  #: title of the attached file, or empty


def compose(rng: Random, province: Province, member: SampleMember, kind: Kind, day: date) -> Draft:
    """Tell one story of `kind` as `member` would have told it on `day`."""
    theme = rng.choice(_themes_for(kind, member))
    voice = _Voice(rng, province, member, day)
    title, lead = voice.say(rng.choice(theme["title"])), voice.say(rng.choice(theme["lead"]))
    chosen = sorted(rng.sample(range(len(theme["body"])), k=min(len(theme["body"]), rng.randint(3, 5))))
    paragraphs = [voice.say(theme["body"][index]) for index in chosen]
    if kind is Kind.NEWS:
        paragraphs.append(voice.say(rng.choice(_words()["ket"])))
    points = theme.get("list", ()) if rng.random() < 0.5 else ()
    draft = Draft(
        title=title,
        lead=lead,
        paragraphs=tuple(paragraphs),
        points=tuple(voice.say(point) for point in points),
        table=tuple(tuple(voice.say(cell) for cell in row) for row in theme.get("table", ())),
        tags=tuple(theme["tags"]),
        desk=voice.word("phong"),
        file=voice.say(theme.get("file", "")),
    )
    return _with_slip(rng, draft) if rng.random() < 0.3 else draft


def revise(rng: Random, draft: Draft, at: str) -> Draft:
    """The next version: a slip mended where there is one, else a figure corrected or a note added, above or below."""
    for index, paragraph in enumerate(draft.paragraphs):
        for meant, slip in SLIPS:
            if slip in paragraph:
                return _with_paragraph(draft, index, paragraph.replace(slip, meant))
    if rng.random() < 0.5:
        return replace(draft, lead=f"{_AMENDED.sub('', draft.lead)} (Cập nhật lúc {at}.)")
    figures = [(n, match) for n, text in enumerate(draft.paragraphs) for match in _NUMBER.finditer(text)]
    if figures and rng.random() < 0.6:
        index, match = rng.choice(figures)
        text = draft.paragraphs[index]
        corrected = str(int(match[0]) + rng.choice((-2, -1, 1, 2, 3)))
        return _with_paragraph(draft, index, text[: match.start()] + corrected + text[match.end() :])
    note = rng.choice((
        f"Cập nhật lúc {at}: các đơn vị liên quan đã được thông báo để phối hợp thực hiện.",
        f"Bổ sung lúc {at}: nội dung trên áp dụng cho cả các trường hợp phát sinh trong tuần.",
        f"Đính chính lúc {at}: địa điểm ghi trong bài không thay đổi, thời gian tính theo giờ hành chính.",
    ))  # fmt: skip
    return replace(draft, paragraphs=(*draft.paragraphs, note))


def _with_slip(rng: Random, draft: Draft) -> Draft:
    slips = [(n, pair) for n, text in enumerate(draft.paragraphs) for pair in SLIPS if f" {pair[0]} " in text]
    if not slips:
        return draft
    index, (meant, slip) = rng.choice(slips)
    return _with_paragraph(draft, index, draft.paragraphs[index].replace(f" {meant} ", f" {slip} ", 1))


def _with_paragraph(draft: Draft, index: int, text: str) -> Draft:
    return replace(draft, paragraphs=(*draft.paragraphs[:index], text, *draft.paragraphs[index + 1 :]))


@cache
def _words() -> dict[str, list[str]]:
    return tomllib.loads((DATA / "words.toml").read_text("utf-8"))


@cache
def themes(kind: Kind) -> tuple[dict[str, Any], ...]:
    """All themes of a kind as they stand in its file."""
    return tuple(tomllib.loads((DATA / f"{kind}.toml").read_text("utf-8"))["theme"])


@cache
def _themes_for(kind: Kind, member: SampleMember) -> tuple[dict[str, Any], ...]:
    suits = {"all", member.kind, member.slug}
    return tuple(theme for theme in themes(kind) if suits.intersection(theme["for"]))


class _Voice:
    """Fills the slots of one story; remembers what each name drew."""

    def __init__(self, rng: Random, province: Province, member: SampleMember, day: date) -> None:
        self._rng = rng
        self._own = member.slug
        self._drawn: dict[str, str] = self._settled(rng, province, member, day)

    def say(self, template: str) -> str:
        """The template with every slot filled and every sentence begun with a capital."""
        text = template
        while (match := _SLOT.search(text)) is not None:
            text = text[: match.start()] + self._fill(match[1]) + text[match.end() :]
        return _SENTENCE_START.sub(lambda start: start[0].upper(), text)

    def word(self, name: str) -> str:
        """What `name` means in this story."""
        if name not in self._drawn:
            words = _words()
            choices = words.get(f"{self._own}.{name}") or words[name.rstrip("0123456789")]
            self._drawn[name] = self._rng.choice(choices)
        return self._drawn[name]

    def _fill(self, slot: str) -> str:
        if "|" in slot:
            return self._rng.choice(slot.split("|"))
        figure = _FIGURE.fullmatch(slot)
        if figure is None:
            return self.word(slot)
        name, low, high = figure.groups()
        if name == "_":
            return self._draw(low, high)
        if name not in self._drawn:
            drawn = self._draw(low, high)
            self._drawn[name] = drawn.replace(".", "") if name == "so" else drawn
        return self._drawn[name]

    def _draw(self, low: str, high: str) -> str:
        if "." in low:
            return f"{self._rng.uniform(float(low), float(high)):.1f}".replace(".", ",")
        return f"{self._rng.randint(int(low), int(high)):,}".replace(",", ".")

    def _settled(self, rng: Random, province: Province, member: SampleMember, day: date) -> dict[str, str]:
        """The names that follow from who tells the story and when."""
        recent, coming = day - timedelta(days=rng.randint(0, 4)), day + timedelta(days=rng.randint(5, 20))
        limit = coming + timedelta(days=rng.randint(3, 12))
        own = member.place if member.kind == "commune" else rng.choice(province.communes).place
        desk = rng.choice(member.desks)
        head = rng.choice((member.head, member.head, f"Phó {member.head}"))
        return {
            "co_quan": member.office,
            "dia_ban": member.place if member.kind == "commune" else "tỉnh",
            "noi": own,
            "noi2": rng.choice(province.communes).place,
            "phong": desk,
            "lanh_dao": head,
            "abbr": member.abbr,
            "ky_hieu": f"{member.abbr}-{_initials(desk)}",
            "thu": WEEKDAYS[rng.randint(0, 4)],
            "gio": f"{rng.choice((7, 8, 9, 14, 15))} giờ {rng.choice(('00', '30'))}",
            "ngay": f"{WEEKDAYS[recent.weekday()]} ({recent:%d/%m})",
            "ngay_so": f"{recent:%d/%m/%Y}",
            "ngay_toi": f"{coming:%d/%m/%Y}",
            "han": f"{limit:%d/%m/%Y}",
            "thang": str(day.month),
            "quy": ["I", "II", "III", "IV"][(day.month - 1) // 3],
            "nam": str(day.year),
            "nam_sau": str(day.year + 1),
            "nam_hoc": f"{day.year}-{day.year + 1}",
        }


def _initials(desk: str) -> str:
    """`Phòng Nghiệp vụ Y` gives NVY, as departments shorten their desks in document numbers."""
    words = [word for word in re.findall(r"\w+", desk) if word not in {"Phòng", "và"}]
    return "".join(word[0].upper() for word in words)[:5]
