"""A folder from which another program carries messages away: each comes once, whole, and none after a newer one.

    {folder}/{content_id}-{revision}.edxml      what is to be sent; the other program takes it away when it likes
    {folder}/.hub/{content_id}.json             what was put there last: revision, identity, key
    {folder}/.hub/{name}                        a message on its way into the folder

A file that is gone was taken: only the ledger tells that it was there, so it is written before the message appears. A
message that is still on its way when the ledger has it is brought in by the next call.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from connectors.errors import Fault, TransientError

_INSIDE: Final = ".hub"
_ENDING: Final = ".edxml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What was put there last of one item."""

    revision: int
    document_id: str
    withdrawn: bool
    key: str  #: idempotency key of the call
    name: str  #: of the file


class Outbox:
    """One folder. Every method blocks: for a thread. Raises TransientError `outbox_unwritable`."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._inside = self._folder / _INSIDE

    def last(self, content_id: UUID) -> Put | None:
        """What was put there last of an item, if it is there in truth; None: nothing yet."""
        try:
            told = json.loads(self._ledger(content_id).read_bytes())
            put = Put(**told)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise _unwritable(error) from error
        self._bring_in(put.name)
        return put

    def put(self, content_id: UUID, put: Put, body: bytes) -> None:
        """Put a message there; whoever calls has asked for the last one before."""
        try:
            self._inside.mkdir(exist_ok=True)
            _write(self._inside / put.name, body)
            ledger = self._ledger(content_id)
            draft = ledger.with_suffix(".new")
            _write(draft, json.dumps(asdict(put), ensure_ascii=False).encode())
            draft.replace(ledger)
            _sync(self._inside)
        except OSError as error:
            raise _unwritable(error) from error
        self._bring_in(put.name)

    def _bring_in(self, name: str) -> None:
        try:
            (self._inside / name).replace(self._folder / name)
            _sync(self._folder)
        except FileNotFoundError:
            return  # it is there, or was taken
        except OSError as error:
            raise _unwritable(error) from error

    def _ledger(self, content_id: UUID) -> Path:
        return self._inside / f"{content_id}.json"


def name_of(content_id: UUID, revision: int, key: str) -> str:
    """The name of a message. A repair of the same revision is a message of its own: its key ends with a number more."""
    repeat = key.split(":")[3:]
    return f"{'-'.join([str(content_id), str(revision), *(one for one in repeat if one.isdigit())])}{_ENDING}"


def _write(path: Path, body: bytes) -> None:
    """Write a file so that it is on the disk when this returns."""
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(error: Exception) -> TransientError:
    return TransientError(
        f"the outgoing folder cannot be used: {type(error).__name__} {getattr(error, 'errno', '')}".strip(),
        code="outbox_unwritable", fault=Fault.HUB,
        sentence="Không ghi được gói tin vào thư mục gửi đi. Bộ phận kỹ thuật cần kiểm tra thư mục, quyền ghi và dung"
        " lượng ổ đĩa; hệ thống sẽ tự thử lại.",
    )  # fmt: skip
