"""The words of decisions of announcement: titles, headings above the lists, and what the columns are called.

    "B. DANH MỤC TTHC BỊ BÃI BỎ THUỘC THẨM QUYỀN GIẢI QUYẾT CỦA SỞ TƯ PHÁP"
    -> a heading of style "letter" that says `abolished`, and whose procedures they are

What is done to a procedure is only told by words right beside "thủ tục hành chính": the name of a sector or of a
procedure may hold the same words (đổi mới sáng tạo, sửa đổi giấy phép).
"""

import re
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Final

from connectors.parse.text import clean_text, words
from schemas.document import Action, Announced

_DATA: Final[dict[str, Any]] = tomllib.loads(
    resources.files("connectors.data").joinpath("announcements.toml").read_text(encoding="utf-8")
)

#: Longest heading and longest label of a column, in characters; what is longer is a text.
HEADING_LIMIT: Final = 600
_LABEL_LIMIT: Final = 200

_PROCEDURES: Final = re.compile(r"thủ tục hành chính|(?<!\w)tthc(?!\w)")
_ACTIONS: Final = (
    (re.compile(r"(?:ban hành )?mới(?!\w)(?: được)?(?: ban hành| công bố)?"), Action.NEW),
    (re.compile(r"sửa đổi(?:[\s,/]*(?:và |hoặc )?bổ sung)?(?!\w)"), Action.AMENDED),
    (re.compile(r"thay thế(?!\w)"), Action.REPLACED),
    (re.compile(r"(?:bãi|hủy|huỷ) bỏ(?!\w)"), Action.ABOLISHED),
)
#: What may stand between "thủ tục hành chính" and the word that says what is done.
_FILLING: Final = re.compile(r"[\s,;:/&+()-]+|(?:và|hoặc|được|bị|các|đã|đặc thù|chuẩn hóa|chuẩn hoá|công bố|\d+)(?!\w)")
#: The same before "thủ tục hành chính": "công bố sửa đổi, bãi bỏ 05 thủ tục hành chính".
_BEFORE: Final = re.compile(
    r"(?:(?:sửa đổi|bổ sung|thay thế|(?:bãi|hủy|huỷ) bỏ|[\s,;/]|(?:và|hoặc|danh mục|các|một số|\d+)(?!\w)))+$"
)
_BEFORE_READ: Final = 80


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says is done to procedures."""

    actions: frozenset[Action] = frozenset()

    @property
    def action(self) -> Action | None:
        """The one thing that is done; None where nothing is said or several things are."""
        if self.actions == {Action.AMENDED, Action.REPLACED}:
            return Action.AMENDED
        return next(iter(self.actions)) if len(self.actions) == 1 else None


def said(text: str) -> Said:
    """What stands beside each "thủ tục hành chính" of a text."""
    text, found = clean_text(text).lower()[: 2 * HEADING_LIMIT], set[Action]()
    for mention in _PROCEDURES.finditer(text):
        found |= _behind(text, mention.end())[0]
        if before := _BEFORE.search(text[max(0, mention.start() - _BEFORE_READ) : mention.start()]):
            found |= {action for pattern, action in _ACTIONS[1:] if pattern.search(before[0])}
    return Said(frozenset(found))


def said_alone(text: str) -> Said:
    """What a cell says that holds nothing else: "Mới ban hành", "TTHC sửa đổi, bổ sung"."""
    text = clean_text(text).lower()
    if len(text) > _LABEL_LIMIT:
        return Said()
    start = mention.end() if (mention := _PROCEDURES.match(text)) else 0
    found, end = _behind(text, start)
    return Said(frozenset(found)) if not text[end:].strip(" .") else Said()


def _behind(text: str, at: int) -> tuple[set[Action], int]:
    """Actions from a place on, as far as nothing else stands between them, and where that ends."""
    found = set[Action]()
    while at < len(text):
        if filling := _FILLING.match(text, at):
            at = filling.end()
            continue
        for pattern, action in _ACTIONS:
            if match := pattern.match(text, at):
                found.add(action)
                at = match.end()
                break
        else:
            return found, at
    return found, at


# ---------------------------------------------------------------------------------------------------------- titles

_ANNOUNCES: Final = re.compile(
    r"^(?:(?:ubnd|ủy ban nhân dân|uỷ ban nhân dân)[^,;:]{0,60}? ban hành )?(?:quyết định\b.{0,160}?)?"
    r"(?:(?:về việc|v/v|về)\s*:?\s*)?(?:việc )?(?P<verb>công bố|bãi bỏ)(?P<between>.{0,120}?)"
    r"(?P<what>thủ tục hành chính|(?<!\w)tthc(?!\w))(?P<rest>.{0,120})", re.DOTALL,
)  # fmt: skip
_BETWEEN: Final = re.compile(
    r"(?:[\s,;/-]|(?:danh mục|bộ|các|một số|sửa đổi|bổ sung|thay thế|bãi bỏ|hủy bỏ|huỷ bỏ|mới|ban hành|chuẩn hóa"
    r"|chuẩn hoá|kèm theo|và|việc|thủ tục hành|\d+)(?!\w))*"
)
_ELSEWHERE: Final = re.compile(r"\s*(?:hành chính )?(?:" + "|".join(map(re.escape, _DATA["title"]["elsewhere"])) + ")")


def announces_procedures(title: str) -> bool:
    """Whether a title says that a decision announces procedures: creates, amends, replaces or abolishes them.

    Plans and reports about announcing do not, nor do lists of procedures that are handed in online or by post.
    """
    text = clean_text(title).lower()[:HEADING_LIMIT]
    found = _ANNOUNCES.match(text)
    if found is None or not _BETWEEN.fullmatch(found["between"]):
        return False
    return not _ELSEWHERE.match(found["rest"])


# -------------------------------------------------------------------------------------------------------- headings

#: What ends the letter or number of a heading.
_ENDED: Final = r"(?:\s*[.)/:–-]\s*|\s+(?=tthc|thủ tục|danh mục|lĩnh vực))"
_STYLES: Final = (
    ("appendix", re.compile(r"phụ lục(?:\s+(?:số\s*)?[ivxlc\d]+)?(?![^\W\d_])[\s.:)–-]*")),
    ("part", re.compile(r"(?:phần|chương|mục)\s+(?:thứ\s+\w+|[ivxlc]+|\d+|[a-h])(?!\w)[\s.:)–-]*")),
    ("dotted", re.compile(r"\d{1,3}(?:\.\d{1,3})+(?:[.)]|(?=\s))\s*")),
    ("arabic", re.compile(r"\d{1,3}\s*[.)/:–-]\s*(?!\d)")),
    ("roman", re.compile(rf"(?:x{{0,3}}(?:ix|iv|v?i{{1,3}}|v)|x{{1,3}}){_ENDED}")),
    ("letter", re.compile(rf"[a-h]{_ENDED}")),
)  # fmt: skip
_OPENS: Final = re.compile(
    r"(?:danh mục|tthc(?!\w)|thủ tục hành chính|(?:các|nhóm|những|một số|\d+)\s+(?:tthc(?!\w)|thủ tục hành chính))"
)
_DETAIL: Final = re.compile(r"(?:nội dung (?:cụ thể|chi tiết)|nội dung (?:của )?(?:từng )?(?:thủ tục|tthc))")
_SECTOR: Final = re.compile(r"lĩnh vực(?!\w)")
_AGENCY: Final = re.compile(
    r"(?:giải quyết|quản lý|tiếp nhận|thực hiện)(?: và giải quyết| nhà nước)?(?: trên địa bàn| tại)? của\s+(.+)$",
    re.IGNORECASE,
)
_AGENCY_ENDS: Final = re.compile(
    r"\s*(?:[(;.]|,?\s*ban hành kèm|\btrên địa bàn\b|\btrong lĩnh vực\b|\blĩnh vực\b|\bđược\b|\btheo\b).*$",
    re.IGNORECASE | re.DOTALL,
)
#: Level of a heading, and whose procedures those are; the province's own belong to whoever the title names.
_LEVELS: Final = (
    (re.compile(r"cấp xã(?!\w)"), "Ủy ban nhân dân cấp xã"),
    (re.compile(r"cấp huyện(?!\w)"), "Ủy ban nhân dân cấp huyện"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A line above a list."""

    style: str  #: what numbers it: appendix, part, letter, roman, arabic, dotted; empty: nothing
    said: Said = Said()
    agency: str = ""
    opens: bool = False  #: it speaks of procedures
    list: bool = False  #: it begins a list (danh mục)
    detail: bool = False  #: from here on each procedure is described by itself: no list


def heading(text: str) -> Heading | None:
    """A line as a heading; None for any other text. A sector (lĩnh vực) is none: it changes nothing.

    Nor is a sentence: "Bãi bỏ các thủ tục hành chính tại Quyết định số 12/QĐ-UBND." stands above lists of others.
    """
    if len(text) > HEADING_LIMIT or text.endswith((".", ";")):
        return None
    lower, style = text.lower(), ""
    for name, pattern in _STYLES:
        if match := pattern.match(lower):
            style, lower, text = name, lower[match.end() :], text[match.end() :]
            break
    if _DETAIL.match(lower):
        return Heading(style=style, detail=True)
    about = _PROCEDURES.search(lower)
    if style in ("appendix", "part") and not lower.strip():
        return Heading(style=style)
    if about is None or _SECTOR.match(lower) or not (_OPENS.match(lower) or style in ("appendix", "part")):
        return None
    begins = lower.startswith("danh mục")
    return Heading(style=style, said=said(lower), agency=_agency(text, lower), opens=True, list=begins)


def agency_in(title: str) -> str:
    """Whose procedures a title speaks of: "thuộc thẩm quyền giải quyết của Sở Tư pháp" -> "Sở Tư pháp"."""
    found = _AGENCY.search(clean_text(title))
    return _AGENCY_ENDS.sub("", found[1]).strip(" ,-–") if found else ""


def _agency(text: str, lower: str) -> str:
    if named := agency_in(text):
        return named
    levels = [name for pattern, name in _LEVELS if pattern.search(lower)]
    return levels[0] if len(levels) == 1 else ""


@dataclass(slots=True)
class Outline:
    """Where in the headings a reader is: which list, and so what is done to the procedures in it, and whose they are.

    A. TTHC CẤP TỈNH            nothing yet
      I. TTHC mới ban hành      new
      II. TTHC bị bãi bỏ        abolished
    B. TTHC CẤP XÃ              nothing yet: `A.` and all below it has ended
    """

    action: Action | None  #: what the title says of the whole decision
    agency: str = ""
    ended: bool = False  #: the lists are over; what follows describes single procedures
    _open: list[Heading] = field(default_factory=list)

    def take(self, heading: Heading) -> None:
        """Go on below this heading."""
        if heading.detail:
            self.ended = True
            return
        styles = [one.style for one in self._open]
        if heading.style in styles:
            del self._open[styles.index(heading.style) :]
        elif heading.style == "appendix" or (not heading.style and (heading.said.actions or heading.list)):
            self._open.clear()
        self.ended = self.ended and not heading.opens
        self._open.append(heading)

    @property
    def now(self) -> Action | None:
        """What is done to the procedures here; None where that is not said or not clear."""
        if self.ended:
            return None
        for one in reversed(self._open):
            if one.said.actions:
                return one.said.action
        return self.action

    @property
    def whose(self) -> str:
        """Whose procedures are listed here."""
        return next((one.agency for one in reversed(self._open) if one.agency), self.agency)

    def below(self) -> "Outline":
        """An outline of its own for what stands in here: a table numbers its parts by itself."""
        return Outline(action=self.now, agency=self.whose)

    def after(self, inside: "Outline") -> None:
        """A table ends. One that goes on in the next table goes on where its headings had led."""
        if inside.now is not self.now:
            actions = frozenset(Action) if inside.now is None else frozenset({inside.now})
            self.take(Heading(style="table", said=Said(actions), agency=inside.whose))


@dataclass(slots=True)
class Found:
    """What the lists of a decision hold."""

    lines: list[Announced] = field(default_factory=list)
    whole: bool = True  #: False: something looks like a line of a list and could not be read for certain


# --------------------------------------------------------------------------------------------------------- columns


def _label(text: str) -> str:
    return " ".join(words(re.sub(r"\([^()]*\)", " ", text)))


_COLUMNS: Final = tuple(
    (
        str(entry["role"]),
        frozenset(map(_label, entry.get("is", ()))),
        tuple(f" {_label(one)} " for one in entry.get("has", ())),
    )
    for entry in _DATA["column"]
)


def column_called(text: str) -> str:
    """What a column with this label holds: name, code, basis …; "" for a label that nobody has listed."""
    return next(iter(columns_called(text)), "")


def columns_called(text: str) -> list[str]:
    """What the columns hold whose labels stand together in a line; the first is the best for a single label."""
    if not text or len(text) > _LABEL_LIMIT:
        return []
    label = _label(text)
    padded = f" {label} "
    return [role for role, whole, parts in _COLUMNS if label in whole or any(part in padded for part in parts)]
