"""The lists there are, and what a code of each looks like: mended where it can be, refused where it cannot."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from connectors.parse.text import clean_text
from hub.rules.organisations import IdentifierError
from hub.rules.organisations import parse as parse_organisation

#: `1.0`, `1,0`: a spreadsheet took the code for a number.
_FLOAT = re.compile(r"(\d+)[.,]0+")
_SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+")
_PLAIN = re.compile(r"[\w.\-/]{1,64}")
_DAYS = (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?"), re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})"))


class CodeError(ValueError):
    """This can be no code of the list, or no date; `sentence` says why to a clerk."""

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reason = reason  #: stable code, docs/reference/errors.md


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeListKind:
    """One list: what it is called and what its codes look like."""

    name: str
    title: str  #: for a clerk
    mend: Callable[[str], str]  #: the code as we keep it; raises CodeError
    parents: tuple[str, ...] = ()  #: lists in one of which the parent's code stands
    keeps_raw: bool = False  #: the text as it was written is kept beside the code
    may_end: bool = False  #: its codes end without successors


def read_day(text: str) -> date | None:
    """2025-07-01 or 01/07/2025; empty = None. Raises CodeError."""
    text = clean_text(text)
    if not text:
        return None
    for pattern, order in zip(_DAYS, ((1, 2, 3), (3, 2, 1)), strict=True):
        if match := pattern.fullmatch(text):
            try:
                return date(*(int(match[part]) for part in order))
            except ValueError:
                break
    raise CodeError(f"«{text[:30]}» không phải là ngày; hãy ghi như 01/07/2025 hoặc 2025-07-01.", "bad_date")


def _digits(width: int) -> Callable[[str], str]:
    def mend(text: str) -> str:
        text = _plain_text(text)
        if match := _FLOAT.fullmatch(text):
            text = match[1]
        if not text.isascii() or not text.isdigit():
            raise CodeError(
                f"Mã «{text[:30]}» phải gồm đúng {width} chữ số; hãy gõ lại bằng các chữ số 0–9.", "bad_code"
            )  # fmt: skip
        if len(text) > width:
            raise CodeError(f"Mã «{text[:30]}» dài hơn {width} chữ số.", "bad_code")
        return text.zfill(width)  # a spreadsheet drops leading zeros

    return mend


def _free(text: str) -> str:
    text = _plain_text(text)
    if not _PLAIN.fullmatch(text):
        raise CodeError(
            f"Mã «{text[:30]}» chỉ được gồm chữ, số và các dấu . - _ /, không quá 64 ký tự.", "bad_code"
        )  # fmt: skip
    return text


def _day(text: str) -> str:
    day = read_day(text)
    if day is None:
        raise CodeError("Dòng này chưa có ngày.", "no_code")
    return day.isoformat()


def _organisation(text: str) -> str:
    _plain_text(text)
    try:
        return parse_organisation(text).code
    except IdentifierError as error:
        raise CodeError(error.sentence, "bad_code") from error


def _prefix(text: str) -> str:
    code = _organisation(text)
    if "." in code:
        raise CodeError(f"«{text[:30]}» không phải là mã cấp 1 (một chữ cái và hai chữ số, ví dụ H53).", "bad_code")
    return code


def _plain_text(text: str) -> str:
    """Without the apostrophe that makes text of a number, full-width digits as plain ones."""
    text = unicodedata.normalize("NFKC", clean_text(text)).strip().lstrip("'’").strip()
    if _SCIENTIFIC.fullmatch(text):
        raise CodeError(
            f"Mã «{text[:30]}» đã bị bảng tính đổi thành số; hãy định dạng cột mã là văn bản rồi nhập lại.",
            "damaged_code",
        )  # fmt: skip
    return text


LISTS: Final[Mapping[str, CodeListKind]] = {
    kind.name: kind
    for kind in (
        CodeListKind(name="provinces", title="Tỉnh, thành phố", mend=_digits(2)),
        CodeListKind(
            name="districts", title="Huyện, quận (đã kết thúc)", mend=_digits(3), parents=("provinces",), may_end=True
        ),
        CodeListKind(name="communes", title="Xã, phường", mend=_digits(5), parents=("provinces", "districts")),
        CodeListKind(name="area-codes", title="Mã vùng điện thoại", mend=_free),
        CodeListKind(name="prefixes", title="Mã định danh cấp 1", mend=_prefix),
        CodeListKind(
            name="organisations", title="Mã định danh cơ quan", mend=_organisation,
            parents=("organisations", "prefixes"), keeps_raw=True,
        ),
        CodeListKind(name="fields", title="Lĩnh vực thủ tục hành chính", mend=_free),
        CodeListKind(name="document-types", title="Loại văn bản", mend=_free),
        CodeListKind(name="holidays", title="Ngày nghỉ, ngày làm bù", mend=_day),
    )
}  # fmt: skip
