"""When two descriptions of a document are of the same document: issuer, number and day of issue agree.

A number alone is not unique: every office counts for itself, and begins again every year. So no key is made while one
of the three is missing, and offices are compared by identifier, or by names as far as they are written alike.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from connectors.parse.documentwords import folded
from connectors.parse.numbers import number_key
from schemas.document import Document
from schemas.shapes import Coded

#: How names of offices are written short, folded; whole words only.
_SHORT: Final = (
    (re.compile(r"\bubnd\b"), "uy ban nhan dan"), (re.compile(r"\bhdnd\b"), "hoi dong nhan dan"),
    (re.compile(r"\btp\b\.?"), "thanh pho"), (re.compile(r"\bttcp\b"), "thu tuong chinh phu"),
    (re.compile(r"\bgd\s?&\s?dt\b"), "giao duc va dao tao"), (re.compile(r"\bvp\b"), "van phong"),
)  # fmt: skip


class Sameness(StrEnum):
    """Whether two descriptions are of one document."""

    SAME = "same"
    OTHER = "other"
    OPEN = "open"  #: nothing contradicts it, but not enough is known


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKey:
    """What tells a document from all others. Keys are equal for what is written alike; `same_document` says more."""

    issuer: str  #: name, folded and written out; a name, for codes change when offices merge
    numbers: frozenset[str]
    issued: date


def document_key(document: Document) -> DocumentKey | None:
    """The key of a document; None while issuer, number or day of issue is missing."""
    numbers, issuer = _numbers(document), _office(document.issuer)
    if not numbers or not issuer or document.issued is None:
        return None
    return DocumentKey(issuer=issuer, numbers=numbers, issued=document.issued)


def same_document(one: Document, other: Document) -> Sameness:
    """Whether two descriptions are of the same document. Joint documents share one of their numbers."""
    first, second = _numbers(one), _numbers(other)
    if first and second and not first & second:
        return Sameness.OTHER
    if one.issued and other.issued and one.issued != other.issued:
        return Sameness.OTHER
    offices = _same_office(one, other)
    if offices is Sameness.OTHER:
        return Sameness.OTHER
    known = first and second and one.issued and other.issued
    return Sameness.SAME if known and offices is Sameness.SAME else Sameness.OPEN


def _numbers(document: Document) -> frozenset[str]:
    return frozenset(map(number_key, filter(None, (document.number, *document.further_numbers))))


def _office(office: Coded) -> str:
    name = folded(office.name)
    for short, long in _SHORT:
        name = short.sub(long, name)
    return " ".join(name.split()) or folded(office.code)


def _same_office(one: Document, other: Document) -> Sameness:
    """Offices agree by identifier or by name; two names may be of one office unless their identifiers differ."""
    first, second = (one.issuer, *one.further_issuers), (other.issuer, *other.further_issuers)
    codes = {office.code for office in first if office.code}, {office.code for office in second if office.code}
    names = {_office(office) for office in first if office.name}, {_office(office) for office in second if office.name}
    if codes[0] & codes[1] or names[0] & names[1]:
        return Sameness.SAME
    if codes[0] and codes[1]:
        return Sameness.OTHER
    if names[0] and names[1]:
        # "Ủy ban nhân dân tỉnh" on the office's own site is the same as the one with the name of the province.
        within = any(a.startswith(b) or b.startswith(a) for a in names[0] for b in names[1])
        return Sameness.OPEN if within else Sameness.OTHER
    return Sameness.OPEN
