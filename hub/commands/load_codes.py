"""Load lists of codes from files that a board edits: read, compare with what is in force, store as a new version."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.codes.reading import ReadList, read
from hub.codes.rows import SIZE_LIMIT, SUFFIXES, CodeFile, CodesRefusedError
from hub.engine import Engine
from hub.store import codes
from hub.store.codes import CodeVersion, NewVersion, RefusedRow

#: Files of one load, and refused rows of a list that the answer shows: it must fit the control socket. All are stored.
FILE_LIMIT: Final = 200
SHOWN: Final = 10
#: A list of more than so many entries may not lose more than half of them by accident.
SMALL: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedList:
    """What a load made of one list."""

    list: str
    version: int  #: 0 = nothing stored, it was only looked at
    unchanged: bool  #: the same content is in force already
    rows: int
    entries: int
    rejected: int
    mended: int
    refused: Sequence[RefusedRow]  #: the first of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a load made of its files."""

    lists: Sequence[LoadedList]


async def load_codes(
    engine: Engine, paths: Sequence[str], *, who: str, name: str = "", shrinks: bool = False
) -> Loaded:  # fmt: skip
    """Store the lists that these files and folders make together; a list that is the same stays at its version.

    `name` says which list a file is that does not say so itself. `shrinks` allows that a list loses more than half of
    its entries. Raises CodesRefusedError, and then nothing at all is stored.
    """
    found = await asyncio.to_thread(read_paths, paths, name)
    async with engine.store.unit() as unit:
        stored: list[LoadedList] = []
        for one in found:
            new = _new_version(one)
            before = await codes.line_up(engine.store, unit, one.name)
            same = before is not None and before.sha256 == new.sha256
            if not same:
                _refuse_shrinking(before, new, shrinks=shrinks)
            version = before.version if same and before else await codes.write(unit, before, new, who=who)
            stored.append(summary(one, version=version, unchanged=same))
    return Loaded(lists=stored)


def read_paths(paths: Sequence[str], name: str = "") -> list[ReadList]:
    """The lists that files and folders make together; stores nothing. Raises CodesRefusedError."""
    return read([_file(path) for path in _files(paths)], name)


def summary(one: ReadList, *, version: int = 0, unchanged: bool = False) -> LoadedList:
    """A list in numbers, with the first of the refused rows."""
    return LoadedList(
        list=one.name, version=version, unchanged=unchanged, rows=one.rows, entries=len(one.records),
        rejected=len(one.fallen), mended=one.mended, refused=_refused(one)[:SHOWN],
    )  # fmt: skip


def _new_version(one: ReadList) -> NewVersion:
    return NewVersion(
        list=one.name, origin=one.files, records=tuple(one.records), refused=_refused(one), rows=one.rows,
        mended=one.mended,
    )  # fmt: skip


def _refused(one: ReadList) -> list[RefusedRow]:
    return [RefusedRow(file=each.file, row=each.row, code=each.reason, sentence=each.sentence) for each in one.fallen]


def _refuse_shrinking(before: CodeVersion | None, new: NewVersion, *, shrinks: bool) -> None:
    had, has = before.counts["entries"] if before else 0, len(new.records)
    if had > SMALL and has * 2 < had and not shrinks:
        raise CodesRefusedError(
            f"{new.list}: {has} entries in place of {had}",
            code="codes_shrunk",
            sentence=f"Danh mục {new.list} sẽ chỉ còn {has} trên {had} mã nên chưa nạp. Nếu các tệp còn thiếu, hãy nạp"
            " tất cả cùng một lần; nếu đúng là như vậy, hãy thêm tuỳ chọn --shrinks.",
        )


def _files(paths: Sequence[str]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
            found += [each for each in inside if not each.name.startswith(".")]
        else:
            found.append(path)
    if not found:
        raise _missing("no file", f"Trong thư mục không có tệp danh mục nào ({', '.join(SUFFIXES)}).")
    if len(found) > FILE_LIMIT:
        raise _missing("too many files", f"Thư mục có hơn {FILE_LIMIT} tệp; hãy chỉ rõ thư mục chứa danh mục.")
    return found


def _file(path: Path) -> CodeFile:
    try:
        with path.open("rb") as opened:
            return CodeFile(name=path.name, body=opened.read(SIZE_LIMIT + 1))
    except OSError as error:
        raise _missing(
            f"{path}: {error.strerror}", f"Không mở được tệp {path.name}. Kiểm tra lại đường dẫn và quyền đọc tệp."
        ) from error


def _missing(cause: str, sentence: str) -> CodesRefusedError:
    return CodesRefusedError(cause, code="codes_not_found", sentence=sentence)
