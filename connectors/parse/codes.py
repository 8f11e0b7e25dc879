"""What stands in the small fields of procedures: codes, sums, time limits, counts, and lists in every disguise.

Pure, total and tolerant: every function takes whatever a program may have written there and answers; none raises.
Grammar of procedure codes, old forms included:

    1.004194.000.00.00.H52.02     national part 1.004194, agency suffix 000.00.00.H52.02
    1.012766.H19                  the same in short, as provinces write it
    T-BPC-280421                  the base before 2019: kept as it is
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from connectors.errors import RejectedError
from connectors.parse.data import jsontext
from connectors.parse.text import clean_text, fold
from schemas.procedure import AMOUNT_LIMIT, COUNT_LIMIT, Channel, FeeKind, TimeUnit

#: JSON inside JSON strings: how often it is unwrapped.
_WRAPPINGS: Final = 4

#: Characters of a text that may be a code or a sum; a longer one is neither.
_SHORT: Final = 200

#: Letters of other alphabets that look like those of agency codes, and letters that stand where a digit is meant.
_LOOKALIKES: Final = str.maketrans("НКТВРСнктврсоО", "HKTBPChktbpcoO")
_MEANT_DIGITS: Final = str.maketrans("OoIl|", "00111")
_DASHES: Final = re.compile("[‐-―−]")
_LABEL: Final = re.compile(
    r"(?i)^(?:mã\s*)?(?:số\s*)?(?:tthc|thủ tục(?: hành chính)?|hồ sơ tthc)\s*[:.]?\s*|^mã\s*(?:số)?\s*:?\s*"
)
_FULL: Final = re.compile(r"([1-9])\.(\d{6})(?:\.((?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(?:\.\d{1,3}){0,2}))?")
#: A code in which letters were typed for digits, before the letter of its suffix.
_DIGIT_LIKE: Final = re.compile(r"[0-9OoIl|.]+(?=\.?[GHKghk]|$)")
_OLD: Final = re.compile(r"[BT]-[A-Z]{2,4}-\d{4,6}(?:-TT)?")


class ProcedureCode(NamedTuple):
    """A procedure code in its parts."""

    code: str  #: whole, in one normal form; as stated where it has none
    national: str = ""  #: D.DDDDDD
    suffix: str = ""  #: what names the agency
    remark: str = ""  #: `code_old_form`, `code_unknown_form`, `code_mended`


def read_code(value: object) -> ProcedureCode:
    """A code whose blanks and look-alike letters are mended; what fits no grammar is kept as it was, with a remark."""
    stated = clean_text(jsontext.text_of(value))
    if not stated:
        return ProcedureCode("")
    if len(stated) > _SHORT:
        return _remarked(ProcedureCode(stated), "code_unknown_form")
    bare = _DASHES.sub("-", unicodedata.normalize("NFKC", _LABEL.sub("", stated)))
    mended = "".join(bare.split()).translate(_LOOKALIKES).replace(",", ".").strip(".;:()[]\"'-")
    if _OLD.fullmatch(mended.upper()):
        return _remarked(ProcedureCode(mended.upper()), "code_old_form")
    if start := _DIGIT_LIKE.match(mended):
        mended = start.group().translate(_MEANT_DIGITS) + mended[start.end() :]
    mended = mended.upper()
    found = _FULL.fullmatch(mended)
    if found is None:
        return _remarked(ProcedureCode(stated), "code_unknown_form")
    national, suffix = f"{found[1]}.{found[2]}", found[3] or ""
    read = ProcedureCode(mended, national, suffix)
    return read if mended == stated else _remarked(read, "code_mended")


def _remarked(read: ProcedureCode, code: str) -> ProcedureCode:
    return read._replace(remark=code)


# ------------------------------------------------------------------------------------------------------- sums

_THOUSANDS: Final = re.compile(r"\d{1,3}([., ])\d{3}(?:\1\d{3})*(?:[.,]0{1,2})?|\d{1,15}(?:[.,]0{1,2})?")
_DONG: Final = re.compile(r"(?i)(?:việt nam\s*)?(?:đồng|đ|vnđ|vnd|dong)\.?(?:\s*(?:việt nam|vn))?(?![^\W\d_])")
_FREE: Final = frozenset({"khong", "mien phi", "mien", "khong thu phi", "khong mat phi", "khong co", "khong thu"})


def read_amount(text: str, unit: str = "") -> int | None:
    """Whole dong, 0 for what is free of charge; None for what is no single sum of dong."""
    if len(text) > _SHORT:
        return None
    words = fold(text).strip(" .")
    if words in _FREE or (words.startswith("khong ") and _DONG.fullmatch(text.strip()[6:].strip())):
        return 0
    if unit and not _is_dong(unit):
        return None
    bare = text.strip()
    if mark := _DONG.search(bare):
        if bare[mark.end() :].strip(" .") or not bare[: mark.start()].strip():
            return None
        bare = bare[: mark.start()].strip()
    if not bare.isascii() or not _THOUSANDS.fullmatch(bare):
        return None
    whole = re.sub(r"[.,]0{1,2}$", "", bare)
    amount = int(re.sub(r"\D", "", whole))
    return amount if amount <= AMOUNT_LIMIT else None


_MARKUP: Final = re.compile(r"<[^<>]{0,2000}>|&nbsp;|&#160;")
_NAMED_SUM: Final = re.compile(
    r"(?i)(?<![\d.,])(?=[\d.,]*[1-9])\d[\d.,]*\s*(?:nghìn\s|ngàn\s|triệu\s|tỷ\s)?(?:đồng|đ|vnđ|vnd|usd)(?![^\W\d_])"
)


def names_a_sum(text: str) -> bool:
    """Whether a text speaks of money: beside it, `Miễn phí` or 0 is what a form was left at, and not the fee."""
    return _NAMED_SUM.search(_MARKUP.sub(" ", text)) is not None


def written_amount(amount: int) -> str:
    """A sum as the national base writes it: 1.500.000."""
    return f"{amount:,}".replace(",", ".")


def _is_dong(unit: str) -> bool:
    return _DONG.match(unit.strip()) is not None


_FEE_KINDS: Final = {"1": FeeKind.FEE, "2": FeeKind.CHARGE, "phi": FeeKind.FEE, "le phi": FeeKind.CHARGE}


def read_fee_kind(value: object) -> tuple[FeeKind | None, str]:
    """The kind of a payment, or its code where it is another one; a stray quote says nothing."""
    code = clean_text(jsontext.text_of(value)).strip("'\"’‘` :")
    kind = _FEE_KINDS.get(fold(code))
    return kind, "" if kind else code


# ------------------------------------------------------------------------------------------------ time limits

_UNITS: Final = {
    "phut": TimeUnit.MINUTE, "gio": TimeUnit.HOUR, "gio lam viec": TimeUnit.WORKING_HOUR, "ngay": TimeUnit.DAY,
    "ngay lam viec": TimeUnit.WORKING_DAY, "tuan": TimeUnit.WEEK, "thang": TimeUnit.MONTH, "quy": TimeUnit.QUARTER,
    "nam": TimeUnit.YEAR,
}  # fmt: skip
_LIMIT: Final = re.compile(r"(\d{1,7})(?:[.,]0{1,2})?\s*(?:\(\s*[^()\d]{1,40}\)\s*)?([^\W\d_][^\d()]{0,40})?")


def read_unit(name: str) -> TimeUnit | None:
    """What a time limit counts, if it is one of the usual units."""
    return _UNITS.get(fold(clean_text(name)).strip(" ."))


def read_limit(text: str) -> tuple[int | None, str]:
    """Number and name of the unit of a time limit in words: `07 (bảy) Ngày làm việc`; (None, "") for anything else."""
    found = _LIMIT.fullmatch(clean_text(text).strip(" ."))
    if found is None or (found[2] and read_unit(found[2]) is None):
        return None, ""
    count = int(found[1])
    return (count, (found[2] or "").strip()) if count <= COUNT_LIMIT else (None, "")


def read_count(value: object) -> int | None:
    """A whole number: 2, 2.0, "02"; None for anything else."""
    text = clean_text(jsontext.text_of(value))
    found = re.fullmatch(r"(\d{1,9})(?:[.,]0{1,2})?", text) if text.isascii() else None
    count = int(found[1]) if found else COUNT_LIMIT + 1
    return count if count <= COUNT_LIMIT else None


_CHANNELS: Final = {
    "1": Channel.IN_PERSON, "2": Channel.ONLINE, "3": Channel.POST,
    "truc tiep": Channel.IN_PERSON, "nop truc tiep": Channel.IN_PERSON,
    "truc tuyen": Channel.ONLINE, "nop truc tuyen": Channel.ONLINE,
    "dich vu buu chinh": Channel.POST, "buu chinh": Channel.POST, "qua dich vu buu chinh": Channel.POST,
    "buu chinh cong ich": Channel.POST, "dich vu buu chinh cong ich": Channel.POST,
}  # fmt: skip


def read_channel(value: object) -> tuple[Channel | None, str]:
    """A way of handing in, or its name where it is another one."""
    name = clean_text(jsontext.text_of(value)).strip("'\"")
    channel = _CHANNELS.get(fold(name))
    return channel, "" if channel else name


# ------------------------------------------------------------------------------------------------------ lists


def as_list(value: object) -> list[Any]:
    """A list that may be missing, null, a single object, or JSON inside a string."""
    value = unwrapped(value)
    if value is None or value == "":
        return []
    if isinstance(value, (list, tuple)):
        return [one for one in value if one is not None and one != ""]
    return [value]


def unwrapped(value: object) -> Any:
    """A value, or what the string that it is holds, if that is a JSON object or list."""
    for _ in range(_WRAPPINGS):
        if not isinstance(value, str) or value.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
            return value
        try:
            value = jsontext.loads(value.strip("\ufeff \t\r\n"))
        except RejectedError:
            return value
    return value


def folded_keys(record: Mapping[Any, Any]) -> dict[str, Any]:
    """A record by the upper-case form of its keys: MaTTHC, maTTHC and MATTHC are one name."""
    return {str(key).strip().upper().replace("_", ""): value for key, value in record.items()}
