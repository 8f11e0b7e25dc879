"""What offices call types, relations and parts of documents: connectors/data/documents.toml, read once.

Words are compared folded: without marks and letter case, blanks as one. A word that stands in the file twice belongs to
its first place; codes of types are compared with their marks, for nothing else tells HĐ (hợp đồng) from HD (hướng dẫn).
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from connectors.parse.text import clean_text, fold
from schemas.document import Validity
from schemas.shapes import Coded

_FILE: Final = "documents.toml"
_DATA: Final[dict[str, Any]] = tomllib.loads(
    resources.files("connectors.data").joinpath(_FILE).read_text(encoding="utf-8")
)

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


def _type(entry: Mapping[str, Any]) -> DocumentType:
    edxml, normative = entry.get("edxml"), entry.get("normative")
    return DocumentType(
        coded=Coded(code=entry["code"], name=entry["name"]),
        edxml=(edxml[0], edxml[1]) if edxml else None,
        normative=(normative[0], normative[1]) if normative else None,
    )


def _by_word(table: Mapping[str, Iterable[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, words in table.items():
        for word in words:
            found.setdefault(folded(word), name)
    return found


#: By code: upper and lower case are the same, marks are not.
TYPES: Final = {entry["code"].upper(): _type(entry) for entry in _DATA["type"]}
_TYPE_NAMES: Final = _by_word({
    entry["code"].upper(): (entry["name"], *entry.get("words", ())) for entry in _DATA["type"]
})  # fmt: skip
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
