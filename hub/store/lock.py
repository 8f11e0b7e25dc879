"""One process per SQLite file: a lock beside it, freed by the kernel however the process dies (docs/adr/006)."""

import fcntl
import os
from pathlib import Path

from connectors.errors import ConfigError


class ProcessLock:
    """Exclusive hold of `<database>.lock` from construction until `release`.

    `flock` belongs to the open file, so a second hold inside the same process is refused as well. The file is never
    removed: a removed name could be locked twice under two inodes.
    """

    def __init__(self, database: Path) -> None:
        """Take the hold at once, or raise ConfigError that names the process which has it."""
        self.path = database.with_name(database.name + ".lock")
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip() or "?"
            os.close(self._file)
            raise ConfigError(
                f"database.url: {database} is in use by process {holder}; stop it, or use PostgreSQL for several",
                code="database-in-use",
                sentence=f"Tệp dữ liệu {database.name} đang do tiến trình {holder} sử dụng; "
                "hãy dừng tiến trình đó trước, hoặc dùng PostgreSQL nếu cần chạy nhiều tiến trình.",
            ) from error
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())

    def release(self) -> None:
        """Let the next process in; a second call does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
