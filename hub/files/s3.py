"""Files in an S3-compatible store (MinIO, Ceph, a provider's): the objects PREFIX/ab/cdef…

The client is obstore, which signs, retries and speaks HTTP by itself: the address is the administrator's, no source
can lead there, so it passes no address guard.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from connectors.errors import ConfigError
from hub.files.base import FilesAwayError, FilesLostError, checked, checksum
from hub.settings.sections import S3Settings

if TYPE_CHECKING:
    from obstore.store import S3Store

#: For one call in total, and for all of its repetitions.
TIMEOUT: Final = timedelta(seconds=30)
RETRIES: Final = 3
#: Of what the store says, characters that an error quotes; never the key, which obstore does not print.
QUOTED: Final = 200


class S3Files:
    """The store of a hub that runs on many hosts."""

    def __init__(self, settings: S3Settings) -> None:
        """Raises ConfigError when obstore is not installed. Nothing is dialled before the first call."""
        try:
            import obstore
        except ImportError as error:
            raise ConfigError(
                "[files] s3 needs obstore: install provincial-hub[s3]", code="extra_missing",
                sentence="Kho tệp S3 cần thêm gói phần mềm chưa được cài. Cài «provincial-hub[s3]» hoặc bỏ mục s3 trong"
                " phần [files] của settings.toml.",
            ) from error  # fmt: skip
        self._api = obstore
        self._absent = (FileNotFoundError, obstore.exceptions.NotFoundError)
        self._broken = (OSError, obstore.exceptions.BaseError)
        self._store = _open(settings)

    async def put(self, body: bytes) -> str:
        sha256 = checksum(body)
        if await self.size(sha256) != len(body):
            try:
                await self._api.put_async(self._store, _key(sha256), body)
            except self._broken as error:
                raise _away(error) from error
        return sha256

    async def get(self, sha256: str) -> bytes:
        key = _key(sha256)
        try:
            body = bytes(await (await self._api.get_async(self._store, key)).bytes_async())
        except self._absent:
            raise FilesLostError(sha256, "not in the bucket") from None
        except self._broken as error:
            raise _away(error) from error
        if checksum(body) != sha256:
            raise FilesLostError(sha256, "its bytes have changed in the bucket")
        return body

    async def has(self, sha256: str) -> bool:
        return await self.size(sha256) is not None

    async def size(self, sha256: str) -> int | None:
        key = _key(sha256)
        try:
            return (await self._api.head_async(self._store, key))["size"]
        except self._absent:
            return None
        except self._broken as error:
            raise _away(error) from error

    async def remove(self, sha256: str) -> None:
        key = _key(sha256)
        try:
            await self._api.delete_async(self._store, key)
        except self._broken as error:  # what is not there is deleted without an error: 404 means that the bucket is not
            raise _away(error) from error


def _open(settings: S3Settings) -> "S3Store":
    from obstore.store import S3Store

    return S3Store(
        settings.bucket, prefix=settings.prefix or None, region=settings.region,
        endpoint=settings.endpoint.rstrip("/") or None,
        access_key_id=settings.access_key.get_secret_value(), secret_access_key=settings.secret_key.get_secret_value(),
        client_options={"allow_http": settings.endpoint.startswith("http:"), "timeout": TIMEOUT},
        retry_config={"max_retries": RETRIES, "retry_timeout": TIMEOUT},
    )  # fmt: skip


def _key(sha256: str) -> str:
    return f"{checked(sha256)[:2]}/{sha256[2:]}"


def _away(error: Exception) -> FilesAwayError:
    return FilesAwayError(" ".join(f"{type(error).__name__}: {error}".split())[:QUOTED])
