"""The data of persons in one text: numbers of identity papers, lists of persons, accounts, many telephone numbers.

News with one official telephone number passes; so do hotlines, landlines, addresses at .gov.vn and the tax codes of
companies. What is found waits for a person.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Set
from itertools import pairwise
from typing import Final

from hub.rules.screen.terms import Personal
from hub.rules.screen.verdict import Outcome

Hit = tuple[str, Outcome]

_IDENTITY: Final = ("identity_numbers", Outcome.HOLD)
_TABLE: Final = ("personal_table", Outcome.HOLD)
_ACCOUNT: Final = ("bank_account", Outcome.HOLD)
_CONTACTS: Final = ("contacts", Outcome.HOLD)

#: Where a number of nine digits or more begins; most texts have none.
_LONG_NUMBER: Final = re.compile(r"\d(?:[ .-]?\d){7}")
#: Personal identification number (12), identity card of before (9), social insurance (10), health insurance (2 letters
#: and 13 digits), passport (a letter and 7 digits).
_PAPER: Final = re.compile(
    r"(?<![\w/.-])(?:[a-z]{2}\d{13}|[a-z]\d{7}|\d{3}[ .]?\d{3}[ .]?\d{3}[ .]?\d{3}|\d{9,10})(?![\w/-]|\.\d)"
)
#: Characters before a number in which its kind is named, and lines around it in which its owner is.
_BEFORE: Final = 60
_AROUND: Final = 4
_BIRTH: Final = re.compile(
    r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])\s?[/.-]\s?(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:19[2-9]\d|20[0-3]\d)(?!\d)"
    r"|(?<![\d/.-])(?:19[2-9]\d|20[01]\d)(?![\d/.-])"
)
_ACCOUNT_NUMBER: Final = re.compile(
    r"(?<![^\W_])(?:stk|số tài khoản|số tk|tài khoản|tk)(?![^\W_])[^\d\n]{0,40}\n?[^\d\n]{0,3}"
    r"(\d(?:[ .-]?\d){5,15})(?!\d|[/.-]\d)"
)
_MOBILE: Final = re.compile(r"(?<![\d/])(?:\+?84[ .-]?|0)(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9\d)(?:[ .-]?\d){7}(?!\d)")
_DAY: Final = re.compile(r"\d{1,2}[.-]\d{1,2}[.-]\d{4}")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[. ]000)+|\d{1,3}(?:\.\d{3})+")
_MAIL: Final = re.compile(r"[\w.+-]{1,64}$")
_DOMAIN: Final = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PUBLIC_DOMAIN: Final = (".gov.vn", ".edu.vn")
_TREASURY: Final = "kho bạc"
#: Longest line that is the head of a column, in characters; two heads in one line make it the head of a table.
_HEAD: Final = 60


def personal(text: str, terms: Personal, allowed: Set[str] = frozenset()) -> list[Hit]:
    """What `text`, in canonical form with its case, tells of persons; `allowed` as `contact_key` writes them."""
    low = text.casefold()
    found: list[Hit] = []
    if _LONG_NUMBER.search(low) is not None:
        if _has_papers(_Lines(text, low), terms):
            found.append(_IDENTITY)
        if _has_account(low):
            found.append(_ACCOUNT)
    if terms.patterns.names.search(low) is not None and _is_list(_Lines(text, low), terms):
        found.append(_TABLE)
    if len(_contacts(low) - allowed) >= terms.contacts:
        found.append(_CONTACTS)
    return found


class _Lines:
    """A text by lines, in small letters and as given."""

    def __init__(self, text: str, low: str) -> None:
        self.low = low.split("\n")
        given = text.split("\n")
        self.given = given if len(given) == len(self.low) else self.low

    def around(self, i: int) -> str:
        """The line `i` as given with its neighbours, the next lines among them: cells of one row."""
        return "\n".join(self.given[max(0, i - _AROUND) : i + _AROUND + 1])


def _has_papers(lines: _Lines, terms: Personal) -> bool:
    """Two numbers of identity papers, or one beside a name."""
    papers, headed = set(), False
    for i, line in enumerate(lines.low):
        is_head = len(line) <= _HEAD and terms.patterns.identity.search(line) is not None
        for number in _PAPER.finditer(line) if any(map(str.isdigit, line)) else ():
            before = line[max(0, number.start() - _BEFORE) : number.start()]
            named = terms.patterns.identity.search(before) is not None
            digits = "".join(filter(str.isdigit, number[0]))
            in_column = headed and (len(digits) == 9 or _is_personal_number(digits, terms)) and _is_cell(line, number)
            if named or in_column:
                papers.add(digits)
                if len(papers) > 1 or terms.patterns.name.search(lines.around(i)) is not None:
                    return True
        headed = headed or is_head
    return False


def _is_cell(line: str, number: re.Match[str]) -> bool:
    return len(line.strip()) == len(number[0])


def _is_personal_number(digits: str, terms: Personal) -> bool:
    return len(digits) == 12 and digits[:3] in terms.provinces and digits[3] in "0123"


def _is_list(lines: _Lines, terms: Personal) -> bool:
    """Rows with a full name and a day or year of birth, or the number of a paper, under heads that say so."""
    heads = [line for line in lines.low if len(line) <= _HEAD or terms.patterns.names.search(line) is not None]
    if not any(map(terms.patterns.names.search, heads)):
        return False
    private = any(map(terms.patterns.private.search, heads))
    living = any(map(terms.patterns.addresses.search, heads)) and not any(map(terms.patterns.offices.search, heads))
    if not private and not living:
        return False
    named = [i for i, line in enumerate(lines.given) if terms.patterns.name.search(line) is not None]
    if len(named) < terms.rows:
        return False
    if not private:
        return _is_column(named, terms.rows)
    told = [i for i, line in enumerate(lines.low) if _BIRTH.search(line) is not None or _PAPER.search(line) is not None]
    rows = sum(1 for i in named if (k := bisect_right(told, i + _AROUND)) and told[k - 1] >= i)
    return rows >= terms.rows


def _is_column(named: list[int], rows: int) -> bool:
    """Whether the names come at equal distances, as in the rows of a table."""
    steps = [b - a for a, b in pairwise(named)]
    return len(named) > rows and max(map(steps.count, set(steps)), default=0) >= rows


def _has_account(low: str) -> bool:
    for account in _ACCOUNT_NUMBER.finditer(low):
        number = account[1]
        if _DAY.fullmatch(number) or _THOUSANDS.fullmatch(number) or _MOBILE.fullmatch(number):
            continue
        if _TREASURY not in low[max(0, account.start() - 200) : account.end() + 200]:
            return True
    return False


def _contacts(low: str) -> set[str]:
    """Mobile numbers and mail addresses outside of public domains, as `contact_key` writes them."""
    found = {contact_key(number[0]) for number in _MOBILE.finditer(low)}
    return found | {address for address in _mail_addresses(low) if not address.endswith(_PUBLIC_DOMAIN)}


def _mail_addresses(low: str) -> Iterator[str]:
    at = low.find("@")
    while at >= 0:
        name, domain = _MAIL.search(low[max(0, at - 64) : at]), _DOMAIN.match(low, at + 1)
        if name is not None and domain is not None:
            yield f"{name[0]}@{domain[0]}"
        at = low.find("@", at + 1)


def contact_key(contact: str) -> str:
    """A telephone number or mail address as it is compared: digits with the leading 0, or small letters."""
    if "@" in contact:
        return contact.strip().casefold()
    digits = "".join(filter(str.isdigit, contact))
    return f"0{digits[2:]}" if digits.startswith("84") and len(digits) > 9 else digits
