"""The provincial portal over plain REST: PUT an item, DELETE it, GET what is there.

  PUT    {base_url}/items/{content_id}   Idempotency-Key, JSON of the published item   2xx; 409 = newer is there
  DELETE {base_url}/items/{content_id}   Idempotency-Key, X-Version: revision          2xx; 404, 410 = gone already
  GET    {base_url}/items/{content_id}   id and version of one item                    404 = nothing, 410 = withdrawn
  GET    {base_url}/items                id and version of all                         a list, or {"items": [...]}

`Authorization: Bearer` carries the token. A portal that compares versions (`fenced`) may be sent the same key again at
any time. At one that does not the last write wins: the stage keeps one call in flight per item and, after an unknown
outcome, waits `settling` seconds and looks before the next.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import orjson
from pydantic import Field, field_validator

from connectors.base import ConnectorConfig, Cursor, Difference, Found, Holding, Holdings, Payload, Receipt
from connectors.errors import HubError
from connectors.fields import Allowances, HeaderSecret, Seconds, SecondsOrNone, WebAddress
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.text import clean_text, cut
from schemas.base import TITLE_LIMIT
from schemas.edition import PublishedItem, Withdrawal

if TYPE_CHECKING:
    from connectors.http import Answer, Http

#: Largest list of all items that is read, in bytes: about 200,000 entries.
LIST_LIMIT: Final = 16 * 1024 * 1024
#: Longest id of a stranger that is kept, in characters.
_KEY_LIMIT: Final = 300

#: Highest revision there can be; a portal that tells a higher one keeps something else under that name.
_NEWEST: Final = 2**31 - 1

#: Names under which portals give the identity and the version, beside the configured one.
_ID_KEYS: Final = ("content_id", "id")
_VERSION_KEYS: Final = ("revision", "version")
_WITHDRAWN_KEYS: Final = ("withdrawn", "deleted")

_NEWER, _GONE = frozenset({409}), frozenset({404, 410})


class Config(ConnectorConfig):
    """Keys of a portal in settings.toml."""

    base_url: WebAddress  #: without `/items`
    token: HeaderSecret | None = None  #: sent as `Authorization: Bearer`
    version_field: str = Field(
        default="revision", pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"
    )  #: JSON key of the revision
    fenced: bool = True  #: the portal refuses a version older than what it holds
    settling: SecondsOrNone = 60.0  #: seconds after which a request thought dead has landed, where not fenced
    timeout: Seconds = 30.0  #: seconds for one call
    allow_private: Allowances = frozenset()

    @field_validator("base_url")
    @classmethod
    def _has_no_query(cls, url: str) -> str:
        if "?" in url:
            raise ValueError("must have no query")
        return url.rstrip("/")

    @field_validator("version_field")
    @classmethod
    def _is_free(cls, name: str) -> str:
        if name != "revision" and name in PublishedItem.model_fields:
            raise ValueError(f"{name!r} is another field of the published item")
        return name


class Connector:
    """A portal as a destination."""

    by_hand = False

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self.repeatable = config.fenced
        self.settling = config.settling
        self._config = config

    def present(self, edition: PublishedItem | Withdrawal, *, last: PublishedItem | None = None) -> Payload:
        """The published item with the revision under `version_field`; a withdrawal has no body."""
        if isinstance(edition, Withdrawal):
            return Payload(content_id=edition.content_id, revision=edition.revision, body=b"")
        fields = edition.model_dump(mode="json")
        renamed = {self._config.version_field if key == "revision" else key: value for key, value in fields.items()}
        return Payload(content_id=edition.content_id, revision=edition.revision, body=orjson.dumps(renamed))

    async def send(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """PUT the item. A 409 ends as a receipt of what the portal holds, which is newer."""
        headers = {"Idempotency-Key": key, "Content-Type": payload.content_type}
        answer = await self._call(http, "PUT", self._item(str(payload.content_id)), headers, payload.body, _NEWER)
        if answer.status == 409:
            return await self._newer(http, payload)
        if _is_page(answer):
            # A firewall's challenge or a login page with status 200: the portal itself said nothing.
            raise self._failure(CameBack.UNREADABLE, self._writing, "PUT answered with a page")
        return _receipt(payload, answer.status)

    async def withdraw(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """DELETE the item. Already gone is success. A stranger (another `remote_id`) has versions of its own."""
        there, version = remote_id or str(payload.content_id), payload.revision
        if there != str(payload.content_id):
            stranger = await self._look(http, there)
            version = (stranger.revision or 0) + 1 if stranger else version
        headers = {"Idempotency-Key": key, "X-Version": str(version)}
        answer = await self._call(http, "DELETE", self._item(there), headers, b"", _NEWER | _GONE)
        if answer.status == 409:
            return await self._newer(http, payload, gone=True)
        if answer.status in _GONE:
            return _receipt(payload, answer.status, note="already gone")
        if _is_page(answer):
            raise self._failure(CameBack.UNREADABLE, self._writing, "DELETE answered with a page")
        return _receipt(payload, answer.status)

    async def find(self, http: "Http", payload: Payload, *, remote_id: str = "") -> Found | None:
        """Ask for one item; a tombstone is found as withdrawn."""
        return await self._look(http, str(payload.content_id))

    async def _look(self, http: "Http", remote_id: str) -> Found | None:
        answer = await self._call(http, "GET", self._item(remote_id), {}, b"", _GONE)
        if answer.status == 404:
            return None
        entry = _json(answer)
        if answer.status == 410:
            version = self._version(entry) if isinstance(entry, dict) else None
            return Found(remote_id=remote_id, revision=version, withdrawn=True)
        if not isinstance(entry, dict):
            raise self._failure(CameBack.UNREADABLE, Purpose.READ, "GET of an item gave no JSON object")
        return self._found(entry, remote_id)

    async def holdings(self, http: "Http", cursor: Cursor) -> Holdings:
        """Everything the portal holds, in one page. Strangers are listed too, with their own ids."""
        answer = await self._call(http, "GET", f"{self._config.base_url}/items", {}, b"", frozenset(), LIST_LIMIT)
        entries = await asyncio.to_thread(_json, answer)  # up to LIST_LIMIT bytes, and other work waits
        if isinstance(entries, dict):
            entries = entries.get("items")
        if answer.cut or not isinstance(entries, list):
            raise self._failure(CameBack.UNREADABLE, Purpose.READ, "GET of all items gave no whole JSON list")
        return Holdings(held=await asyncio.to_thread(self._all_held, entries))

    def _all_held(self, entries: Sequence[Any]) -> tuple[Holding, ...]:
        held = (self._held(entry) for entry in entries if isinstance(entry, dict))
        return tuple(one for one in held if one is not None)

    def _held(self, entry: Mapping[str, Any]) -> Holding | None:
        remote = _first(entry, _ID_KEYS)
        if remote is None:
            return None
        found = self._found(entry, str(remote))
        title = entry.get("title")
        return Holding(
            key=found.remote_id[:_KEY_LIMIT], record={"revision": found.revision}, withdrawn=found.withdrawn,
            title=cut(clean_text(title), TITLE_LIMIT) if isinstance(title, str) else "",
        )  # fmt: skip

    def differences(self, item: PublishedItem, held: Holding) -> Sequence[Difference]:
        """The portal lists no contents: its versions are compared."""
        there = held.record.get("revision")
        if there is None or there == item.revision:
            return ()
        return (Difference(field="revision", ours=str(item.revision), theirs=str(there)),)

    async def _newer(self, http: "Http", payload: Payload, *, gone: bool = False) -> Receipt:
        """The receipt after a 409: look at what is there instead of believing a status alone."""
        found = await self.find(http, payload)
        if found is None and gone:
            return _receipt(payload, 409, note="already gone")
        revision = found.revision if found and found.revision is not None else 0
        if found and revision > payload.revision:
            return Receipt(remote_id=found.remote_id, revision=revision, status=409, note="newer")
        if found and revision == payload.revision and found.withdrawn == gone:
            return _receipt(payload, 409, note="already there")
        raise self._failure(CameBack.TRY_AGAIN, self._writing, "409, but the portal shows nothing newer")

    async def _call(
        self, http: "Http", method: str, url: str, headers: Mapping[str, str], body: bytes, accept: frozenset[int],
        answer_limit: int = 64 * 1024,
    ) -> "Answer":  # fmt: skip
        token = self._config.token
        authorised = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        return await http.send(
            method, url, body=body, headers={"Accept": "application/json", **authorised, **headers},
            timeout=self._config.timeout, allow=self._config.allow_private, repeatable=self.repeatable,
            accept_status=accept, answer_limit=answer_limit,
        )  # fmt: skip

    @property
    def _writing(self) -> Purpose:
        return Purpose.SEND if self.repeatable else Purpose.SEND_ONCE

    def _item(self, remote_id: str) -> str:
        return f"{self._config.base_url}/items/{quote(remote_id, safe='')}"

    def _found(self, entry: Mapping[str, Any], remote_id: str) -> Found:
        gone = any(entry.get(key) for key in _WITHDRAWN_KEYS)
        return Found(remote_id=remote_id, revision=self._version(entry), withdrawn=gone)

    def _version(self, entry: Mapping[str, Any]) -> int | None:
        version = _first(entry, (self._config.version_field, *_VERSION_KEYS))
        if isinstance(version, str) and version.isascii() and version.isdigit() and len(version) <= len(str(_NEWEST)):
            version = int(version)
        is_one = isinstance(version, int) and not isinstance(version, bool) and 0 <= version <= _NEWEST
        return version if is_one else None

    def _failure(self, what: CameBack, purpose: Purpose, cause: str) -> HubError:
        return error_for(what, purpose, f"{self.name}: {cause}")


def _receipt(payload: Payload, status: int, note: str = "") -> Receipt:
    return Receipt(remote_id=str(payload.content_id), revision=payload.revision, status=status, note=note)


def _first(entry: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    """The value of the first key that is there."""
    return next((entry[key] for key in keys if key in entry), None)


def _json(answer: "Answer") -> Any:
    """The answer read as JSON; None when it is none."""
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


def _is_page(answer: "Answer") -> bool:
    """Whether the answer is HTML: no portal of this protocol gives that."""
    return "html" in answer.headers.get("Content-Type", "").lower() and bool(answer.body.strip())
