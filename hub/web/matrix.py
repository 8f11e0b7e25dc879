"""Who owes what, as a table: a row for each member, a column for each duty, one table a group of the roster."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hub.queries.duties import Standing
from hub.rules.categories import Categories
from hub.rules.coverage import Group
from hub.rules.duties import GAPS, Duty, Every


@dataclass(frozen=True, slots=True)
class Row:
    """One member; None stands where it does not owe what the column asks for."""

    member: str
    name: str
    cells: Sequence[Standing | None]


@dataclass(frozen=True, slots=True)
class Matrix:
    """One group of the roster."""

    group: Group
    duties: Sequence[str]  #: names in the hub
    columns: Sequence[str]  #: what they are called
    rows: Sequence[Row]

    @property
    def good(self) -> int:
        """Members without a gap."""
        return sum(not any(cell and cell.state in GAPS for cell in row.cells) for row in self.rows)


def matrices(
    found: Iterable[Standing], duties: Sequence[Duty], categories: Categories, stretches: Mapping[Every, str]
) -> list[Matrix]:
    """One for each group that owes anything, in the order in which it stands.

    A column is called as its category; where two duties of a group ask for the same one, `stretches` tell them apart.
    """
    groups: dict[Group, dict[str, dict[str, Standing]]] = {}
    for each in found:
        groups.setdefault(each.group, {}).setdefault(each.member, {})[each.duty] = each
    made = []
    for group, members in groups.items():
        owed = {duty for cells in members.values() for duty in cells}
        asked = [duty for duty in duties if duty.name in owed]
        rows = [
            Row(member, next(iter(cells.values())).name, [cells.get(duty.name) for duty in asked])
            for member, cells in members.items()
        ]
        made.append(Matrix(group, [duty.name for duty in asked], _called(asked, categories, stretches), rows))
    return made


def _called(duties: Sequence[Duty], categories: Categories, stretches: Mapping[Every, str]) -> list[str]:
    often = [duty.category for duty in duties]
    names = []
    for duty in duties:
        known = categories.by_code.get(duty.category)
        name = known.short if known else duty.category
        twice = often.count(duty.category) > 1
        names.append(f"{name}, {stretches[duty.every]}" if duty.every and twice else name)
    return names
