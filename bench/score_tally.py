"""What became of the records of one part of the corpus: items, rejections with their reasons, and every field's way.

A field is counted where the record says something in it (`given`, looked at without our readers), where the item has it
(`item`), and where it still says the same after the item was written out and read again (`again`).
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

#: Identities and reasons of one kind that are printed.
_SHOWN = 20


@dataclass
class Tally:
    """The counts of one part."""

    name: str
    records: int = 0
    items: int = 0
    rejected: Counter[str] = field(default_factory=Counter)  #: code and sentence -> records
    remarks: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    again: Counter[str] = field(default_factory=Counter)
    unkept: list[str] = field(default_factory=list)  #: given, but not in the item: identity and field
    lossy: list[str] = field(default_factory=list)  #: came back as something else: identity and fields
    wrong: list[str] = field(default_factory=list)  #: the item says something else than the record

    def take(
        self, identity: str, kept: Collection[str], *, given: Collection[str] = (), remarks: Collection[str] = ()
    ) -> None:
        """Count an item with the fields that it has."""
        self.items += 1
        self.kept.update(kept)
        self.given.update(given)
        self.remarks.update(remarks)
        self.unkept += [f"{identity}: {name}" for name in given if name not in kept]

    def went_round(self, identity: str, kept: Collection[str], lost: Collection[str]) -> None:
        """Count the fields of an item that was written out and read again; `lost` are those that changed."""
        self.again.update(name for name in kept if name not in lost)
        if lost:
            self.lossy.append(f"{identity}: {', '.join(sorted(lost))}")

    @property
    def share(self) -> float:
        """Records that are items, in per cent."""
        return 100 * self.items / max(1, self.records)

    @property
    def accounted(self) -> float:
        """Records that are items or rejections with a reason, in per cent."""
        return 100 * (self.items + self.rejected.total()) / max(1, self.records)

    def lines(self) -> Iterator[str]:
        """The counts for the note."""
        yield (
            f"{self.name}: {self.records} records, {self.items} items ({self.share:.1f} %),"
            f" {self.rejected.total()} rejections, {len(self.lossy)} lossy round trips"
        )
        for reason, count in self.rejected.most_common():
            yield f"    rejected {count:6} {reason}"
        for remark, count in sorted(self.remarks.items()):
            yield f"    remark   {count:6} {remark}"
        if self.kept or self.given:
            yield f"    {'field':24} {'given':>6} {'item':>6} {'again':>6}"
        for name in sorted(self.kept.keys() | self.given.keys()):
            counts = (self.given, self.kept, self.again)
            yield f"    {name:24} " + " ".join(f"{count[name] if count else '-':>6}" for count in counts)
        for what, which in (("UNKEPT", self.unkept), ("LOSSY", self.lossy), ("WRONG", self.wrong)):
            yield from (f"    {what} {one}" for one in which[:_SHOWN])
            if len(which) > _SHOWN:
                yield f"    {what} … and {len(which) - _SHOWN} more"
