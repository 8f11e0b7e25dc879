"""The table of faults: what was tried, and counts that have to be zero."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.journeys.findings import KINDS, Findings

#: Each column with the kinds of findings of the journeys that it counts.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "lost": ("lost", "pages behind", "withdrawn but shown", "captures refused", "records refused", "export differs"),
    "doubled": ("doubled", "two ids", "settled twice", "invented"),
    "stale": ("older over newer",),
    "shown again": ("shown again",),
    "stuck": ("captures open", "pages open", "deliveries open", "leases left", "never at rest"),
    "unrecorded": ("effects unrecorded", "chain broken"),
    "damaged": (),
    "defects": ("processes",),
}
_COLUMN = {kind: column for column, kinds in COLUMNS.items() for kind in kinds}
assert set(_COLUMN) == set(KINDS), "every finding has a column"
#: examples that are shown for a row
SHOWN = 5


@dataclass(slots=True)
class Row:
    """One fault."""

    fault: str
    tries: int = 0
    kills: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    note: str = ""  #: what happened, or why nothing did

    def add(self, column: str, example: str) -> None:
        """One more that should not be."""
        assert column in COLUMNS
        self.counts[column] += 1
        self.examples.append(f"{column}: {example}")

    def found(self, findings: Findings, where: str) -> None:
        """What the checker of the journeys says of one try."""
        for kind, times in findings.counts.items():
            self.counts[_COLUMN[kind]] += times
            self.examples += [f"{where}: {kind}: {example}" for example in findings.examples[kind]]

    def __iadd__(self, other: "Row") -> "Row":
        """The same fault, tried elsewhere."""
        self.tries += other.tries
        self.kills += other.kills
        self.counts += other.counts
        self.examples += other.examples
        return self

    @property
    def is_zero(self) -> bool:
        """Whether nothing was found."""
        return not self.counts.total()


def lines(rows: Sequence[Row]) -> list[str]:
    """The table, and below it examples of whatever is not zero."""
    wide = max(len(row.fault) for row in rows)
    names = ("tries", "kills", *COLUMNS)
    written = [f"{'fault':{wide}}  " + "  ".join(names)]
    for row in rows:
        values: Iterable[int] = (row.tries, row.kills, *(row.counts[column] for column in COLUMNS))
        cells = "  ".join(f"{value:{len(name)}}" for name, value in zip(names, values, strict=True))
        written.append(f"{row.fault:{wide}}  {cells}" + (f"  {row.note}" if row.note else ""))
    whole = Row("together")
    for row in rows:
        whole += row
    values = (whole.tries, whole.kills, *(whole.counts[column] for column in COLUMNS))
    written.append(
        f"{whole.fault:{wide}}  " + "  ".join(f"{value:{len(name)}}" for name, value in zip(names, values, strict=True))
    )
    for row in rows:
        written += [f"  {row.fault}: {example}" for example in row.examples[:SHOWN]]
    return written
