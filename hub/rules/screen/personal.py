"""The data of persons in one text: numbers of identity papers, lists of persons, accounts, many telephone numbers.

News with one official telephone number passes; so do hotlines, landlines, addresses at .gov.vn and the tax codes of
companies. What is found waits for a person.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from itertools import pairwise
from typing import Final

from hub.rules.screen.canonical import letters
from hub.rules.screen.terms import Personal
from hub.rules.screen.verdict import Outcome

Hit = tuple[str, Outcome]

_IDENTITY: Final = ("identity_numbers", Outcome.HOLD)
_TABLE: Final = ("personal_table", Outcome.HOLD)
_ACCOUNT: Final = ("bank_account", Outcome.HOLD)
_CONTACTS: Final = ("contacts", Outcome.HOLD)

#: A number of seven digits or more with what groups them; most texts have none. (`\\d` would cost twice as much.)
_NUMBER: Final = re.compile(r"[0-9](?:[ .-]?[0-9]){6,17}(?![0-9])")
#: The bytes of a text with every digit as 0, what groups digits as a blank and all else as one sign; and where a
#: number may stand in them. The 0 is found four times as fast as a number by its own expression.
_SIGNS: Final = bytes(48 if one in b"0123456789" else 32 if one in b" .-" else 120 for one in range(256))
_MAY_BE_NUMBER: Final = re.compile(rb"0(?: ?0){6}")
#: Digits of identity papers by the letters before them: personal identification number (12), identity card of before
#: (9), social insurance (10), passport (a letter and 7), health insurance (2 letters and 13).
_PAPERS: Final = {0: (9, 10, 12), 1: (7,), 2: (13,)}
_GROUPED: Final = re.compile(r"[0-9]{3}(?:[ .-]?[0-9]{3}){3}|[0-9]{4}(?:[ .-]?[0-9]{4}){2}|[0-9]+")
#: Ten digits are more often a telephone number or a tax code.
_INSURANCE: Final = ("bhxh", "bảo hiểm xã hội")
_INSURANCE_DIGITS: Final = 10
_LETTERS_BEFORE: Final = re.compile(r"(?<![^\W_])(?<![-/.])[a-z]{0,2}$")
#: Characters before a number in which its kind is named, and lines around it in which its owner is.
_BEFORE: Final = 60
_AROUND: Final = 4
_REACH: Final = 400
#: Numbers that are looked at one by one; nobody needs more to see that there are two.
_PAPERS_LIMIT: Final = 1_000
#: Digits of the identity card of before.
_OLD_CARD: Final = 9
_BIRTH: Final = re.compile(
    r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])\s?[/.-]\s?(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:19[2-9]\d|20[0-3]\d)(?!\d)"
    r"|(?<![\d/.-])(?:19[2-9]\d|20[01]\d)(?![\d/.-])"
)
_ACCOUNT_NUMBER: Final = re.compile(
    r"(?<![^\W_])(?:stk|số tài khoản|số tk|tài khoản|tk)(?![^\W_])[^\d\n]{0,40}\n?[^\d\n]{0,3}"
    r"(?<![^\W_])(\d(?:[ .-]?\d){5,15})(?!\d|[/.-]\d)"
)
_MOBILE: Final = re.compile(r"(?<![\d/])(?:\+?84[ .-]?|0)(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9\d)(?:[ .-]?\d){7}(?!\d)")
_DAY: Final = re.compile(r"\d{1,2}[.-]\d{1,2}[.-]\d{4}")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[. ]000)+|\d{1,3}(?:\.\d{3})+")
#: Addresses that are looked at; far fewer are too many already.
_ADDRESSES_LIMIT: Final = 10_000
_MAIL: Final = re.compile(r"[\w.+-]{1,64}$")
_DOMAIN: Final = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PUBLIC_DOMAIN: Final = (".gov.vn", ".edu.vn")
_TREASURY: Final = "kho bạc"
#: Longest line that is the head of a column, in characters; two heads in one line make it the head of a table.
_HEAD: Final = 60
#: Letters that may stand before a name in its cell: ông, bà, cháu.
_SALUTATION: Final = 4


def personal(text: str, low: str, terms: Personal, allowed: Set[str] = frozenset()) -> list[Hit]:
    """What `text`, in canonical form, tells of persons; `low` is the same in small letters.

    `allowed` are contacts as `contact_key` writes them.
    """
    found: list[Hit] = []
    numbers = list(_NUMBER.finditer(low)) if _may_have_numbers(low) else []
    papers = [number for number in numbers if _is_paper(low, number)]
    if papers and _are_told(papers, text, low, terms):
        found.append(_IDENTITY)
    if numbers and ("tk" in low or "tài khoản" in low) and _has_account(low):
        found.append(_ACCOUNT)
    if any(name in low for name in terms.names) and _is_list(_Lines(text, low), terms):
        found.append(_TABLE)
    if (numbers or "@" in low) and len(_contacts(low) - allowed) >= terms.contacts:
        found.append(_CONTACTS)
    return found


def _may_have_numbers(low: str) -> bool:
    """Whether `_NUMBER` may be found there."""
    return _MAY_BE_NUMBER.search(low.encode("utf-8", "surrogatepass").translate(_SIGNS)) is not None


class _Lines:
    """A text by lines, in small letters and as given."""

    def __init__(self, text: str, low: str) -> None:
        self.low = low.split("\n")
        given = text.split("\n")
        self.given = given if len(given) == len(self.low) else self.low


def _is_paper(low: str, number: re.Match[str]) -> bool:
    """Whether it is written as the number of an identity paper."""
    before = _LETTERS_BEFORE.search(low, max(0, number.start() - 4), number.start())
    after = low[number.end() : number.end() + 1]
    return (
        before is not None
        and not (after and (after.isalnum() or after in "/-"))
        and len(_digits(number[0])) in _PAPERS[len(before[0])]
        and _GROUPED.fullmatch(number[0]) is not None
    )


def _are_told(papers: Sequence[re.Match[str]], text: str, low: str, terms: Personal) -> bool:
    """Two numbers of identity papers, or one beside a name: named before the number, or at the head of its column."""
    told: set[str] = set()
    head = terms.patterns.identity.search(low)
    line = (0, -1)
    for number in papers[:_PAPERS_LIMIT] if head is not None else ():
        if number.start() > line[1]:
            line = _line_at(low, number.start())
        digits = _digits(number[0])
        before = low[max(line[0], number.start() - _BEFORE) : number.start()]
        named = terms.patterns.identity.search(before)
        if len(digits) == _INSURANCE_DIGITS and not any(word in before for word in _INSURANCE):
            continue
        in_column = (
            head is not None and head.start() < number.start() and line[1] - line[0] <= _HEAD
            and low[line[0] : line[1]].strip() == number[0]
            and (len(digits) == _OLD_CARD or _is_personal_number(digits, terms))
        )  # fmt: skip
        if named or in_column:
            told.add(digits)
            if len(told) > 1 or terms.patterns.name.search(_around(text, low, number)) is not None:
                return True
    return False


def _line_at(low: str, position: int) -> tuple[int, int]:
    end = low.find("\n", position)
    return low.rfind("\n", 0, position) + 1, end if end >= 0 else len(low)


def _around(text: str, low: str, number: re.Match[str]) -> str:
    """What stands around a number, as given: its line and the next ones, which are cells of one row."""
    if len(text) != len(low):  # a letter that is two in small letters: nobody knows where the number is
        return text
    before = text[max(0, number.start() - _REACH) : number.start()].split("\n")
    after = text[number.end() : number.end() + _REACH].split("\n")
    return "\n".join((*before[-_AROUND - 1 :], *after[: _AROUND + 1]))


def _is_personal_number(digits: str, terms: Personal) -> bool:
    return len(digits) == 12 and digits[:3] in terms.provinces and digits[3] in "0123"


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _is_list(lines: _Lines, terms: Personal) -> bool:
    """Rows with a full name and a day or year of birth, or a long number, under heads that say so."""
    heads = [line for line in lines.low if len(line) <= _HEAD or terms.patterns.names.search(line) is not None]
    if not any(map(terms.patterns.names.search, heads)):
        return False
    private = any(map(terms.patterns.private.search, heads))
    living = any(map(terms.patterns.addresses.search, heads)) and not any(map(terms.patterns.offices.search, heads))
    if not private and not living:
        return False
    named = [i for i, line in enumerate(lines.given) if _is_of_person(line, terms)]
    if len(named) < terms.rows:
        return False
    if not private:
        return _is_column(named, terms.rows)
    told = [
        i for i, line in enumerate(lines.low) if _BIRTH.search(line) is not None or _NUMBER.search(line) is not None
    ]
    rows = sum(1 for i in named if (k := bisect_right(told, i + _AROUND)) and told[k - 1] >= i)
    return rows >= terms.rows


def _is_of_person(line: str, terms: Personal) -> bool:
    """Whether a line begins with a name, after a number or "Ông" at most: a cell or a row, and not a sentence."""
    name = terms.patterns.name.search(line)
    return name is not None and len(letters(line[: name.start()])) <= _SALUTATION


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
    for _ in range(_ADDRESSES_LIMIT):
        if at < 0:
            break
        name, domain = _MAIL.search(low[max(0, at - 64) : at]), _DOMAIN.match(low, at + 1)
        if name is not None and domain is not None:
            yield f"{name[0]}@{domain[0]}"
        at = low.find("@", at + 1)


def contact_key(contact: str) -> str:
    """A telephone number or mail address as it is compared: digits with the leading 0, or small letters."""
    if "@" in contact:
        return contact.strip().casefold()
    digits = _digits(contact)
    return f"0{digits[2:]}" if digits.startswith("84") and len(digits) > 9 else digits
