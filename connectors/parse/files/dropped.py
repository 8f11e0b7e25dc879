"""A file of a watched folder as it is kept: a few lines that say which file it was, an empty line, its bytes.

    HUB-FILE/1
    path: van-ban/12-q%C4%91-ubnd.pdf      relative to the folder, percent-encoded
    size: 84211                            bytes of the file
    modified: 2026-11-20T01:00:00+00:00    when it was last written
    noticed: 1795136400000000000           its change time in the folder: no two captures of it are the same
    sha256: …                              of the whole file
    left-out: …                            only where its bytes are not kept: `too_large`, `unreadable`, `not_needed`

Two files with the same bytes are two files. A body without these lines would not say which of them it is, and a hub
that compares bodies would take the second for the first.
"""

import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from connectors.errors import Fault, RejectedError
from connectors.parse.text import clean_text

#: Bytes that the lines may take: a path has at most 4,096 bytes, each of which may take three here.
_HEAD_LIMIT: Final = 16 * 1024
_HEAD: Final = re.compile(
    rb"HUB-FILE/1\n"
    rb"path: (?P<path>[!-~]{1,13000})\n"
    rb"size: (?P<size>[0-9]{1,15})\n"
    rb"modified: (?P<modified>[0-9T:+.-]{20,40})\n"
    rb"noticed: (?P<noticed>[0-9]{1,20})\n"
    rb"sha256: (?P<sha256>[0-9a-f]{64})?\n"
    rb"(?:left-out: (?P<left_out>[a-z_]{1,20})\n)?\n"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

#: code -> technical cause, whose fault, sentence for a clerk; {} is the file.
_REFUSALS: Final[dict[str, tuple[str, Fault, str]]] = {
    "not_a_dropped_file": (
        "not a file of a watched folder", Fault.HUB,
        "Bản thu không phải là một tệp của thư mục theo dõi. Báo bộ phận kỹ thuật kèm tên nguồn.",
    ),
    "file_too_large": (
        "{}: larger than is read", Fault.MEMBER,
        "Tệp «{}» vượt quá dung lượng cho phép nên không được đọc. Đề nghị đơn vị gửi tệp nhỏ hơn, hoặc bộ phận kỹ"
        " thuật tăng «max_size» của nguồn.",
    ),
    "file_unreadable": (
        "{}: no right to read it, or the disk fails", Fault.HUB,
        "Không đọc được tệp «{}» do hệ thống chưa được cấp quyền hoặc ổ đĩa bị lỗi. Bộ phận kỹ thuật cần kiểm tra quyền"
        " đọc và ổ đĩa.",
    ),
}  # fmt: skip


class LeftOut(StrEnum):
    """Why the bytes of a file are not kept."""

    NOTHING = ""
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    NOT_NEEDED = "not_needed"  #: a document that is only pointed to


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedFile:
    """One file as it lay in the folder."""

    path: str  #: relative, percent-encoded
    size: int  #: bytes
    modified: datetime
    noticed: int  #: nanoseconds since 1970
    sha256: str = ""  #: empty where the file was not read
    left_out: LeftOut = LeftOut.NOTHING
    body: bytes = b""

    @property
    def name(self) -> str:
        """The path as a person reads it: no controls, one line; what is not UTF-8 stays percent-encoded."""
        return clean_text(self._decoded) or self.path

    @property
    def identity(self) -> str:
        """The path by which the file is known again; one that reads like another one's stays percent-encoded."""
        return self._decoded if self._decoded == clean_text(self._decoded) else self.path

    @property
    def _decoded(self) -> str:
        try:
            return unicodedata.normalize("NFC", unquote_to_bytes(self.path).decode())
        except UnicodeDecodeError:
            return self.path


def encoded(path: str) -> str:
    """A path as the file system has it, percent-encoded: any bytes may stand in one."""
    return quote_from_bytes(os.fsencode(path), safe="/-._~")


def time_of(nanoseconds: int) -> datetime:
    """A time of the file system; one that no calendar has is the nearest that it has."""
    return _EPOCH + timedelta(microseconds=max(0, min(nanoseconds // 1_000, 253_402_300_799_000_000)))


def pack(file: DroppedFile) -> bytes:
    """The file as it is kept."""
    lines = [
        "HUB-FILE/1",
        f"path: {file.path}",
        f"size: {file.size}",
        f"modified: {file.modified.isoformat()}",
        f"noticed: {file.noticed}",
        f"sha256: {file.sha256}",
    ]
    if file.left_out:
        lines.append(f"left-out: {file.left_out}")
    return "\n".join([*lines, "\n"]).encode() + file.body


def unpack(body: bytes) -> DroppedFile:
    """The file that was kept. Raises RejectedError: `not_a_dropped_file` for anything else, whole or in part."""
    found = _HEAD.match(body, 0, _HEAD_LIMIT)
    if found is None:
        raise refuse_file("not_a_dropped_file")
    head = {name: (value or b"").decode() for name, value in found.groupdict().items()}
    try:
        file = DroppedFile(
            path=head["path"], size=int(head["size"]), modified=datetime.fromisoformat(head["modified"]),
            noticed=int(head["noticed"]), sha256=head["sha256"], left_out=LeftOut(head["left_out"]),
            body=body[found.end() :],
        )  # fmt: skip
    except ValueError:
        raise refuse_file("not_a_dropped_file") from None
    if file.modified.tzinfo is None or not _is_whole(file):
        raise refuse_file("not_a_dropped_file")
    return file


def _is_whole(file: DroppedFile) -> bool:
    if file.left_out:
        return not file.body
    return len(file.body) == file.size and hashlib.sha256(file.body).hexdigest() == file.sha256


def refuse_file(code: str, name: str = "") -> RejectedError:
    """Make the error for one of the codes above, about the file of this name."""
    message, fault, sentence = _REFUSALS[code]
    return RejectedError(
        message.format(name), pointer=name, code=code, fault=fault, sentence=sentence.format(name)
    )  # fmt: skip


def about(error: RejectedError, name: str) -> RejectedError:
    """What another connector says of the content, with the file that it speaks of."""
    pointer = f"{name}: {error.pointer}" if error.pointer else name
    sentence = f"Tệp «{name}» trong thư mục theo dõi: {error.sentence}"
    return RejectedError(f"{name}: {error}", pointer=pointer, code=error.code, fault=error.fault, sentence=sentence)
