"""Marks of state secrets and handling notes in one text: stamps, fields, numbers with a suffix, notes.

Words decide, never syllables: "BẢO MẬT THÔNG TIN" in capitals is a headline, "MẬT" as a block of its own is a stamp.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from hub.rules.screen.canonical import joined, letters
from hub.rules.screen.patterns import MarkPatterns, Phrase
from hub.rules.screen.verdict import Outcome

Hit = tuple[str, Outcome]

_STAMP: Final = ("stamp", Outcome.PURGE)
_FIELD: Final = ("field", Outcome.PURGE)
_SUFFIX: Final = ("number_suffix", Outcome.PURGE)
_ENVELOPE: Final = ("envelope", Outcome.PURGE)
_BARE: Final = ("stamp_without_marks", Outcome.HOLD)
_CHOICES: Final = ("field_choices", Outcome.HOLD)
_BESIDE: Final = ("stamp_beside", Outcome.HOLD)
_CIRCULATION: Final = ("circulation", Outcome.HOLD)
_DECLASSIFIED: Final = ("declassified", Outcome.HOLD)
_LETTER: Final = ("envelope_letter", Outcome.HOLD)
#: The rules of this file that hold.
HANDLING: Final = frozenset(rule for rule, _ in (_BARE, _CHOICES, _BESIDE, _CIRCULATION, _DECLASSIFIED, _LETTER))

#: The number before a suffix; it is searched in the characters right before the bracket.
_NUMBER: Final = re.compile(r"\d[\w.]{0,9}\s?[-/–]\s?(?=[\w./&–-]*[^\W\d_]{2})[\w./&–-]{1,60}( ?)\n?\s?$")
_REACH: Final = 90
_DIGIT: Final = re.compile("[0-9]")
_AROUND_DASH: Final = re.compile(r" ([-–/]) ?|([-–/]) ")
#: A kind of document and an office: 12/BC-UBND. Without both it may be a measure: 12/MNDBT (m), a height in metres.
_OFFICE: Final = re.compile(r"[^\W\d_]{2,}[-–/][^\W\d_]{2,}$|[^\W\d_]{2,}[-–/][^\W\d_]+[-–/]")
#: "[TỐI MẬT] Kế hoạch …", "Báo cáo … (MẬT)": a level in brackets and capitals where a title begins or ends.
_BRACKETED: Final = re.compile(
    r"\s*[(\[{]\s*(?:TUYỆT MẬT|TỐI MẬT|MẬT)\s*[)\]}]|.*[(\[{]\s*(?:TUYỆT MẬT|TỐI MẬT|MẬT)\s*[)\]}][\s.]*$", re.DOTALL
)
_COPY: Final = re.compile(r"[^\w\n]{0,20}(?:bản ?số|ban ?so)[^\w\n]{0,9}\d")
_ENVELOPE_LETTER: Final = re.compile(r"^[^\w\n]{0,9}[abc][^\w\n]{0,9}$", re.MULTILINE)
#: A line without any accent, long enough for a phrase.
_ASCII_PHRASE: Final = 7
_ASCII_LINE: Final = re.compile(rf"^[ -~]{{{_ASCII_PHRASE},}}+$", re.MULTILINE)
#: A run of single letters: "t à i l i ệ u".
_SPACED: Final = re.compile(r" [^\W\d_] [^\W\d_] [^\W\d_] ")
_MAY_BE_SPACED: Final = re.compile(" . . . ")  # looks where it may be in half of the time
#: What a field says of a text that is not secret; levels in one sentence that goes through them.
_NO_LEVEL: Final = frozenset({"thường", "thuong"})
_ALL: Final = 3
_EVERY_LEVEL: Final = ("tuyệtmật", "tốimật")
#: Words of a block that is no sentence.
_SHORT: Final = 8


def marks(text: str, low: str, patterns: MarkPatterns) -> list[Hit]:
    """What `text`, in canonical form, carries, each once; `low` is the same in small letters."""
    found = dict.fromkeys(_levels(text, low, patterns))
    if "(" in text or "[" in text or "{" in text:
        brackets = text.replace("[", "(").replace("]", ")").replace("{", "(").replace("}", ")")
        if _has_suffix(brackets, patterns):
            found[_SUFFIX] = None
    if any(map(low.__contains__, patterns.said)):
        found |= dict.fromkeys(_notes(low, patterns))
    if ("bản số" in low or "ban so" in low) and _is_numbered_copy(low):
        found[_CIRCULATION] = None
    if _MAY_BE_SPACED.search(low) is not None and _SPACED.search(low) is not None:
        spaced = "\n".join(joined(line) for line in low.split("\n") if _SPACED.search(f" {line} ") is not None)
        found |= dict.fromkeys(_notes_of_spaced(spaced, patterns))
    if found and _ENVELOPE_LETTER.search(low) is not None:
        found[_LETTER] = None
    return list(found)


def _levels(text: str, low: str, patterns: MarkPatterns) -> Iterator[Hit]:
    """Stamps and fields: the lines are looked at in which the letters of "mật" stand."""
    same = len(text) == len(low)  # a few letters become two in small
    position = 0
    while (probe := patterns.probe.search(low, position)) is not None:
        start = low.rfind("\n", 0, probe.start()) + 1
        end = low.find("\n", probe.end())
        end = len(low) if end < 0 else end
        position = end
        given = text[start:end] if same else low[start:end]
        yield from _of_line(low[start:end], given, patterns)
        if "\n" in probe[0]:  # letters one below the other, or the end of a line and the next
            last = low.rfind("\n", start, end) + 1
            yield from _of_line(low[last:end], text[last:end] if same else "", patterns)


def _of_line(line: str, given: str, patterns: MarkPatterns) -> Iterator[Hit]:
    plain, is_ascii = letters(line), line.isascii()
    if patterns.stamp.fullmatch(plain) or (is_ascii and patterns.ascii_stamp.fullmatch(plain)):
        yield _STAMP
    elif is_ascii and plain == "mat" and given.isupper():
        yield _BARE
    elif patterns.choices.fullmatch(plain):
        yield _CHOICES if all(level in plain for level in _EVERY_LEVEL) or "thường" in plain else _STAMP
    elif patterns.declassified.fullmatch(plain):
        yield _DECLASSIFIED
    elif patterns.numbered.fullmatch(line):
        yield _STAMP
    elif _BRACKETED.match(given):
        yield _BESIDE
    if _SPACED.search(f" {line} ") is not None and patterns.spaced_field.search(line.replace(" ", "")):
        yield _FIELD
    yield from _fields(joined(line), patterns.ascii_field if is_ascii else patterns.field, patterns)


def _fields(line: str, pattern: re.Pattern[str], patterns: MarkPatterns) -> Iterator[Hit]:
    """Every "độ mật: …" of the line. A sentence that goes through the levels says none of its own."""
    for field in pattern.finditer(line):
        if field[1].endswith("mật") and patterns.compound.match(line, field.end()):
            continue
        levels, end = {field[1]}, field.end()
        while (another := patterns.another.match(line, end)) is not None:
            levels.add(another[1])
            end = another.end()
        if field[1] not in _NO_LEVEL and len(levels) < _ALL:
            yield _FIELD
        elif len(levels) > 1 and not letters(line[: field.start()]) and not letters(line[end:]):
            yield _CHOICES  # nothing but the field: a form in which a box may be ticked


def _has_suffix(text: str, patterns: MarkPatterns) -> bool:
    for suffix in patterns.suffix.finditer(text):
        before = text[max(0, suffix.start() - _REACH) : suffix.start()]
        if _DIGIT.search(before) is None or not ("-" in before or "/" in before or "–" in before):
            continue
        before = _AROUND_DASH.sub(r"\1\2", before)
        number = _NUMBER.search(before)
        if number is not None and _is_of_an_office(number[0], before[: number.start()], suffix[1]):
            return True
    return False


def _is_of_an_office(number: str, before: str, suffix: str) -> bool:
    """Whether it is the number of a document, and not a measure like 12/MNDBT (m)."""
    if _OFFICE.search(number.strip()) is not None:
        return True
    return not suffix.islower() and (not number[-1].isspace() or before.casefold().rstrip(" :").endswith("số"))


def _notes(low: str, patterns: MarkPatterns) -> Iterator[Hit]:
    """Notes on handling: those that stand alone, those that begin a block, and those that count anywhere."""
    in_ascii = "\n".join(line for line in low.split("\n") if line.isascii() and len(line) >= _ASCII_PHRASE)
    for phrase in patterns.alone:
        if any(letters(line) == alone for line, alone in _lines_with(low, in_ascii, phrase)):
            yield _ENVELOPE
    for phrase in patterns.notes:
        if any(True for _ in _lines_with(low, in_ascii, phrase)):
            yield _CIRCULATION
    for phrase in patterns.headings:
        for line, heading in _lines_with(low, in_ascii, phrase):
            if letters(line) == heading or _begins_with(line, phrase):
                yield _CIRCULATION


def _is_numbered_copy(low: str) -> bool:
    return any(_COPY.match(line) and len(line.split()) <= _SHORT for line in low.split("\n"))


def _notes_of_spaced(spaced: str, patterns: MarkPatterns) -> Iterator[Hit]:
    """The same in lines whose words were spaced out, and are runs of letters without spaces now."""
    for line in spaced.split("\n"):
        if _COPY.match(line):
            yield _CIRCULATION
    for line in map(letters, spaced.split("\n")):
        if any(line in (phrase.letters, phrase.ascii_letters) for phrase in patterns.alone):
            yield _ENVELOPE
        if any(phrase.letters in line for phrase in (*patterns.notes, *patterns.headings)):
            yield _CIRCULATION


def _begins_with(line: str, phrase: Phrase) -> bool:
    before, _, after = line.partition(phrase.text if phrase.text in line else phrase.ascii)
    return not letters(before) and after.lstrip(" \"'*_)]").startswith((":", "-", "–", "—"))


def _lines_with(low: str, in_ascii: str, phrase: Phrase) -> Iterator[tuple[str, str]]:
    """Lines in which the phrase stands as words, each with the letters that it would be alone.

    `in_ascii` are the lines of `low` in which it may stand without accents.
    """
    with_ascii = phrase.ascii in in_ascii and _ASCII_LINE.search(low) is not None
    return _lines(low, phrase, with_ascii=with_ascii) if with_ascii or phrase.text in low else iter(())


def _lines(low: str, phrase: Phrase, *, with_ascii: bool) -> Iterator[tuple[str, str]]:
    forms = [(phrase.text, phrase.letters)]
    if with_ascii and phrase.ascii != phrase.text:
        forms.append((phrase.ascii, phrase.ascii_letters))
    for text, plain in forms:
        position = low.find(text)
        while position >= 0:
            start, end = low.rfind("\n", 0, position) + 1, low.find("\n", position)
            line = low[start : end if end >= 0 else len(low)]
            if text == phrase.text or line.isascii():
                after = low[position + len(text) : position + len(text) + 1]
                if not after.isalnum() and not low[position - 1 : position].isalnum():
                    yield line, plain
            position = low.find(text, end) if end >= 0 else -1


def listed(low: str, phrases: Iterable[str]) -> set[str]:
    """Which of the `phrases` stand in `low` as words."""
    return {phrase for phrase in phrases if any(True for _ in _lines(low, _phrase(phrase), with_ascii=True))}


_phrase = lru_cache(maxsize=1_024)(Phrase.of)
