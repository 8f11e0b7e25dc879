"""Numbers of documents (số, ký hiệu): read as an office reads them, from what keyboards and programs make of them.

    "Số: 15 /2024/QÐ- UBND"          -> 15/2024/QĐ-UBND, Quyết định
    "15/QĐ-UBND ngày 01/02/2024"     -> 15/QĐ-UBND, and a day
    "01/NQ-HĐND và 02/NQ-HĐND"       -> two numbers
    "01, 02/NQ-HĐND"                 -> 01/NQ-HĐND and 02/NQ-HĐND: they share their letters
    "12/BC-UBND(M)"                  -> a mark of secrecy, found before anything is cleaned
    "Không số"                       -> none

A number does not tell a document from all others: office and day of issue belong to it.
"""

import re
from dataclasses import dataclass
from typing import Final

from connectors.parse.documentwords import (
    ISSUERS,
    LEADING,
    NO_NUMBER,
    OPENINGS,
    SECRECY_SUFFIXES,
    SEPARATORS,
    SPELLINGS,
    TYPES,
    DocumentType,
    folded,
    type_called,
)
from connectors.parse.text import clean_text, fold
from schemas.document import NUMBER_LIMIT

#: Characters of a field that are read; a longer one is a text and no number.
FIELD_LIMIT: Final = 2_000
#: Numbers of one field that are kept.
NUMBERS_LIMIT: Final = 50

#: DOMAIN's grammar, with dots and ampersands inside names of offices, and the number of a group in brackets behind.
_GRAMMAR: Final = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,6})?[A-Za-zĐđ]?[/-][\w/.&+-]*\w(?:\([0-9]{1,5}\))?")
#: A letter: digits, the office that wrote it, the unit that drew it up.
_LETTER: Final = re.compile(r"[0-9.]+[A-Za-zĐđ]?/[^\W\d_]+-")
_LEADING_DIGITS: Final = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,6})?[A-Za-zĐđ]?(?=[/-])")
_BARE: Final = re.compile(r"[0-9]{1,10}[A-Za-zĐđ]?")
_YEAR: Final = re.compile(r"(?:19[4-9]|20[0-9])[0-9]")
_SECRET: Final = re.compile(
    r"[(\[]\s*(?:" + "|".join(re.escape(fold(one)).replace(r"\ ", r"\s*") for one in SECRECY_SUFFIXES) + r")\s*[)\]]"
)
_OPENING: Final = re.compile(r"(?:" + "|".join(map(re.escape, OPENINGS)) + r")(?![^\W\d])\s*[.:]*\s*", re.IGNORECASE)
#: What stands between two numbers; a blank too, where digits and a stroke follow that belong to no stroke before it.
_SEPARATOR: Final = re.compile(
    "|".join(re.escape(one).replace(r"\ ", r"\s+") for one in SEPARATORS) + r"|(?<![/\s-])\s+(?=[0-9]{1,10}\s?/)",
    re.IGNORECASE,
)
#: Letters of other alphabets that look like ours, full-width ones, and signs that look like / and -.
_LOOKALIKES: Final = str.maketrans(
    "ÐƉðɖАВЕЅІЈКМНОРСТУХаеорсухіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧ⁄∕\\–—‑‐−﹣", "ĐĐđđABESIJKMHOPCTYXaeopcyxijABEZHIKMNOPTYX///------"
) | {sign: sign - 0xFEE0 for sign in range(0xFF01, 0xFF5F)}
_DATE: Final = r"[0-9]{1,2}\s?[/.-]\s?[0-9]{1,2}\s?[/.-]\s?[0-9]{4}|[0-9]{1,2} tháng [0-9]{1,2} năm [0-9]{4}"
#: A day behind a number; its digits and strokes are none of the number's.
_DATED: Final = re.compile(rf"\b(?:ký |ban hành )?ngày:?\s{{0,3}}({_DATE})", re.IGNORECASE)
_DAY_ALONE: Final = re.compile(r"(?:0?[1-9]|[12][0-9]|3[01])[/-](?:0?[1-9]|1[0-2])[/-][0-9]{4}")
#: Words with which a text goes on behind a number; of others only those in small letters, as no office is called.
_BEHIND: Final = frozenset({"của", "ngày", "về", "v/v", "do", "kèm", "ban", "sửa"})
_NOTE: Final = re.compile(r"\((?![0-9]+\))[^()]*\)\s*$")
_IN_TITLE: Final = re.compile(
    r"(?P<type>[^\W\d_]+(?: [^\W\d_]+){0,4}?)?\s*(?:\bsố\b\s*:?)?\s*(?P<number>[0-9]{1,10}[^\s,;]{2,80})", re.IGNORECASE
)
_SIGNED_IN_TITLE: Final = re.compile(
    r"\s*,?\s*(?:ngày|ban hành ngày)\s+(?P<day>[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}"
    r"|[0-9]{1,2} tháng [0-9]{1,2} năm [0-9]{4})", re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What a field says of the number of a document."""

    numbers: tuple[str, ...] = ()  #: in their right form
    given: str = ""  #: the field on one line
    secret: bool = False  #: it carries a mark of secrecy: nothing of the document may be kept or shown
    none: bool = False  #: it says that there is no number
    day: str = ""  #: behind a single number, as written

    @property
    def unread(self) -> bool:
        """Whether something is written there that is no number."""
        return bool(self.given) and not self.numbers and not self.none


def read_numbers(text: str) -> Numbers:
    """Read the field of a register, which may hold several numbers, or say that there is none."""
    text = text[: FIELD_LIMIT + 1]
    given = clean_text(text.replace("\n", " \n ")[: FIELD_LIMIT + 1])
    secret = has_secrecy_mark(text)
    if len(given) > FIELD_LIMIT:
        return Numbers(given=given[:300], secret=secret)
    if not given or folded(_without_opening(given)) in NO_NUMBER:
        return Numbers(given=given, secret=secret, none=bool(given))
    days = _DATED.findall(clean_text(text))
    found = tuple(dict.fromkeys(_numbers_in(_DATED.sub(" ", text), notes=secret)))[:NUMBERS_LIMIT]
    day = days[0] if len(days) == len(found) == 1 else ""
    return Numbers(numbers=found, given=given, secret=secret, day=day)


def _numbers_in(text: str, *, notes: bool) -> list[str]:
    """The numbers of a field; one without letters has those of the next. `notes`: brackets may be marks of secrecy."""
    found: list[str] = []
    letters = ""
    for part in reversed(_SEPARATOR.split(text)):
        bare = "".join(_without_opening(clean_text(part)).split())
        if number := normal_number(part if notes else _NOTE.sub("", part)):
            found.append(number)
            letters = _LEADING_DIGITS.sub("", number, count=1)
        elif letters and _BARE.fullmatch(bare):
            found.append(bare + letters)
    return found[::-1]


def has_secrecy_mark(text: str) -> bool:
    """Whether a mark of secrecy stands in brackets: "12/BC-UBND(M)". To be asked before anything is cleaned away."""
    return _SECRET.search(fold(clean_text(text[:FIELD_LIMIT].translate(_LOOKALIKES)))) is not None


def normal_number(text: str) -> str:
    """One number in its right form, "" for what is none. What it stands for is never changed: no digit, no word.

    Blanks go, look-alike letters become ours, known parts get their spelling (QÐ, qđ, QD: QĐ; TTG: TTg); a number
    without any capital letter is written in capitals.
    """
    text = _without_opening(clean_text(text[:FIELD_LIMIT]).translate(_LOOKALIKES))
    text = "".join(_without_words(_DATED.sub("", text)).split()).strip(".,;:/-_*")
    if len(text) > NUMBER_LIMIT or not _GRAMMAR.fullmatch(text) or _DAY_ALONE.fullmatch(text):
        return ""
    if text == text.lower():
        text = text.upper()
    digits, letters = _parted(text)
    parts = re.split(r"([/.&+-])", letters)
    parts = [SPELLINGS.get(part.upper(), part) for part in parts]
    for place, part in enumerate(parts):
        if part and place == _first_name(parts):
            parts[place] = TYPES[part.upper()].coded.code if part.upper() in TYPES else LEADING.get(part.upper(), part)
    return digits + "".join(parts)


def is_number(text: str) -> bool:
    """Whether a text is a number and nothing else."""
    return bool(normal_number(text))


def is_bare(text: str) -> bool:
    """Whether a text is only the digits of a number, whose letters stand elsewhere."""
    return _BARE.fullmatch("".join(clean_text(text).split())) is not None


def year_in(number: str) -> int | None:
    """The year in a normative number, 15/2024/QĐ-UBND; individual acts have none."""
    parts = number.split("/")
    return int(parts[1]) if len(parts) > 2 and _YEAR.fullmatch(parts[1]) else None


def type_of_number(number: str) -> DocumentType | None:
    """The type that the letters of a number say; None where they leave it open, as in 148/2025/QH15.

    A letter (công văn) has no letters of a type: the first part is the office, and there is no year.
    """
    names = _names(number)
    if not names:
        return None
    if found := TYPES.get(names[0].upper()):
        return found
    return TYPES["CV"] if _LETTER.match(number) else None


def is_normative(number: str) -> bool:
    """Whether a number has the form of a normative document (văn bản quy phạm pháp luật)."""
    return year_in(number) is not None


def issuer_in(number: str) -> str:
    """The office that a number names for certain: the central ones that sign with letters of their own."""
    names = _names(number)
    last = names[-1] if names else ""
    return ISSUERS.get(last) or ISSUERS.get(f"{last.rstrip('0123456789')}*", "") if last else ""


def number_key(number: str) -> str:
    """A number as it is compared: without marks and case, in which copies differ most."""
    return fold(normal_number(number) or "".join(clean_text(number).split()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What the first words of a title say: "Quyết định số 15/2024/QĐ-UBND ngày 20/11/2024 của ..."."""

    number: str = ""
    day: str = ""  #: as written
    secret: bool = False


def number_in_title(title: str) -> Heading:
    """The number with which a title begins, behind the name of a type at most: later ones are other documents."""
    found = _IN_TITLE.match(title)
    if found is None or (found["type"] and type_called(found["type"]) is None):
        return Heading()
    written, behind = found["number"], fold(clean_text(title[found.end() :])[:40])
    if has_secrecy_mark(written) or _SECRET.match(behind):
        return Heading(secret=True)
    number = normal_number(written.rstrip(".:)("))
    if not number or not (type_of_number(number) or year_in(number)):
        return Heading()
    signed = _SIGNED_IN_TITLE.match(title, found.end())
    return Heading(number=number, day=signed["day"] if signed else "")


def _without_opening(text: str) -> str:
    return _OPENING.sub("", text, count=1) if _OPENING.match(text) else text


def _without_words(text: str) -> str:
    """A number without what follows it in words: of whom it is, what it is about."""
    words = text.split()
    start = next((place for place, word in enumerate(words) if not word.isalpha()), len(words))
    small = text == text.lower()
    for place in range(start + 1, len(words)):
        word = words[place]
        told = not small and len(word) > 1 and word.isalpha() and word.islower()
        if (told or word.casefold() in _BEHIND) and not words[place - 1].endswith(("/", "-")):
            return " ".join(words[:place])
    return text


def _parted(number: str) -> tuple[str, str]:
    """Digits and year, and the letters behind them."""
    found = re.match(r"[0-9.]+[A-Za-zĐđ]?[/-](?:[0-9]{4}[/-])?", number)
    return (found[0], number[found.end() :]) if found else ("", number)


def _first_name(parts: list[str]) -> int:
    return next((place for place, part in enumerate(parts) if part and part not in "/.&+-"), 0)


def _names(number: str) -> list[str]:
    """The letters of a number, part by part: 15/2024/QĐ-UBND has QĐ and UBND."""
    return [part for part in re.split(r"[/.&+()-]", _parted(number)[1]) if part]
