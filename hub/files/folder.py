"""Files in a folder: FOLDER/ab/cdef… after the first two digits of the checksum, so that no folder grows large."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from hub.files.base import FilesAwayError, FilesLostError, checked, checksum

P = ParamSpec("P")
T = TypeVar("T")

#: Begins the name of a file that is being written; what a crash leaves under it is never looked at.
WRITING: Final = ".writing-"


class FolderFiles:
    """The store of a hub on one machine, or of several that share a file system."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when the first file comes."""
        self._folder = folder

    async def put(self, body: bytes) -> str:
        sha256 = checksum(body)
        await _in_thread(self._write, sha256, body)
        return sha256

    async def get(self, sha256: str) -> bytes:
        try:
            body = await _in_thread(self._path(sha256).read_bytes)
        except FileNotFoundError:
            raise FilesLostError(sha256, "not in the folder") from None
        if await asyncio.to_thread(checksum, body) != sha256:
            raise FilesLostError(sha256, "its bytes have changed on disk")
        return body

    async def has(self, sha256: str) -> bool:
        return await self.size(sha256) is not None

    async def size(self, sha256: str) -> int | None:
        try:
            return (await _in_thread(self._path(sha256).stat)).st_size
        except FileNotFoundError:
            return None

    async def remove(self, sha256: str) -> None:
        with suppress(FileNotFoundError):
            await _in_thread(self._remove, self._path(sha256))

    def _path(self, sha256: str) -> Path:
        return self._folder / checked(sha256)[:2] / sha256[2:]

    def _write(self, sha256: str, body: bytes) -> None:
        """Write beside, sync, rename, sync the folder: whoever is killed in between leaves a whole file or none."""
        path = self._path(sha256)
        if _holds(path, body):
            return _sync(path.parent)  # whoever wrote it may have been killed before that
        made = [folder for folder in (path.parent, self._folder) if not folder.is_dir()]
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=WRITING, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(name)
            raise
        for folder in (path.parent, *(new.parent for new in made)):
            _sync(folder)

    def _remove(self, path: Path) -> None:
        path.unlink()
        _sync(path.parent)


def _holds(path: Path, body: bytes) -> bool:
    """Whether the file is there already; one that was damaged on disk is written anew."""
    try:
        return path.stat().st_size == len(body) and path.read_bytes() == body
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def _in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Disk work outside the event loop. What is not there is for the caller; all other failures are ours to mend."""
    try:
        return await asyncio.to_thread(function, *args, **kwargs)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FilesAwayError(error.strerror or type(error).__name__) from error
