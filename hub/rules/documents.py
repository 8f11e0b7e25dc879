"""When two descriptions of a document are of the same document: issuer, number and day of issue agree.

A number alone is not unique: every office counts for itself, and begins again every year. So no key is made while one
of the three is missing, and offices are compared by identifier, or by names as far as they are written alike.
"""

from enum import StrEnum

from connectors.parse.documentkey import DocumentKey, document_key, numbers_of, office_key
from schemas.document import Document

__all__ = ["DocumentKey", "Sameness", "document_key", "same_document"]


class Sameness(StrEnum):
    """Whether two descriptions are of one document."""

    SAME = "same"
    OTHER = "other"
    OPEN = "open"  #: nothing contradicts it, but not enough is known


def same_document(one: Document, other: Document) -> Sameness:
    """Whether two descriptions are of the same document. Joint documents share one of their numbers.

    It says more than equal keys do (connectors/parse/documentkey.py), for offices are not always written alike.
    """
    first, second = numbers_of(one), numbers_of(other)
    if first and second and not first & second:
        return Sameness.OTHER
    if one.issued and other.issued and one.issued != other.issued:
        return Sameness.OTHER
    offices = _same_office(one, other)
    if offices is Sameness.OTHER:
        return Sameness.OTHER
    known = first and second and one.issued and other.issued
    return Sameness.SAME if known and offices is Sameness.SAME else Sameness.OPEN


def _same_office(one: Document, other: Document) -> Sameness:
    """Offices agree by identifier or by name; two names may be of one office unless their identifiers differ."""
    first, second = (one.issuer, *one.further_issuers), (other.issuer, *other.further_issuers)
    codes = {office.code for office in first if office.code}, {office.code for office in second if office.code}
    names = (
        {office_key(office) for office in first if office.name},
        {office_key(office) for office in second if office.name},
    )
    if codes[0] & codes[1] or names[0] & names[1]:
        return Sameness.SAME
    if codes[0] and codes[1]:
        return Sameness.OTHER
    if names[0] and names[1]:
        # "Ủy ban nhân dân tỉnh" on the office's own site is the same as the one with the name of the province.
        within = any(a.startswith(b) or b.startswith(a) for a in names[0] for b in names[1])
        return Sameness.OPEN if within else Sameness.OTHER
    return Sameness.OPEN
