"""The witness: a small file that tells a database that was put back or copied from the one that was here before.

It holds the name of the database and the number of its newest event, written each minute. A database that is older
than its witness, or has another name, was restored without telling us: nothing is sent then before it was compared
(hub/store/restored.py). A copy of the whole folder, witness included, is not told apart: a test machine gets none of
the secrets of destinations.
"""

import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import structlog

from hub.store import changes, restored
from hub.store.unit import ENGINE, Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Witness:
    """The file beside the database."""

    path: Path

    async def confirm(self, store: Store) -> bool:
        """Compare the database with its witness, at the start; False when it was put back or copied: then it is marked.

        On PostgreSQL a host that has no witness yet is a new host; on SQLite the file and the database travel together.
        """
        said, newest = self._read(), await _newest(store)
        believed = await self.believes(store)
        if believed or await restored.any_waits(store):
            await self.write(store)
            return True
        log.warning("the database was restored or copied: nothing is sent before it was compared")
        async with store.unit() as unit:
            await restored.mark_restored(unit, who=ENGINE, why={"witness": said.get("event", 0), "newest": newest})
        await self.write(store)
        return False

    async def believes(self, store: Store) -> bool:
        """Whether the database is the one that was here before, and has forgotten nothing. Writes nothing."""
        newest, said = await _newest(store), self._read()
        if not said:
            return store.database.dialect == "postgres" or newest == 0
        return said.get("epoch") == await changes.known_epoch(store) and int(said.get("event", 0)) <= newest

    def written_at(self) -> datetime | None:
        """When it was written last; None: there is none."""
        try:
            return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        except OSError:
            return None

    async def write(self, store: Store) -> None:
        """Keep what the database has come to; the schedule role does so each minute."""
        said = {"epoch": await changes.epoch(store), "event": await _newest(store)}
        self.keep(orjson.dumps(said))

    def keep(self, said: bytes) -> None:
        """Replace the file in one step. Roles on one machine share the folder: each writes a part of its own."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=f"{self.path.name}.", suffix=".part", dir=self.path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(said)
            os.replace(part, self.path)
        except BaseException:
            os.unlink(part)
            raise

    def _read(self) -> dict[str, Any]:
        try:
            said = orjson.loads(self.path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return {}
        return said if isinstance(said, dict) else {}


async def _newest(store: Store) -> int:
    [row] = await store.fetch("SELECT coalesce(max(id), 0) AS newest FROM event")
    return int(row["newest"])
