"""Files handed in together -> the lists they make: records that hold together, and every row that does not, with why.

The files given together *are* the list: what two of them say alike is one record, what they say differently is refused.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.codes import columns, tree, units
from hub.codes.drafts import Draft, Fallen, Gathered
from hub.codes.rows import CodeFile, CodesRefusedError, Structured, opened
from hub.rules.codes import Code, CodeList, circles
from hub.rules.places import name_key


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadList:
    """One list as the files make it."""

    name: str
    files: tuple[str, ...]
    records: CodeList
    fallen: tuple[Fallen, ...]
    numbers: frozenset[tuple[str, int]]  #: file and row of all that was read for it; a row may tell of several lists
    mended: int  #: rows whose code was not written as we keep it

    @property
    def rows(self) -> int:
        """How many rows were read for it."""
        return len(self.numbers)


def read(files: Sequence[CodeFile], wanted: str = "") -> list[ReadList]:
    """Read files into lists; `wanted` names the list where the files do not.

    Raises CodesRefusedError when a file is no list at all, or no row of all of them can be used.
    """
    found = Gathered()
    for file in files:
        _read_file(file, wanted, found)
    drafts: dict[str, list[Draft]] = defaultdict(list)
    for one in tree.converted(found.drafts, found.changes):
        drafts[one.list].append(one)
    names = sorted({*drafts, *(one.list for one in found.fallen)})
    if not names:
        raise _empty(())
    return [_list(name, drafts[name], found) for name in names]


def _empty(fallen: Sequence[Fallen]) -> CodesRefusedError:
    """All rows of a list are bad: it is the file that is wrong, not its rows."""
    why = f"Dòng {fallen[0].row} của tệp {fallen[0].file}: {fallen[0].sentence}" if fallen else "Tệp không có dữ liệu."
    return CodesRefusedError(
        "no usable row" + "".join(f"; {one.file} row {one.row}: {one.reason}" for one in fallen[:3]),
        code="codes_empty",
        sentence=f"Không có dòng nào dùng được. {why}",
    )


def _read_file(file: CodeFile, wanted: str, found: Gathered) -> None:
    content = opened(file)
    if isinstance(content, Structured):
        if not units.read_tree(file, content, found):
            columns.read_entries(file, content, wanted, found)
    elif not units.read_units(content, found):
        columns.read_table(file, content, wanted, found)


def _list(name: str, drafts: Sequence[Draft], found: Gathered) -> ReadList:
    fallen = [one for one in found.fallen if one.list == name]
    kept = _without_circles(name, _merged(name, drafts, fallen), fallen)
    if not kept:
        raise _empty(fallen)
    told = {(draft.row.file, draft.row.number) for draft in drafts} | {(one.file, one.row) for one in fallen}
    if name == "communes":
        told |= {(change.row.file, change.row.number) for change in found.changes}
    return ReadList(
        name=name,
        files=tuple(sorted({file for file, _ in told})),
        records=CodeList(draft.record for draft in kept),
        fallen=tuple(sorted(fallen, key=lambda one: (one.file, one.row))),
        numbers=frozenset(told),
        mended=len({(draft.row.file, draft.row.number) for draft in drafts if draft.mended}),
    )


def _merged(name: str, drafts: Sequence[Draft], fallen: list[Fallen]) -> list[Draft]:
    """One draft per record; a row that contradicts an earlier one falls."""
    kept: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        others = kept[draft.record.code]
        rival = next((i for i, one in enumerate(others) if one.record.overlaps(draft.record)), None)
        if rival is None:
            others.append(draft)
        elif _same(others[rival].record, draft.record):
            others[rival] = replace(others[rival], record=_joined(others[rival].record, draft.record))
        else:
            first = others[rival]
            fallen.append(_fell(name, draft, "duplicate_code", _rivalry(first, draft)))
    return [draft for each in kept.values() for draft in each]


def _same(one: Code, other: Code) -> bool:
    return (one.valid_from, one.valid_until, name_key(one.name)) == (
        other.valid_from, other.valid_until, name_key(other.name)
    ) and (not one.parent or not other.parent or one.parent == other.parent)  # fmt: skip


def _joined(one: Code, other: Code) -> Code:
    """What two rows say alike of one record; where one is silent the other speaks."""
    successors = {(s.list, s.code): s for s in (*other.successors, *one.successors)}
    return replace(
        one,
        parent=one.parent or other.parent,
        successors=tuple(successors.values()),
        confirmed=one.confirmed and other.confirmed,
        attributes={**other.attributes, **one.attributes},
    )


def _rivalry(first: Draft, second: Draft) -> str:
    where = f"dòng {first.row.number}" + ("" if first.row.file == second.row.file else f" của tệp {first.row.file}")
    if name_key(first.record.name) == name_key(second.record.name):
        return f"Mã {second.record.code} trùng với {where} nhưng khác thời gian hiệu lực hoặc cấp trên."
    return f"Mã {second.record.code} đã dùng cho «{first.record.name[:80]}» ở {where} trong cùng thời gian."


def _without_circles(name: str, drafts: Sequence[Draft], fallen: list[Fallen]) -> list[Draft]:
    circling = circles(draft.record for draft in drafts)
    for draft in drafts:
        if (draft.record.code, draft.record.valid_from) in circling:
            sentence = f"Mã {draft.record.code}: các mã kế thừa nối thành vòng tròn, không dẫn tới mã còn hiệu lực."
            fallen.append(_fell(name, draft, "successor_circle", sentence))
    return [draft for draft in drafts if (draft.record.code, draft.record.valid_from) not in circling]


def _fell(name: str, draft: Draft, code: str, sentence: str) -> Fallen:
    return Fallen(list=name, file=draft.row.file, row=draft.row.number, reason=code, sentence=sentence)
