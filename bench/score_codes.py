"""Loads the published lists of administrative units and organisation codes of the corpus, and follows every old unit.

    python -m bench.score_codes [CORPUS]

Every row of every file becomes part of an entry or is refused with a reason, at least 98 % the former. What the lists
that come with the program say of the provinces must agree with what the conversion table says.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from hub.codes.reading import ReadList, read
from hub.codes.rows import SUFFIXES, CodeFile, Structured, opened
from hub.codes.shipped import shipped
from hub.rules.codes import Code, CodeList, Outcome
from hub.rules.places import name_key

FOLDERS = ("units", "org-codes")
TODAY, BEFORE = date(2026, 11, 22), date(2025, 1, 1)
#: Share of rows that must become entries.
ENTRIES = 0.98


def check(corpus: Path) -> list[tuple[str, bool, str]]:
    """Each question: its name, whether the answer is as wanted, and the counts."""
    files = [
        CodeFile(name=path.name, body=path.read_bytes())
        for folder in FOLDERS
        for path in sorted((corpus / "vi" / folder).rglob("*"))
        if path.suffix in SUFFIXES
    ]
    lists = {one.name: one for one in read(files)}
    return [*_files(files, lists), *_lists(lists), *_communes(lists), *_provinces(lists)]


def _files(files: list[CodeFile], lists: Mapping[str, ReadList]) -> Iterator[tuple[str, bool, str]]:
    """Rows of each file, counted without our readers' help, against those that were taken or refused."""
    for file in files:
        content = opened(file)
        if isinstance(content, Structured):
            rows = sum(1 + len(entry.get("Wards", ())) for _, entry in content.entries)
        else:
            rows = sum(sum(bool(cell) for cell in row.cells) > 1 for row in content.rows) - _headings(file)
        alone = read([file])
        refused = len({(one.file, one.row) for each in alone for one in each.fallen})
        seen = _most(alone)
        note = f"{rows} rows, {seen - refused} in entries, {refused} refused"
        yield file.name, seen == rows and (seen - refused) >= ENTRIES * rows, note


def _headings(file: CodeFile) -> int:
    return 2 if file.name.startswith("BangChuyendoi") else 1


def _most(alone: list[ReadList]) -> int:
    """Different rows of a file that were taken or refused, whichever list they told something of."""
    return len({row for one in alone for row in one.numbers})


def _lists(lists: Mapping[str, ReadList]) -> Iterator[tuple[str, bool, str]]:
    for one in lists.values():
        taken = one.rows - len({(each.file, each.row) for each in one.fallen})
        reasons = dict(Counter(each.reason for each in one.fallen))
        yield (
            f"list {one.name}",
            taken >= ENTRIES * one.rows,
            f"{one.rows} rows, {len(one.records)} records, {len(one.fallen)} refused {reasons}, {one.mended} mended",
        )


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
        len(forgotten) <= (1 - ENTRIES) * len(old),
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


def main(corpus: str = "../shared/corpus") -> None:
    """Print every answer; ends with 1 when one is not as wanted."""
    answers = check(Path(corpus))
    for name, right, note in answers:
        print(f"{'ok    ' if right else 'MISSED'} {name}: {note}")
    if not all(right for _, right, _ in answers):
        raise SystemExit(1)


if __name__ == "__main__":
    main(*sys.argv[1:2])
