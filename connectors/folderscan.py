"""Looks into a folder that others write to: which files are there, which are new, and one of them, read with care.

No name in the folder leads out of it: links are not followed, neither to files nor to folders, and every step down is
taken from the folder above by its descriptor. Only ordinary files are opened. A file that somebody may still be writing
is left alone: it must have rested for some seconds, and be the same before and after it was read.
"""

import base64
import errno
import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from connectors.errors import Fault, RejectedError, TransientError
from connectors.parse.files.dropped import DroppedFile, LeftOut, encoded, time_of

#: Folders inside folders.
DEPTH_LIMIT: Final = 8
#: Entries that are looked at for each file that may be there: links, hidden files and other strangers count too.
STRANGERS: Final = 10
#: Bytes by which the state of a file is remembered; of a thousand files one new one is overlooked in 3 × 10¹¹ cases.
MARK_SIZE: Final = 6
_STEP: Final = 1024 * 1024
_NANO: Final = 1_000_000_000
#: Names of files that somebody is writing, and of what systems leave in folders.
_TEMPORARY: Final = (
    "~$*", "*~", "*.tmp", "*.temp", "*.part", "*.partial", "*.filepart", "*.crdownload", "*.download", "*.swp",
    "*.lock", "*.bak", "thumbs.db", "desktop.ini", "$recycle.bin", "system volume information",
)  # fmt: skip
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Lying:
    """A file that lies in the folder."""

    path: str  #: relative, as the file system has it
    size: int
    modified: int  #: nanoseconds since 1970, as whoever wrote it wished
    changed: int  #: the same, by our own system: when it came, was written, moved here or given other rights

    @property
    def mark(self) -> bytes:
        """The state of this file, in a few bytes: another one when anything about it changed."""
        state = b"%b\0%d %d %d" % (os.fsencode(self.path), self.size, self.modified, self.changed)
        return hashlib.blake2b(state, digest_size=MARK_SIZE).digest()

    def rested(self, now: datetime, seconds: float) -> bool:
        """Whether nobody wrote it lately. Times ahead of ours, from a camera or a stick, say nothing."""
        moment = int(now.timestamp() * _NANO)
        latest = max((time for time in (self.modified, self.changed) if time <= moment), default=0)
        return moment - latest >= seconds * _NANO


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for, and how much of it is taken."""

    folder: str
    pattern: str = "*"
    subfolders: bool = False
    settle: float = 30.0  #: seconds
    max_files: int = 1_000
    max_size: int  #: bytes; of a larger file nothing is read
    keep_size: int  #: bytes; the bytes of a larger file are counted and summed, not kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One file that is new or changed."""

    file: DroppedFile
    seen: str  #: what was read of the folder, this file included, for the next look
    more: bool  #: others wait


def look(wanted: Wanted, seen: str, now: datetime) -> Found | None:
    """The oldest file that was not read in its present state; None when there is none. Blocks: for a thread.

    `seen` is that of the look before. Raises TransientError `folder_missing`, RejectedError `too_many_files`.
    """
    try:
        root = os.open(wanted.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _missing(wanted.folder, error) from error
    try:
        lying = _files(root, wanted)
        marks = unpacked(seen)
        unread = sorted(
            (file for file in lying if file.mark not in marks and file.rested(now, wanted.settle)),
            key=lambda file: (file.modified, file.path),
        )
        for number, one in enumerate(unread, 1):
            file = _read(root, one, wanted)
            if file is not None:
                still_there = {other.mark for other in lying}
                return Found(file=file, seen=packed({one.mark} | (marks & still_there)), more=number < len(unread))
    except OSError as error:
        raise _missing(wanted.folder, error) from error
    finally:
        os.close(root)
    return None


def packed(marks: Iterable[bytes]) -> str:
    """Marks of files as text: eight characters each."""
    return base64.urlsafe_b64encode(b"".join(sorted(marks))).decode()


def unpacked(seen: str) -> frozenset[bytes]:
    """The marks in such a text; none in one that is damaged, so that all files are read again."""
    try:
        data = base64.urlsafe_b64decode(seen)
    except ValueError:
        return frozenset()
    return frozenset(data[i : i + MARK_SIZE] for i in range(0, len(data) - MARK_SIZE + 1, MARK_SIZE))


# ----------------------------------------------------------------------------------------------- what lies there


def _files(root: int, wanted: Wanted) -> list[Lying]:
    """All files that are wanted. Raises RejectedError when there are more than may be."""
    entries = STRANGERS * wanted.max_files
    files: list[Lying] = []
    for path, found in _walk(root, "", DEPTH_LIMIT if wanted.subfolders else 0):
        entries -= 1
        if found is not None and _matches(path, wanted.pattern):
            files.append(found)
        if entries < 0 or len(files) > wanted.max_files:
            raise _too_many(wanted)
    return files


def _walk(folder: int, above: str, depth: int) -> Iterator[tuple[str, Lying | None]]:
    """Every entry, with the file that it is or None for anything else; folders down to a depth."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = above + entry.name
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # gone since it was listed
                continue
            hidden = entry.name.startswith(".") or _is_temporary(entry.name)
            if stat.S_ISREG(status.st_mode) and not hidden:
                yield path, Lying(path, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
                continue
            yield path, None
            if stat.S_ISDIR(status.st_mode) and not hidden and depth > 0:
                yield from _below(folder, entry.name, path, depth)


def _below(folder: int, name: str, path: str, depth: int) -> Iterator[tuple[str, Lying | None]]:
    try:
        inner = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=folder)
    except OSError:  # gone, no right to it, or a link by now
        return
    try:
        yield from _walk(inner, f"{path}/", depth - 1)
    finally:
        os.close(inner)


def _matches(path: str, pattern: str) -> bool:
    """Whether the name fits, in any case: sticks and Windows know none."""
    name = path.rpartition("/")[2]
    return fnmatchcase(_folded(name), _folded(pattern))


def _is_temporary(name: str) -> bool:
    return any(fnmatchcase(name.casefold(), pattern) for pattern in _TEMPORARY)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


# ----------------------------------------------------------------------------------------------- reading one file


def _read(root: int, lying: Lying, wanted: Wanted) -> DroppedFile | None:
    """The file; None when it is gone, or is not what it was when it was listed: somebody works on it."""
    if lying.size > wanted.max_size:
        return _as_dropped(lying, LeftOut.TOO_LARGE)
    try:
        handle = _opened(root, lying.path)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EIO):
            return _as_dropped(lying, LeftOut.UNREADABLE)
        return None
    try:
        if not _is(handle, lying):
            return None
        body, sha256 = _bytes(handle, lying.size, keep=lying.size <= wanted.keep_size)
        if not _is(handle, lying):
            return None
    except OSError:
        return _as_dropped(lying, LeftOut.UNREADABLE)
    finally:
        os.close(handle)
    left_out = LeftOut.NOTHING if lying.size <= wanted.keep_size else LeftOut.NOT_NEEDED
    return _as_dropped(lying, left_out, sha256, body)


def _opened(root: int, path: str) -> int:
    """The file, step by step from the folder; a link on the way is an error."""
    *folders, name = path.split("/")
    handle = os.dup(root)
    try:
        for folder in folders:
            inner = os.open(folder, _OPEN | os.O_DIRECTORY, dir_fd=handle)
            os.close(handle)
            handle = inner
        return os.open(name, _OPEN, dir_fd=handle)
    finally:
        os.close(handle)


def _is(handle: int, lying: Lying) -> bool:
    """Whether the open file is an ordinary one, in the state in which it was listed."""
    status = os.fstat(handle)
    state = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return stat.S_ISREG(status.st_mode) and state == (lying.size, lying.modified, lying.changed)


def _bytes(handle: int, size: int, *, keep: bool) -> tuple[bytes, str]:
    """At most `size` bytes, if they are to be kept, and the checksum."""
    total, pieces = hashlib.sha256(), []
    while size > 0 and (piece := os.read(handle, min(size, _STEP))):
        size -= len(piece)
        total.update(piece)
        if keep:
            pieces.append(piece)
    return b"".join(pieces), total.hexdigest()


def _as_dropped(lying: Lying, left_out: LeftOut, sha256: str = "", body: bytes = b"") -> DroppedFile:
    return DroppedFile(
        path=encoded(lying.path), size=lying.size, modified=time_of(lying.modified), noticed=max(0, lying.changed),
        sha256=sha256, left_out=left_out, body=body,
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------- faults


def _missing(folder: str, error: OSError) -> TransientError:
    return TransientError(
        f"the folder {folder}: {error.strerror}", code="folder_missing", fault=Fault.HUB,
        sentence=f"Không đọc được thư mục «{folder}» trên máy chủ của hệ thống. Bộ phận kỹ thuật cần kiểm tra đường"
        " dẫn, quyền đọc và việc kết nối ổ đĩa hoặc USB.",
    )  # fmt: skip


def _too_many(wanted: Wanted) -> RejectedError:
    return RejectedError(
        f"the folder {wanted.folder}: more than {wanted.max_files} files, or {STRANGERS} times as many other entries",
        code="too_many_files", fault=Fault.MEMBER,
        sentence=f"Thư mục «{wanted.folder}» có quá {wanted.max_files} tệp nên chưa được đọc. Đề nghị đơn vị chuyển các"
        " tệp cũ sang nơi khác, hoặc bộ phận kỹ thuật tăng «max_files» của nguồn.",
    )  # fmt: skip
