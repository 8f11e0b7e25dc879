"""What destinations remember between calls, one row a key: uploaded media, cursors, and tokens, which are encrypted.

A rotated token that is lost means that a person must grant access again. So a value is committed before `remember`
returns, and `alone` lets one worker of all hosts at a time refresh it. The key of the cipher stands outside of the
database ([hub] secret_key): a copy of the database alone opens nothing.

What encrypts takes 6 MB, and many hubs never do: it is imported for the first value.
"""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from connectors.errors import ConfigError, Fault, TransientError
from hub.store.instants import micros
from hub.store.unit import Store

if TYPE_CHECKING:
    from cryptography.fernet import Fernet, MultiFernet

#: Longest key and value that are kept, in characters.
KEY_LIMIT, VALUE_LIMIT = 200, 200_000
#: Seconds between two looks whether somebody else is done.
LOOK = 0.05


class Cipher:
    """Encrypts with the first of the keys, decrypts with any: a new one goes in front of the old one."""

    def __init__(self, keys: str) -> None:
        """`keys` are texts of at least 32 characters, with commas between them; empty: nothing can be encrypted."""
        self._keys = keys.strip()

    def encrypt(self, value: str) -> str:
        """Raises ConfigError: `secret_key_missing`."""
        return self._fernet.encrypt(value.encode()).decode()

    def decrypt(self, value: str) -> str:
        """Raises ConfigError: `secret_key_missing`, `secret_key_wrong`."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise ConfigError(
                "[hub] secret_key is not the one with which this was encrypted", code="secret_key_wrong",
                sentence="Khoá mã hoá ([hub] secret_key) không khớp với dữ liệu đã lưu. Hãy đặt lại đúng khoá cũ, hoặc"
                " cấp lại quyền truy cập cho nơi nhận này.",
            ) from error  # fmt: skip

    @cached_property
    def _fernet(self) -> "MultiFernet":
        if not self._keys:
            raise ConfigError(
                "[hub] secret_key is missing: a token cannot be kept", code="secret_key_missing",
                sentence="Chưa đặt khoá mã hoá ([hub] secret_key) nên không lưu được thông tin bí mật: mã truy cập của"
                " nơi nhận, xác thực hai lớp. Bộ phận kỹ thuật cần tạo khoá và đặt vào tệp bí mật.",
            )  # fmt: skip
        from cryptography.fernet import MultiFernet

        return MultiFernet([_fernet(key.strip()) for key in self._keys.split(",")])


def _fernet(key: str) -> "Fernet":
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"provincial-hub memory").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


class DestinationMemory:
    """connectors.base.Memory of one destination."""

    def __init__(self, store: Store, destination: str, cipher: Cipher) -> None:
        self._store, self._destination, self._cipher = store, destination, cipher

    async def recall(self, key: str) -> str | None:
        """What was remembered under a key; None when nothing was."""
        rows = await self._store.fetch(
            "SELECT value, secret FROM memory WHERE destination = ? AND key = ?", self._destination, key
        )
        if not rows or rows[0]["value"] is None:
            return None
        value: str = rows[0]["value"]
        return self._cipher.decrypt(value) if rows[0]["secret"] else value

    async def remember(self, key: str, value: str, *, secret: bool = False) -> None:
        """Keep a value; committed when this returns."""
        if len(key) > KEY_LIMIT or len(value) > VALUE_LIMIT:
            raise ValueError("too long to be remembered")
        kept = self._cipher.encrypt(value) if secret else value
        async with self._store.unit() as unit:
            await unit.tx.execute(
                "INSERT INTO memory (destination, key, value, secret, changed_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (destination, key) DO UPDATE SET value = excluded.value, secret = excluded.secret,"
                " changed_at = excluded.changed_at",
                self._destination, key, kept, int(secret), unit.at,
            )  # fmt: skip

    async def forget(self, key: str) -> None:
        """Let go of a key."""
        async with self._store.unit() as unit:
            await unit.tx.execute("DELETE FROM memory WHERE destination = ? AND key = ?", self._destination, key)

    @asynccontextmanager
    async def alone(self, key: str, *, seconds: float) -> AsyncIterator[None]:
        """Be the only one at a key, over all processes, for so long at most; waits as long for its turn."""
        token = secrets.token_hex(16)
        try:
            async with asyncio.timeout(seconds):
                while not await self._lease(key, token, seconds):  # noqa: ASYNC110 - the other may be another host
                    await asyncio.sleep(LOOK)
        except TimeoutError:
            raise TransientError(
                f"{self._destination}: somebody else is at {key}", code="busy", fault=Fault.HUB,
                sentence="Một tiến trình khác của hệ thống đang làm việc này; hệ thống sẽ tự thử lại.",
            ) from None  # fmt: skip
        try:
            yield
        finally:
            async with self._store.unit() as unit:
                await unit.tx.execute(
                    "UPDATE memory SET lease_until = NULL, lease_token = ''"
                    " WHERE destination = ? AND key = ? AND lease_token = ?",
                    self._destination, key, token,
                )  # fmt: skip

    async def _lease(self, key: str, token: str, seconds: float) -> bool:
        async with self._store.unit() as unit:
            rows = await unit.tx.fetch(
                "INSERT INTO memory (destination, key, value, changed_at, lease_until, lease_token)"
                " VALUES (?, ?, NULL, ?, ?, ?) ON CONFLICT (destination, key) DO UPDATE SET"
                " lease_until = excluded.lease_until, lease_token = excluded.lease_token"
                " WHERE memory.lease_until IS NULL OR memory.lease_until < ? RETURNING id",
                self._destination, key, unit.at, micros(unit.now + timedelta(seconds=seconds)), token, unit.at,
            )  # fmt: skip
        return bool(rows)
