"""Loads the published lists of administrative units and organisation codes of the corpus, and follows every old unit.

    python -m bench.score_codes [CORPUS]

Every row of every file becomes part of an entry or is refused with a reason. A list that is exported and loaded again
is the same list. What the lists that come with the program say of the provinces must agree with what the conversion
table says.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path

from bench.score_tally import Tally
from hub.codes.reading import ReadList, read
from hub.codes.rows import SUFFIXES, CodeFile, Structured, opened
from hub.codes.shipped import shipped
from hub.codes.writing import as_csv
from hub.rules.codes import Code, CodeList, Outcome
from hub.rules.places import name_key

FOLDERS = ("units", "org-codes")
TODAY, BEFORE = date(2026, 11, 22), date(2025, 1, 1)
#: Share of the old communes that the conversion table must name.
NAMED = 0.98


def check(corpus: Path) -> tuple[list[Tally], list[tuple[str, bool, str]]]:
    """The counts of each file and of each list; and questions: name, whether the answer is as wanted, the counts."""
    files = [
        CodeFile(name=path.name, body=path.read_bytes())
        for folder in FOLDERS
        for path in sorted((corpus / "vi" / folder).rglob("*"))
        if path.suffix in SUFFIXES
    ]
    lists = {one.name: one for one in read(files)}
    tallies = [*map(_file, files), *map(_list, lists.values())]
    return tallies, [*_communes(lists), *_provinces(lists)]


def _file(file: CodeFile) -> Tally:
    """Rows of a file, counted without our readers' help, against those that were taken or refused."""
    content = opened(file)
    if isinstance(content, Structured):
        rows = sum(1 + len(entry.get("Wards", ())) for _, entry in content.entries)
    else:
        rows = sum(sum(bool(cell) for cell in row.cells) > 1 for row in content.rows) - _headings(file)
    alone = read([file])
    tally = Tally(file.name, records=rows)
    for number, reason in {(one.row, f"{one.reason}: {one.sentence}") for each in alone for one in each.fallen}:
        tally.rejected[reason] += 1
        tally.items -= (file.name, number) in {row for one in alone for row in one.numbers}
    tally.items += len({row for one in alone for row in one.numbers})
    return tally


def _headings(file: CodeFile) -> int:
    return 2 if file.name.startswith("BangChuyendoi") else 1


def _list(one: ReadList) -> Tally:
    """The records of a list; each is written out as a board would get it, and read again."""
    tally = Tally(f"list {one.name}", records=len(one.records) + len(one.fallen))
    tally.rejected.update(f"{each.reason}: {each.sentence}" for each in one.fallen)
    [back] = read([CodeFile(name=f"{one.name}.csv", body=as_csv(one.records).encode())], one.name)
    written = {(record.code, record.valid_from): record for record in back.records}
    for record in one.records:
        kept = {name for name, value in asdict(record).items() if value not in ("", None, (), {})}
        tally.take(record.code, kept)
        again = written.get((record.code, record.valid_from))
        lost = [name for name in kept if again is None or getattr(again, name) != getattr(record, name)]
        tally.went_round(record.code, kept, lost)
    return tally


def _communes(lists: Mapping[str, ReadList]) -> Iterator[tuple[str, bool, str]]:
    records = lists["communes"].records
    now = sum(one.covers(TODAY) for one in records)
    yield "communes in force", now == 3_321, f"{now} of 3321"
    old = [one for one in records if one.valid_until is not None]
    named = [one for one in old if one.successors]
    lost = [one for one in named if not records.chain(one, TODAY)]
    outcomes = Counter(records.resolution(one.code, (one,), TODAY).outcome for one in named)
    yield (
        "old communes that the conversion table names",
        not lost,
        f"{len(named)}: {outcomes[Outcome.REPLACED]} to one, {outcomes[Outcome.SPLIT]} to several, {len(lost)} to none",
    )
    forgotten = [one for one in old if not one.successors]
    yield (
        "old communes that it does not name",
        len(forgotten) <= (1 - NAMED) * len(old),
        f"{len(forgotten)} of {len(old)}: {', '.join(f'{one.name} {one.code}' for one in forgotten)}",
    )


def _provinces(lists: Mapping[str, ReadList]) -> Iterator[tuple[str, bool, str]]:
    come = shipped("provinces")
    assert come is not None
    ours, theirs = come.records, lists["provinces"].records
    before = [one for one in theirs if one.covers(BEFORE)]
    yield "provinces before and now", (len(before), _now(theirs)) == (63, 34), f"{len(before)} and {_now(theirs)}"
    wrong = []
    for one in before:
        mine = ours.resolve(one.code, on=date(2025, 7, 1), then=BEFORE)
        other = theirs.resolve(one.code, on=date(2025, 7, 1), then=BEFORE)
        if [(p.code, _plain(p)) for p in mine.present] != [(p.code, _plain(p)) for p in other.present]:
            wrong.append(one.name)
    yield (
        "the provinces that we ship say the same",
        not wrong,
        f"{len(before) - len(wrong)} of {len(before)} {wrong or ''}",
    )


def _now(records: CodeList) -> int:
    return sum(one.covers(TODAY) for one in records)


def _plain(province: Code) -> str:
    """Without its kind: Đồng Nai became a city in 2026, and the list of July 2026 knows it as one all along."""
    return name_key(province.name).removeprefix("tinh ").removeprefix("thanh pho ")


if __name__ == "__main__":
    tallies, answers = check(Path(sys.argv[1]))
    print("\n".join(line for tally in tallies for line in tally.lines()))
    print("\n".join(f"{'ok    ' if right else 'MISSED'} {name}: {note}" for name, right, note in answers))
