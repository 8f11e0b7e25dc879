"""What was seen beside what is promised: one line each, and whether it was kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was counted or timed."""

    name: str
    seen: str
    wanted: str = ""  #: empty: told, and nothing is promised of it
    kept: bool = True


@dataclass(slots=True)
class Table:
    """Lines in the order in which they were told."""

    title: str
    lines: list[Line] = field(default_factory=list)

    def tell(self, name: str, seen: object) -> None:
        """What nothing is promised of."""
        self.lines.append(Line(name, _text(seen)))

    def want(self, name: str, seen: object, kept: bool, wanted: str) -> None:
        """What a promise is about."""
        self.lines.append(Line(name, _text(seen), wanted, kept))

    def zero(self, name: str, found: Iterable[object]) -> None:
        """What shall not have happened; the first three are told."""
        these = [str(each) for each in found]
        said = f"{len(these):,}" + (f": {'; '.join(these[:3])[:200]}" if these else "")
        self.want(name, said, not these, "0")

    @property
    def missed(self) -> list[Line]:
        """Promises that were not kept."""
        return [line for line in self.lines if not line.kept]

    def text(self) -> str:
        """As it is printed."""
        wide = max((len(line.name) for line in self.lines), default=0)
        rows = [
            f"  {line.name:{wide}}  {line.seen:>14}"
            + (f"   wanted {line.wanted}" if line.wanted else "")
            + ("" if line.kept else "   MISSED")
            for line in self.lines
        ]
        return "\n".join([self.title, *rows])


def _text(seen: object) -> str:
    if isinstance(seen, float):
        return f"{seen:,.2f}" if seen < 10 else f"{seen:,.0f}"
    return f"{seen:,}" if isinstance(seen, int) else str(seen)
