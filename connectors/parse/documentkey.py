"""What tells a document from all others: issuer, number and day of issue.

A number alone is not unique: every office counts for itself, and begins again every year. Offices are compared by their
names written out; codes change when offices merge.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from connectors.parse.documentwords import folded
from connectors.parse.numbers import normal_number, number_key
from connectors.parse.text import clean_text, cut
from schemas.document import Document
from schemas.shapes import Coded

#: How names of offices are written short, folded; whole words only.
_SHORT: Final = (
    (re.compile(r"\bubnd\b"), "uy ban nhan dan"), (re.compile(r"\bhdnd\b"), "hoi dong nhan dan"),
    (re.compile(r"\btp\b\.?"), "thanh pho"), (re.compile(r"\bttcp\b"), "thu tuong chinh phu"),
    (re.compile(r"\bgd\s?&\s?dt\b"), "giao duc va dao tao"), (re.compile(r"\bvp\b"), "van phong"),
)  # fmt: skip

#: Characters of an office in a written key.
_OFFICE_LIMIT: Final = 120
#: What stands behind the number in a written key.
_ISSUED: Final = " ngày "


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKey:
    """What tells a document from all others. Keys are equal for what is written alike."""

    issuer: str  #: name, folded and written out
    numbers: frozenset[str]
    issued: date


def document_key(document: Document) -> DocumentKey | None:
    """The key of a document; None while issuer, number or day of issue is missing."""
    numbers, issuer = numbers_of(document), office_key(document.issuer)
    if not numbers or not issuer or document.issued is None:
        return None
    return DocumentKey(issuer=issuer, numbers=numbers, issued=document.issued)


def numbers_of(document: Document) -> frozenset[str]:
    """The numbers of a document as they are compared."""
    return frozenset(map(number_key, filter(None, (document.number, *document.further_numbers))))


def office_key(office: Coded) -> str:
    """An office as it is compared: its name, folded and written out, else its code."""
    name = folded(office.name)
    for short, long in _SHORT:
        name = short.sub(long, name)
    return " ".join(name.split()) or folded(office.code)


def written_key(document: Document) -> str:
    """The key as one text, for places that keep documents under it; "" where there is none.

    `15/2024/QĐ-UBND ngày 20/11/2024 – uy ban nhan dan tinh mau`; of a joint document the number that is first in order.
    """
    key = document_key(document)
    if key is None:
        return ""
    stated = sorted(filter(None, (document.number, *document.further_numbers)), key=number_key)[0]
    number = normal_number(stated) or clean_text(stated)
    return f"{number}{_ISSUED}{key.issued:%d/%m/%Y} – {cut(key.issuer, _OFFICE_LIMIT)}"


def number_in_key(key: str) -> str:
    """The number in a written key."""
    return key.partition(_ISSUED)[0]
