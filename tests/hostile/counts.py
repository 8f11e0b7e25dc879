"""A table with a row for each way in: how often it was tried, and what went wrong, which shall be nothing."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Row:
    """One way in."""

    tried: int = 0
    faults: list[str] = field(default_factory=list)
    note: str = ""


@dataclass(slots=True)
class Table:
    """Rows by name, in the order in which they were first named."""

    title: str
    what: str = "faults"  #: what the last column counts
    rows: dict[str, Row] = field(default_factory=dict)

    def count(self, name: str, *faults: str, tried: int = 1, note: str = "") -> None:
        """One more try of a way in, and what was wrong with it."""
        row = self.rows.setdefault(name, Row())
        row.tried += tried
        row.faults += faults
        row.note = note or row.note

    @property
    def tried(self) -> int:
        return sum(row.tried for row in self.rows.values())

    @property
    def faults(self) -> list[str]:
        return [f"{name}: {fault}" for name, row in self.rows.items() for fault in row.faults]

    def text(self) -> str:
        """As it is printed; of faults the first ten stand below it."""
        wide = max(map(len, self.rows), default=0)
        lines = [f"{self.title}", f"  {'':{wide}} {'tried':>9} {self.what:>9}"]
        for name, row in self.rows.items():
            lines.append(f"  {name:{wide}} {row.tried:>9,} {len(row.faults):>9,}{'  ' + row.note if row.note else ''}")
        lines.append(f"  {'in all':{wide}} {self.tried:>9,} {len(self.faults):>9,}")
        lines += [f"  ! {fault[:300]}" for fault in self.faults[:10]]
        return "\n".join(lines)
