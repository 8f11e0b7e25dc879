"""Pieces of a body that the secrecy screen has seen clean before: a feed repeats itself at every poll.

    body ─> records, by their bytes ─> those seen in a clean body before are left out ─> the rest is screened

What is not cut at record borders (JSON, pages, cut-off feeds, other encodings) is screened whole.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.base import Split
from connectors.parse import records

#: Names of records in RSS and RDF, and in Atom.
_NAMES: Final = (b"item", b"entry")
#: Pieces of one source that are remembered: 16 bytes each.
REMEMBERED: Final = 200


@dataclass(frozen=True, slots=True)
class Pieces:
    """The records of a body: where each lies, and a fingerprint of its bytes."""

    spans: Sequence[tuple[int, int]] = ()
    marks: Sequence[bytes] = ()

    @classmethod
    def of(cls, body: bytes) -> "Pieces":
        """Of a feed in XML; of anything else none."""
        for name in _NAMES:
            if b"<" + name in body:
                found = records.cut(body, name)
                if found.spans and not found.open:
                    return cls(found.spans, records.fingerprints(body, found.spans, b""))
        return cls()

    @classmethod
    def where_cut(cls, body: bytes, split: Split) -> "Pieces":
        """Those at whose borders the body was cut for reading; nothing is cut and fingerprinted twice."""
        if not split.spans or not body.endswith(split.data):
            return cls.of(body)
        start = len(body) - len(split.data)
        return cls([(start + begin, start + end) for begin, end in split.spans], split.fingerprints)

    def unseen(self, body: bytes, seen: Container[bytes]) -> bytes:
        """The body without the pieces that were seen before."""
        known = [span for span, mark in zip(self.spans, self.marks, strict=True) if mark in seen]
        return records.without(body, known)

    def packed(self) -> bytes:
        """Their fingerprints, one behind the other."""
        return b"".join(self.marks[:REMEMBERED])


def unpacked(marks: bytes) -> frozenset[bytes]:
    """Fingerprints that stand one behind the other."""
    size = records.FINGERPRINT_SIZE
    return frozenset(marks[at : at + size] for at in range(0, len(marks), size))
