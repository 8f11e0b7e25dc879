"""What a store of files promises, and how it fails."""

import hashlib
import re
from typing import Final, Protocol

from connectors.errors import Fault, TransientError

_CHECKSUM: Final = re.compile(r"[0-9a-f]{64}")


class FilesAwayError(TransientError):
    """The store of files cannot be read or written now."""

    code = "files_away"
    fault = Fault.HUB

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"the store of files: {cause}",
            sentence="Kho lưu tệp đính kèm của hệ thống tạm thời không đọc hoặc ghi được; đơn vị không có lỗi."
            " Bộ phận kỹ thuật cần kiểm tra dung lượng đĩa hoặc kết nối tới kho.",
        )


class FilesLostError(TransientError):
    """A file that was kept is missing, or its bytes have changed: it must be fetched again or put back."""

    code = "files_lost"
    fault = Fault.HUB

    def __init__(self, sha256: str, cause: str) -> None:
        super().__init__(
            f"file {sha256}: {cause}",
            sentence="Một tệp đính kèm trong kho của hệ thống bị mất hoặc bị hỏng; đơn vị không có lỗi."
            " Bộ phận kỹ thuật cần phục hồi kho tệp từ bản sao lưu.",
        )


class Files(Protocol):
    """A store of files by the SHA-256 of their bytes, in lower-case hexadecimal.

    A file is there wholly or not at all, also after a crash; one whose bytes do not fit its checksum is never handed
    out. Every method may be called again and by several processes at once. All raise FilesAwayError when the store
    does not answer; a checksum that is none is a ValueError.
    """

    async def put(self, body: bytes) -> str:
        """Keep these bytes and return their checksum. They are on disk when this returns."""

    async def get(self, sha256: str) -> bytes:
        """The bytes. Raises FilesLostError when they are not there, or not these bytes any more."""

    async def has(self, sha256: str) -> bool:
        """Whether there is such a file."""

    async def size(self, sha256: str) -> int | None:
        """Bytes of the file; None when there is none."""

    async def remove(self, sha256: str) -> None:
        """Forget the file; one that is not there is forgotten already."""


def checksum(body: bytes) -> str:
    """The name under which these bytes are kept."""
    return hashlib.sha256(body).hexdigest()


def checked(sha256: str) -> str:
    """`sha256`, which becomes part of a path. Raises ValueError when it is anything else than a checksum."""
    if not _CHECKSUM.fullmatch(sha256):
        raise ValueError("not a SHA-256 checksum in lower-case hexadecimal")
    return sha256
