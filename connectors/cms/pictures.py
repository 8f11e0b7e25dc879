"""Pictures of articles: fetched from their source, sized, and given to the content system once.

A picture is known by its address and its bytes. What was uploaded is remembered; where the memory is gone, the system
is asked first, because an upload has a name that follows from its bytes. A picture never holds an article up: what
cannot be fetched, or is refused for good, is left out, and the receipt says so.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Protocol

import orjson

from connectors.base import Capture, Memory
from connectors.bodies import Limits
from connectors.cms.article import Article
from connectors.errors import HubError, RejectedError
from connectors.presentation.picture import PictureLimits, Unfit, sized

if TYPE_CHECKING:
    from connectors.http import Http

#: What portals show: larger than a fanpage needs, and small ones are shown too.
LIMITS: Final = PictureLimits(bytes=4 * 1024 * 1024, longest=2_560, least_width=16, least_height=16)
#: Bytes of a picture that are fetched.
FETCH_LIMIT: Final = 20 * 1024 * 1024

_ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A picture to be uploaded."""

    sha256: str  #: of the bytes that its source gave
    body: bytes = field(repr=False)
    content_type: str
    alt: str = ""

    @property
    def name(self) -> str:
        """What it is called there, without an ending: `hub-5f0c8a546a3c5d0b9f0e`."""
        return f"hub-{self.sha256[:20]}"

    @property
    def filename(self) -> str:
        """`hub-5f0c8a546a3c5d0b9f0e.jpg`"""
        return f"{self.name}.{_ENDINGS.get(self.content_type, 'bin')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A picture that the content system has."""

    id: str
    address: str = ""  #: where the system shows it; absolute, or from the root of its site


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The pictures of one article, as far as they could be had."""

    lead: Stored | None = None
    addresses: dict[str, str] = field(default_factory=dict)  #: in the content system, by the address at the source
    missing: int = 0  #: pictures that were left out
    trusted: Sequence[str] = ()  #: keys of those that were taken from memory without asking


class Library(Protocol):
    """Where a content system keeps pictures."""

    async def store(self, http: "Http", upload: Upload) -> Stored:
        """Have it there once: look for its name, upload it where it is missing. Raises by the outcome table."""
        ...


class Album:
    """Brings pictures into a library, each once."""

    def __init__(self, library: Library, *, seconds: float) -> None:
        self._library = library
        self._seconds = seconds

    async def bring(self, http: "Http", memory: Memory, article: Article) -> Pictures:
        """The pictures of an article, within the time for one call; what takes longer is left out."""
        wanted = dict.fromkeys((*((article.image,) if article.image else ()), *article.inline))
        stored: dict[str, Stored] = {}
        trusted: list[str] = []
        try:
            async with asyncio.timeout(self._seconds):
                for address in wanted:
                    alt = article.alt if address == article.image else ""
                    found = await self._one(http, memory, address, alt, trusted)
                    if found is not None:
                        stored[address] = found
        except TimeoutError:
            pass  # what is there is used; a picture on its way is found by its name the next time
        addresses = {each: stored[each].address for each in article.inline if each in stored}
        return Pictures(
            lead=stored.get(article.image), missing=len(wanted) - len(stored), trusted=trusted,
            addresses={source: there for source, there in addresses.items() if there},
        )  # fmt: skip

    async def _one(
        self, http: "Http", memory: Memory, address: str, alt: str, trusted: list[str]
    ) -> Stored | None:  # fmt: skip
        body = await _fetched(http, address)
        if body is None:
            return None
        digest = sha256(body).hexdigest()
        key = f"picture:{sha256(address.encode()).hexdigest()[:32]}:{digest[:32]}"
        known = await memory.recall(key)
        if known is not None:
            trusted.append(key)
            return Stored(**orjson.loads(known))
        fitting = await sized(body, LIMITS)
        if isinstance(fitting, Unfit):
            return None
        upload = Upload(sha256=digest, body=fitting.body, content_type=fitting.content_type, alt=alt)
        try:
            stored = await self._library.store(http, upload)
        except RejectedError:
            return None
        await memory.remember(key, orjson.dumps({"id": stored.id, "address": stored.address}).decode())
        return stored


async def _fetched(http: "Http", address: str) -> bytes | None:
    """The bytes of a picture; None when its source does not give it."""
    limits = Limits(wire=FETCH_LIMIT, decoded=FETCH_LIMIT)
    try:
        answer = await http.get(address, limits=limits, accept="image/*;q=0.9, */*;q=0.1")
    except HubError:
        return None
    return answer.body if isinstance(answer, Capture) else None


class ProcessMemory:
    """A memory that ends with the process: what a portal has until the hub gives it a lasting one."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._lock = asyncio.Lock()

    async def recall(self, key: str) -> str | None:
        """What was remembered under a key; None when nothing was."""
        return self._values.get(key)

    async def remember(self, key: str, value: str, *, secret: bool = False) -> None:
        """Keep a value."""
        self._values[key] = value

    async def forget(self, key: str) -> None:
        """Let go of a key."""
        self._values.pop(key, None)

    @asynccontextmanager
    async def alone(self, key: str, *, seconds: float) -> AsyncIterator[None]:
        """Be the only one in this process."""
        async with self._lock:
            yield
