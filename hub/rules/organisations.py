"""Identifiers of organisations (QĐ 20/2020/QĐ-TTg, amended by QĐ 09/2025/QĐ-TTg): raw text, one code, and its levels.

    000.20.31.H53   small -> large, groups of zeros fill the missing levels   ─┐
    H53.31.20       large -> small, as the decision writes it                 ─┴─>  H53.31.20 = (H53, 31, 20)

Both directions occur. Prefixes: G ministries and central bodies, H provincial People's Committees, K People's Councils.
Which prefixes are open or closed is data (list `prefixes`). The exact grammar of the decision is not known to us, so
groups of two or three digits are taken and nothing is concluded from their width.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from hub.rules.codes import CodeList, Resolution

#: Level 1: a letter and two digits.
_PREFIX = re.compile(r"[A-Z]\d{2}")
_GROUP = re.compile(r"\d{2,3}")
#: Cyrillic and Greek capitals that look like the letters of prefixes, small ones too.
_LOOKALIKES = str.maketrans("НнΗКкΚкГ", "HHHKKKKG")
#: What stands between groups where a dot is meant.
_SEPARATORS = re.compile(r"[\s.,·•‧∙_\-–]+")


class IdentifierError(ValueError):
    """This is no identifier; `sentence` says why to a clerk."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An identifier in its parts."""

    raw: str  #: as it was written
    levels: tuple[str, ...]  #: largest first: ("H53", "31", "20")

    @property
    def code(self) -> str:
        """The one form: level 1, then the lower levels."""
        return ".".join(self.levels)

    @property
    def prefix(self) -> str:
        """Level 1: the ministry, the province."""
        return self.levels[0]

    @property
    def parent(self) -> str:
        """Code of the level above; empty at level 1."""
        return ".".join(self.levels[:-1])

    @property
    def old_form(self) -> str:
        """Small to large, with zeros for missing levels: what systems before 2020 exchange. Empty below level 4."""
        if len(self.levels) > 4:
            return ""
        lower = list(self.levels[1:]) + ["00"] * (4 - len(self.levels))
        return ".".join((lower[2].zfill(3), lower[1], lower[0], self.prefix))


def parse(raw: str) -> Organisation:
    """Read an identifier in either direction. Raises IdentifierError."""
    text = unicodedata.normalize("NFKC", raw).translate(_LOOKALIKES).strip().upper()
    groups = [group for group in _SEPARATORS.split(text) if group]
    prefixes = [index for index, group in enumerate(groups) if _PREFIX.fullmatch(group)]
    if len(prefixes) != 1 or prefixes[0] not in (0, len(groups) - 1):
        raise IdentifierError(
            "Mã định danh phải có đúng một mã cấp 1 (một chữ cái và hai chữ số, ví dụ H53) ở đầu hoặc ở cuối."
        )
    if prefixes[0]:
        groups.reverse()
    for group in groups[1:]:
        _refuse(group)
    while len(groups) > 1 and not group_has_meaning(groups[-1]):
        groups.pop()
    return Organisation(raw=raw, levels=tuple(groups))


def group_has_meaning(group: str) -> bool:
    """Whether a group names a level; zeros only fill."""
    return bool(group.strip("0"))


def _refuse(group: str) -> None:
    if _GROUP.fullmatch(group):
        return
    if group.isdigit() and len(group) > 3:
        raise IdentifierError(
            f"Nhóm số «{group[:20]}» có {len(group)} chữ số, mỗi nhóm chỉ có 2 hoặc 3; có thể thiếu dấu chấm."
        )
    if group.isdigit():
        raise IdentifierError(f"Nhóm số «{group}» chỉ có một chữ số; có thể bảng tính đã làm mất số 0 ở đầu.")
    raise IdentifierError(f"«{group[:20]}» không phải là nhóm chữ số; hãy gõ lại mã bằng chữ số 0–9.")


def prefix_state(identifier: Organisation, prefixes: CodeList, *, on: date, then: date | None = None) -> Resolution:
    """Whether the province or ministry of an identifier is open on a day, closed, or unknown, and who follows it."""
    return prefixes.resolve(identifier.prefix, on=on, then=then)
