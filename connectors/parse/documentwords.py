"""What offices call types, relations and parts of documents: connectors/data, read once.

Types come from document-types.csv, which is a list of codes that an editorial board sees too (hub/codes); everything
else from documents.toml. A type may stand in the list twice, as a normative document (văn bản QPPL) and as an
administrative one: the letters of its number are the same, and so is the type here.

Words are compared folded: without marks and letter case, blanks as one. A word that stands in the file twice belongs to
its first place; codes of types are compared with their marks, for nothing else tells HĐ (hợp đồng) from HD (hướng dẫn).
"""

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from connectors.parse.text import clean_text, fold
from schemas.document import Validity
from schemas.shapes import Coded

#: The list of types that a board sees; hub/codes/shipped.py reads the same file.
TYPES_FILE: Final = "document-types.csv"


def _text(name: str) -> str:
    return resources.files("connectors.data").joinpath(name).read_text(encoding="utf-8")


_DATA: Final[dict[str, Any]] = tomllib.loads(_text("documents.toml"))

#: What registers write of a validity; of an unknown one nothing.
VALIDITY_WORDS: Final = {
    Validity.UNKNOWN: "",
    Validity.NOT_YET: "Chưa có hiệu lực",
    Validity.IN_FORCE: "Còn hiệu lực",
    Validity.PARTLY_EXPIRED: "Hết hiệu lực một phần",
    Validity.EXPIRED: "Hết hiệu lực toàn bộ",
    Validity.PARTLY_SUSPENDED: "Ngưng hiệu lực một phần",
    Validity.SUSPENDED: "Ngưng hiệu lực",
    Validity.OUTDATED: "Không còn phù hợp",
}

#: Group of normative documents (văn bản QPPL) in QCVN 102:2016/BTTTT.
NORMATIVE: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentType:
    """A type of documents."""

    coded: Coded
    edxml: tuple[int, int] | None  #: group and number on the document exchange axis
    normative: tuple[int, int] | None  #: the same of a normative document, where the type may be both


def folded(text: str) -> str:
    """A word or label as it is compared."""
    return fold(clean_text(text)).strip(" :;.,*-–()[]")


def _types(rows: Iterable[Mapping[str, str]]) -> Iterator[tuple[DocumentType, tuple[str, ...]]]:
    """The types of a list with every name they go by; a row without an abbreviation is none that a number can say."""
    by_code: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        if code := row["viết tắt"]:
            by_code.setdefault(code, []).append(row)
    for code, same in by_code.items():
        places = [(int(row["type"]), int(row["type detail"])) for row in same if row["type"]]
        normative = [place for place in places if place[0] == NORMATIVE]
        others = [place for place in places if place[0] != NORMATIVE]
        words = [word for row in same for word in (row["tên"], *row["tên khác"].split(";")) if word]
        yield (
            DocumentType(
                coded=Coded(code=code, name=same[0]["tên"]),
                edxml=next(iter(others or normative), None),
                normative=normative[0] if normative and others else None,
            ),
            tuple(words),
        )


def _by_word(table: Mapping[str, Iterable[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, words in table.items():
        for word in words:
            found.setdefault(folded(word), name)
    return found


_LISTED: Final = tuple(_types(csv.DictReader(_text(TYPES_FILE).splitlines())))
#: By code: upper and lower case are the same, marks are not.
TYPES: Final = {one.coded.code.upper(): one for one, _ in _LISTED}
_TYPE_NAMES: Final = _by_word({one.coded.code.upper(): words for one, words in _LISTED})
_NUMBERS: Final[dict[str, Any]] = _DATA["numbers"]
OPENINGS: Final = tuple(sorted(map(clean_text, _NUMBERS["openings"]), key=len, reverse=True))
NO_NUMBER: Final = frozenset(map(folded, _NUMBERS["none"]))
SECRECY_SUFFIXES: Final = tuple(map(clean_text, _NUMBERS["secrecy"]))
SEPARATORS: Final[tuple[str, ...]] = tuple(_NUMBERS["separators"])
SPELLINGS: Final[Mapping[str, str]] = _NUMBERS["spellings"]
LEADING: Final[Mapping[str, str]] = _NUMBERS["leading"]
ISSUERS: Final[Mapping[str, str]] = _DATA["issuers"]
_VALIDITY: Final = {word: Validity(name) for word, name in _by_word(_DATA["validity"]).items()}
ON_SIGNING: Final = frozenset(map(folded, _DATA["effect"]["on_signing"]))
LABELS: Final[Mapping[str, tuple[str, ...]]] = {folded(label): tuple(names) for label, names in _DATA["labels"].items()}
RELATIONS: Final = frozenset(_DATA["relations"])
_RELATION_WORDS: Final = _by_word(_DATA["relations"])
#: Kind of a relation for which nothing better is known.
RELATED: Final = "related"


def type_called(name: str) -> DocumentType | None:
    """The type with this name or code: "Quyết định", "QUYẾT ĐỊNH", "QĐ"."""
    code = clean_text(name).upper()
    return TYPES.get(code) or TYPES.get(_TYPE_NAMES.get(folded(name), ""))


def type_on_axis(group: int, number: int) -> DocumentType | None:
    """The type by its numbers on the document exchange axis."""
    return next((one for one in TYPES.values() if (group, number) in (one.edxml, one.normative)), None)


def validity_called(words: str) -> Validity | None:
    """The state of validity in these words; None for words that nobody has listed."""
    return _VALIDITY.get(folded(words))


def relation_called(words: str) -> str:
    """The kind of relation in these words or field names; `related` for others."""
    return words if words in RELATIONS else _RELATION_WORDS.get(folded(words), RELATED)
