"""What changed between two texts, word by word, as a person reads it: for the review queue and the versions of an item.

    paragraphs   sanitised HTML as lines of plain text, one a block
    compare      first line by line, then word by word inside of what was rewritten
    changes      the same for every field of an item that a reader sees

The way is that of Myers (An O(ND) Difference Algorithm, 1986), because its work can be counted while it goes on: texts
come from strangers, and difflib needs minutes for some of 100 kB. Where the counted steps run out, and where a passage
has hardly a word in common with what replaces it, it is shown as removed and added as a whole: that reads better too.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from connectors.parse.html import plain
from schemas.edition import own_fields
from schemas.item import ItemBase

#: Characters of a text that are compared; what follows is left out, and said to be.
LIMIT: Final = 200_000
#: Steps for one comparison: some tenths of a second.
STEPS: Final = 400_000
#: Words removed or added in one passage, as a share of it, from which it counts as rewritten.
REWRITTEN: Final = 0.7
#: Characters that stay visible on each side of a change when the rest is left out.
AROUND: Final = 160

_BLOCK = re.compile(
    r"</?(?:address|blockquote|br|caption|d[dlt]|div|figcaption|figure|h[1-6]|hr|li|ol|p|pre|table|t[dhr]|ul)\b[^<>]*>"
)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_WORD = re.compile(r"\s+|\w+|[^\w\s]")
#: Half a word where a stretch was cut.
_EDGE, _START = re.compile(r"\S+\Z"), re.compile(r"\A\S+")


class PieceKind(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    LEFT_OUT = "left_out"  #: the same on both sides, and too long to be shown


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text with one fate."""

    kind: PieceKind
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What changed in one field of an item."""

    field: str  #: of schemas.item; a field of the kind by its own name
    pieces: Sequence[Piece]


def paragraphs(html: str) -> str:
    """The text of sanitised HTML, a line for each block, without empty lines."""
    lines = (plain(part) for part in _BLOCK.split(html))
    return "\n".join(line for line in lines if line)


def changes(old: ItemBase | None, new: ItemBase | None) -> list[FieldChange]:
    """Fields that differ, in the order in which they are read; None is an item without anything in it."""
    before, after = _read(old), _read(new)
    return [
        FieldChange(name, shortened(compare(before.get(name, ""), after.get(name, ""))))
        for name in dict.fromkeys([*after, *before])
        if before.get(name, "") != after.get(name, "")
    ]


def _read(item: ItemBase | None) -> dict[str, str]:
    """The fields of an item as lines of text."""
    if item is None:
        return {}
    found = {
        "title": item.title, "summary": item.summary, "content_html": paragraphs(item.content_html),
        "authors": "\n".join(author.name for author in item.authors), "tags": "\n".join(item.tags),
        "published": item.published.isoformat() if item.published else "", "url": item.url, "image": item.image,
        "attachments": "\n".join(f"{file.title or file.url} ({file.url})" for file in item.attachments),
    }  # fmt: skip
    for name, value in own_fields(item).items():
        found[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return found


def compare(old: str, new: str) -> list[Piece]:
    """The pieces of both texts in reading order; what was removed stands before what was added in its place."""
    budget = _Budget(STEPS)
    pieces = list[Piece]()
    for kind, run in groupby(_edits(_LINE.findall(old[:LIMIT]), _LINE.findall(new[:LIMIT]), budget), key=_is_same):
        passages = list(run)
        if kind:
            pieces += [Piece(PieceKind.SAME, text) for _, text in passages]
        else:
            pieces += _rewritten(
                "".join(text for fate, text in passages if fate is PieceKind.REMOVED),
                "".join(text for fate, text in passages if fate is PieceKind.ADDED), budget,
            )  # fmt: skip
    if max(len(old), len(new)) > LIMIT:
        pieces.append(Piece(PieceKind.LEFT_OUT, ""))
    return _joined(pieces)


def shortened(pieces: Sequence[Piece], around: int = AROUND) -> list[Piece]:
    """The same, with long stretches of unchanged text left out."""
    found = list[Piece]()
    for place, piece in enumerate(pieces):
        if piece.kind is not PieceKind.SAME or len(piece.text) <= 3 * around:
            found.append(piece)
            continue
        if place:
            found.append(Piece(PieceKind.SAME, _EDGE.sub("", piece.text[:around]) or piece.text[:around]))
        found.append(Piece(PieceKind.LEFT_OUT, ""))
        if place + 1 < len(pieces):
            found.append(Piece(PieceKind.SAME, _START.sub("", piece.text[-around:]) or piece.text[-around:]))
    return found


def _is_same(edit: tuple[PieceKind, str]) -> bool:
    return edit[0] is PieceKind.SAME


def _rewritten(old: str, new: str, budget: "_Budget") -> list[Piece]:
    """A passage and what stands in its place, word by word where they have enough in common."""
    whole = [Piece(PieceKind.REMOVED, old), Piece(PieceKind.ADDED, new)]
    if not old or not new:
        return [piece for piece in whole if piece.text]
    before, after = _WORD.findall(old), _WORD.findall(new)
    edits = [Piece(kind, text) for kind, text in _edits(before, after, budget)]
    words = sum(text[0].isalnum() for text in before) + sum(text[0].isalnum() for text in after)
    changed = sum(piece.kind is not PieceKind.SAME and piece.text[0].isalnum() for piece in edits)
    return edits if changed <= REWRITTEN * words else whole


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one kind as one piece; between two sames, all that was removed before all that was added."""
    found = list[Piece]()
    for same, run in groupby(pieces, key=lambda piece: piece.kind in (PieceKind.SAME, PieceKind.LEFT_OUT)):
        stretch = list(run)
        for kind in (PieceKind.SAME, PieceKind.LEFT_OUT) if same else (PieceKind.REMOVED, PieceKind.ADDED):
            texts = [piece.text for piece in stretch if piece.kind is kind]
            if texts:
                found.append(Piece(kind, "".join(texts)))
    return found


@dataclass(slots=True)
class _Budget:
    """Steps that are left for one comparison."""

    left: int


def _edits(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Iterator[tuple[PieceKind, str]]:
    """What becomes of each token; all removed and all added when the budget ends first."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    yield from ((PieceKind.SAME, text) for text in old[:head])
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    script = _shortest(before, after, budget)
    if script is None:
        yield from ((PieceKind.REMOVED, text) for text in before)
        yield from ((PieceKind.ADDED, text) for text in after)
    else:
        yield from script
    yield from ((PieceKind.SAME, text) for text in old[len(old) - tail :])


def _shortest(old: Sequence[str], new: Sequence[str], budget: _Budget) -> list[tuple[PieceKind, str]] | None:
    """The shortest script from one to the other; None when the budget ended."""
    reach = {1: 0}  # diagonal to the farthest place in `old` that so many edits lead to
    rounds = list[dict[int, int]]()
    for edits in range(len(old) + len(new) + 1):
        rounds.append(dict(reach))
        budget.left -= edits + len(reach)
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])
            x = reach[diagonal + 1] if down else reach[diagonal - 1] + 1
            start = x
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            budget.left -= x - start
            reach[diagonal] = x
            if x >= len(old) and x - diagonal >= len(new):
                return _walked_back(old, new, rounds)
        if budget.left < 0:
            return None
    return None


def _walked_back(
    old: Sequence[str], new: Sequence[str], rounds: Sequence[dict[int, int]]
) -> list[tuple[PieceKind, str]]:  # fmt: skip
    script = list[tuple[PieceKind, str]]()
    x, y = len(old), len(new)
    for edits in range(len(rounds) - 1, -1, -1):
        reach, diagonal = rounds[edits], x - y
        down = diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])
        came = diagonal + 1 if down else diagonal - 1
        from_x = reach[came]
        from_y = from_x - came
        while x > from_x and y > from_y and x > 0 and y > 0:
            x, y = x - 1, y - 1
            script.append((PieceKind.SAME, old[x]))
        if edits:
            if down:
                y -= 1
                script.append((PieceKind.ADDED, new[y]))
            else:
                x -= 1
                script.append((PieceKind.REMOVED, old[x]))
    return script[::-1]
