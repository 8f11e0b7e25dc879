"""The expressions that the screens search with, made of the words of `Terms` once.

They run over strangers' texts of a million characters: no expression may read a stretch twice. Every repetition has a
bound or is possessive, and what is rare (a bracket, a level's letters) is searched first.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Final, Self

from hub.rules.screen.canonical import canonical, letters, without_accents

#: The three levels, the longer ones first; also as text recognition misreads them.
LEVELS: Final = (
    "tuyệt mật",
    "tối mật",
    "mật",
    "tuyệt mât",
    "tối mât",
    "tuyêt mật",
    "tôi mật",
    "tuyệt mạt",
    "tối mạt",
    "mât",
)
#: Without accents only these: "mat" alone is a word of many languages.
ASCII_LEVELS: Final = ("tuyet mat", "toi mat")

#: Urgency, which offices stamp beside the level.
_URGENCY: Final = "thượngkhẩn|hoảtốc|hỏatốc|khẩn"
_BEFORE: Final = f"(?:{_URGENCY})?"
#: What may follow on the same stamp: protection period, urgency, number of the copy, letter of the envelope.
_AFTER: Final = (
    "(?:thờihạn|thờigian)(?:bảovệ|bảomật)?(?:bímậtnhànước)?(?:là|đến|từ)?|ngày|tháng|năm|bậc|bảnsố|sốbản|độkhẩn|thường"
    f"|{_URGENCY}|[abc]"
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as it is looked for."""

    text: str  #: casefolded, canonical
    ascii: str  #: the same without accents, for lines that are ASCII
    letters: str  #: its letters only
    ascii_letters: str

    @classmethod
    def of(cls, text: str) -> Self:
        """`text` in its forms."""
        text = " ".join(canonical(text, markup=False).casefold().split())
        plain = without_accents(text)
        return cls(text, plain, letters(text), letters(plain))


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkPatterns:
    """What marks of state secrets and handling notes are found with."""

    #: the letters of "mật" with anything but letters between them, over line breaks too
    probe: re.Pattern[str]
    stamp: re.Pattern[str]  #: the letters of a block that is a stamp
    ascii_stamp: re.Pattern[str]  #: the same, of a block in ASCII
    choices: re.Pattern[str]  #: the letters of a block that lists levels and nothing else
    numbered: re.Pattern[str]  #: a stamp on one line with the number of the document
    field: re.Pattern[str]  #: a field with its level
    ascii_field: re.Pattern[str]
    spaced_field: re.Pattern[str]  #: in a line of single letters, all spaces taken out
    another: re.Pattern[str]  #: a further level right after one, as in a list of choices
    compound: re.Pattern[str]  #: what follows "mật" where it is part of another word
    suffix: re.Pattern[str]  #: a secrecy suffix in round brackets, case kept
    alone: tuple[Phrase, ...]
    notes: tuple[Phrase, ...]
    headings: tuple[Phrase, ...]
    said: tuple[str, ...]  #: what stands in every text in which one of these phrases does
    declassified: re.Pattern[str]  #: the letters of such a block
    fields: frozenset[str]
    harmless: frozenset[str]

    @classmethod
    def of(
        cls,
        *,
        suffixes: Iterable[str],
        labels: Iterable[str],
        compounds: Iterable[str],
        alone: Iterable[str],
        notes: Iterable[str],
        headings: Iterable[str],
        declassified: Iterable[str],
        fields: Iterable[str],
        harmless: Iterable[str],
    ) -> Self:
        """The expressions for these words."""
        named = [Phrase.of(label) for label in labels]
        handling = [tuple(map(Phrase.of, phrases)) for phrases in (alone, notes, headings)]
        gone = [Phrase.of(phrase) for phrase in declassified]
        level, ascii_level = _any(LEVELS, " ?"), _any((*ASCII_LEVELS, "mat"), " ?")
        return cls(
            probe=re.compile(r"m[\W_]{0,40}[ậâạa][\W_]{0,40}t"),
            stamp=_stamp(_any(letters(one) for one in LEVELS), _any(label.letters for label in named)),
            ascii_stamp=_stamp(
                _any(letters(one) for one in ASCII_LEVELS), _any(label.ascii_letters for label in named), bare="mat"
            ),
            choices=re.compile(
                f"(?:{_any(label.letters for label in named)})?(?:thường)?"
                f"(?:{_any(letters(one) for one in LEVELS)}|và){{2,}}+"
            ),
            numbered=re.compile(
                rf"[\W_]{{0,9}}+(?:{level})[\W_]{{1,9}}+(?:số|ký hiệu)[\W_]{{1,9}}+\d[^ ]{{1,60}}"
                rf"|[\W_]{{0,9}}+(?:số|ký hiệu)[\W_]{{1,9}}+\d[^ ]{{1,60}} [\W_]{{0,9}}+(?:{level})[\W_]{{0,9}}"
            ),
            field=_field(
                _any((form for label in named for form in (label.text, label.ascii)), " ?"), f"{level}|thường"
            ),
            ascii_field=_field(_any((label.ascii for label in named), " ?"), f"{ascii_level}|thuong"),
            spaced_field=re.compile(
                f"(?:{_any(form for label in named for form in (label.letters, label.ascii_letters))})"
                f"[^\\W\\d_]{{0,30}}+"
                f"[\\s\"'*_]{{0,9}}+[:=|>→–—-][\\W_]{{0,20}}+({_any(map(letters, (*LEVELS, *ASCII_LEVELS)))})"
            ),
            another=re.compile(
                rf"[\W_]{{0,20}}+(?:(?:và|hoặc|hay|thường)[\W_]{{1,20}}+)?({level}|{ascii_level}|thường|thuong)(?![^\W_])"
            ),
            compound=re.compile(rf" (?:{_any(compounds)})(?![^\W_])"),
            suffix=re.compile(
                rf"\(\s{{0,3}}({_any(one for s in suffixes for one in (s, s.lower(), s.upper()))})\s{{0,3}}\)"
            ),
            alone=handling[0],
            notes=handling[1],
            headings=handling[2],
            said=_shortest(form for one in chain.from_iterable(handling) for form in (one.text, one.ascii)),
            declassified=re.compile(
                f"(?:{_any(form for one in gone for form in (one.letters, one.ascii_letters))})(?:kể|từ|tu|{_AFTER})*+"
            ),
            fields=frozenset(map(squeezed, fields)),
            harmless=frozenset(map(squeezed, harmless)),
        )


def squeezed(text: str) -> str:
    """Name or value of a field as it is compared: its letters and digits, without accents."""
    return "".join(c for c in without_accents(text) if c.isalnum())


def _shortest(texts: Iterable[str]) -> tuple[str, ...]:
    """Those of the texts in which no other one stands."""
    each = dict.fromkeys(texts)
    return tuple(one for one in each if not any(other in one for other in each if other != one))


def _any(words: Iterable[str], gap: str = " ") -> str:
    """One of `words`, longest first; `gap` is what stands between two words of a phrase."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", gap) for word in ordered) or r"(?!)"


def _stamp(level: str, label: str, *, bare: str = "(?!)") -> re.Pattern[str]:
    """A level, once or again and again; `bare` is one that counts only after a label."""
    labelled = f"(?:{label})(?P<named>{level}|{bare})(?:(?:{label})?(?P=named))*+"
    return re.compile(f"{_BEFORE}(?:{labelled}|(?P<alone>{level})(?P=alone)*+)(?:{_AFTER})*+")


def _field(label: str, level: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![^\W_])(?:{label})(?: (?:của|văn bản|tài liệu|hồ sơ)[^\W\d_ ]{{0,9}}(?: [^\W\d_]{{1,9}}){{0,4}})?"
        rf"(?: là)?[\s\"'*_.]{{0,40}}+[:=|>→\-–—][\W_]{{0,20}}+({level})(?![^\W_])"
    )


_CAPITAL: Final = "".join(
    c for c in map(chr, (*range(0x41, 0x5B), *range(0xC0, 0x1EFA)))
    if c.isupper() and (c.isascii() or c in "ĐƠƯ" or unicodedata.normalize("NFD", c)[0] in "AEIOUYƠƯ")
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPatterns:
    """What the data of persons are found with."""

    identity: re.Pattern[str]  #: what stands before the number of a paper
    name: re.Pattern[str]  #: a full name, case kept
    names: re.Pattern[str]  #: heads of columns …
    private: re.Pattern[str]
    addresses: re.Pattern[str]
    offices: re.Pattern[str]

    @classmethod
    def of(
        cls,
        *,
        identity: Iterable[str],
        names: Iterable[str],
        private: Iterable[str],
        addresses: Iterable[str],
        offices: Iterable[str],
        surnames: Iterable[str],
    ) -> Self:
        """The expressions for these words."""
        given = f"[{_CAPITAL}][^\\W\\d_]{{0,9}}+"
        surname = _any(form for one in surnames for form in (one, one.upper()))
        return cls(
            identity=_words(identity),
            name=re.compile(rf"(?<![^\W_])(?:{surname})(?: {given}){{1,4}}(?![^\W_])"),
            names=_words(names),
            private=_words(private),
            addresses=_words(addresses),
            offices=_words(offices),
        )


def _words(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{_any(Phrase.of(one).text for one in phrases)})(?![^\W_])")
