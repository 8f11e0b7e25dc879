"""What a row says before it is known whether it may stay: drafts of records, changes of a tree, and rows that fell."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.parse.text import clean_text
from hub.codes.lists import LISTS, CodeError, read_day
from hub.codes.rows import Row
from hub.rules.codes import Code, Successor

#: Longest name and longest value of another column, in characters.
NAME_LIMIT, VALUE_LIMIT = 500, 2_000
#: Words in brackets behind a successor, or after it, that say that it took over only a part.
_PARTLY = ("một phần", "part")
#: Letters of other scripts that look like Latin ones; they come from keyboards left in another language.
_LOOKALIKES = str.maketrans("АВЕКМНОРСТУХІаеорсухі", "ABEKMHOPCTYXIaeopcyxi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record as one row tells it."""

    list: str
    record: Code
    row: Row
    mended: bool = False  #: the code was not written as we keep it


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A row of a conversion table: what one unit of the old tree became."""

    row: Row
    new: Code
    old: Code | None  #: None = no unit of its own, an area that was nobody's
    part: bool
    old_list: str = "communes"  #: `districts` for an island that had no communes
    old_province: Code | None = None
    new_province: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """A row that cannot become a record."""

    list: str
    file: str
    row: int
    reason: str  #: stable code, docs/reference/errors.md
    sentence: str


@dataclass(slots=True)
class Gathered:
    """Everything that was read out of the files so far."""

    drafts: list[Draft] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    fallen: list[Fallen] = field(default_factory=list)

    def fell(self, name: str, row: Row, error: CodeError) -> None:
        """Set a row aside."""
        self.fallen.append(
            Fallen(list=name, file=row.file, row=row.number, reason=error.reason, sentence=error.sentence)
        )


def draft(name: str, row: Row, told: Mapping[str, str]) -> Draft:
    """A record from plain cells under our own names of columns; others become attributes. Raises CodeError."""
    kind = LISTS[name]
    written = told.get("code", "")
    if not written:
        raise CodeError("Dòng này chưa có mã.", "no_code")
    code = kind.mend(written)
    record = Code(
        code=code,
        name=read_name(told.get("name", "")),
        valid_from=read_day(told.get("valid_from", "")),
        valid_until=read_day(told.get("valid_until", "")),
        parent=_parent(name, told.get("parent", ""), code),
        successors=_successors(name, told.get("successors", "")),
        confirmed=_confirmed(told.get("confirmed", "")),
        attributes={
            column: value[:VALUE_LIMIT] for column, value in told.items() if column not in OWN_COLUMNS and value
        }
        | ({"raw": written} if kind.keeps_raw and written != code else {}),
    )
    if record.valid_from and record.valid_until and record.valid_until < record.valid_from:
        raise CodeError("Ngày hết hiệu lực sớm hơn ngày bắt đầu hiệu lực.", "dates_reversed")
    if record.successors and record.valid_until is None:
        raise CodeError("Có mã kế thừa nhưng chưa ghi ngày hết hiệu lực.", "successor_without_end")
    return Draft(list=name, record=record, row=row, mended=not kind.keeps_raw and code != written)


#: The columns that every list may have; every other one is an attribute.
OWN_COLUMNS = ("code", "name", "valid_from", "valid_until", "parent", "successors", "confirmed")


def read_name(text: str) -> str:
    """A name in plain text, its look-alike letters mended. Raises CodeError."""
    name = clean_text(text)
    if any(letter.isascii() and letter.isalpha() for letter in name):
        name = name.translate(_LOOKALIKES)
    if not name:
        raise CodeError("Dòng này chưa có tên.", "no_name")
    if len(name) > NAME_LIMIT:
        raise CodeError(f"Tên dài hơn {NAME_LIMIT} ký tự; có thể các cột đã bị lệch.", "name_too_long")
    return name


def _parent(name: str, text: str, code: str) -> str:
    if text:
        for parent in LISTS[name].parents:
            try:
                return LISTS[parent].mend(text)
            except CodeError:
                continue
        return LISTS[name].mend(text)
    return code.rpartition(".")[0] if name == "organisations" else ""


def _successors(name: str, text: str) -> tuple[Successor, ...]:
    found = []
    for part in filter(None, (part.strip() for part in text.replace("\n", ";").split(";"))):
        written, _, remark = part.partition("(")
        if remark and not any(word in remark.lower() for word in _PARTLY):
            raise CodeError(
                f"«{part[:40]}»: sau mã kế thừa chỉ được ghi thêm «(một phần)».", "bad_successor"
            )  # fmt: skip
        other, colon, own = written.strip().partition(":")
        if colon and other not in LISTS:
            raise CodeError(f"«{part[:40]}»: không có danh mục «{other[:20]}».", "bad_successor")
        mend = LISTS[other if colon else name].mend
        found.append(Successor(code=mend(own if colon else other), part=bool(remark), list=other if colon else ""))
    return tuple(found)


def _confirmed(text: str) -> bool:
    """Empty and yes are confirmed; anything else still waits: a doubt is not overlooked."""
    return text.strip().lower() in ("", "rồi", "đã xác nhận", "có", "yes", "true", "1", "x")
