"""One call to the JSON interface of a content system: an answer that was expected, or an error of our tree.

Content systems stand behind firewalls and caches. A page in place of JSON, even with status 200, is no answer of the
system itself: of a write nobody knows then whether it happened.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson

from connectors.cms.refusals import INTERFACE, Refusal
from connectors.errors import HubError
from connectors.exchange import refusal
from connectors.fields import Allowances
from connectors.freshness import retry_after
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.url import host_of

if TYPE_CHECKING:
    from connectors.http import Answer, Http

#: Bytes of an answer that are read: a page of articles with their texts.
ANSWER_LIMIT: Final = 16 * 1024 * 1024
#: Seconds that are waited when the other side names a time, at most; as connectors.http keeps it.
_PATIENCE: Final = 6 * 3_600.0
_ERRORS: Final = frozenset(range(400, 600))
#: Where JSON may begin behind notices that PHP printed before it; that many bytes and places are looked at.
_BEGINNING: Final = re.compile(rb"(?:^|>)\s*(?=[\[{])", re.MULTILINE)
_NOTICES_LIMIT: Final = 16_384
_TRIES: Final = 8


class Login(Protocol):
    """How the hub shows who it is."""

    async def header(self, http: "Http", *, anew: bool) -> str:
        """The value of `Authorization`; `anew` when the last one was refused. "" where nothing new can be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the system answered."""

    status: int
    data: Any = None  #: its JSON; None when there was no body
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a product words a refusal."""

    key: str = ""  #: row of its table
    pointer: str = ""  #: the field that it names, when that is one of ours


class Dialect(Protocol):
    """What of an interface is particular to a product."""

    accept: str
    locale: str  #: Accept-Language; "" where the site has one language
    refusals: Mapping[str, Refusal]

    def said(self, method: str, status: int, data: Any) -> Said:
        """The refusal in an answer. Pure."""


class Interface:
    """The JSON interface of one installation."""

    def __init__(self, name: str, dialect: Dialect, login: Login, *, timeout: float, allow: Allowances) -> None:
        self.name = name
        self._dialect = dialect
        self._login = login
        self._timeout = timeout
        self._allow = allow

    async def read(
        self, http: "Http", url: str, *, missing: frozenset[int] = frozenset(), listing: bool = False
    ) -> Reply:
        """Ask for something; statuses in `missing` are answers too. Raises as reading a destination does."""
        return await self._call(http, "GET", url, missing=missing, row="LIST" if listing else "GET")

    async def write(
        self, http: "Http", method: str, url: str, data: Any = None, *, expected: frozenset[int] = frozenset()
    ) -> Reply:
        """Change something; statuses in `expected` are answers too. Raises by the outcome table."""
        body = b"" if data is None else orjson.dumps(data)
        headers = {"Content-Type": self._dialect.accept} if data is not None else {}
        return await self._call(http, method, url, body=body, headers=headers, missing=expected, row=method)

    async def upload(self, http: "Http", url: str, body: bytes, headers: Mapping[str, str],
                     *, expected: frozenset[int] = frozenset()) -> Reply:  # fmt: skip
        """Hand a file over."""
        return await self._call(http, "POST", url, body=body, headers=headers, missing=expected, row="POST")

    async def _call(
        self, http: "Http", method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None,
        missing: frozenset[int], row: str,
    ) -> Reply:  # fmt: skip
        answer = await self._asked(http, method, url, body, headers or {}, anew=False)
        if answer is not None and answer.status == 401:
            # Refused before anything was done: a token may have run out, so once more with another one.
            answer = await self._asked(http, method, url, body, headers or {}, anew=True) or answer
        assert answer is not None  # only a login that has nothing new gives none, and it had something the first time
        purpose = Purpose.READ if method == "GET" else Purpose.SEND_ONCE
        data, is_page = _read(answer)
        if answer.status in missing and not is_page:
            return Reply(status=answer.status, data=data, headers=answer.headers)
        if answer.status in missing and answer.status in (404, 410):
            # The system itself says in JSON that something is not there; a page says that nobody is.
            raise INTERFACE.raised(f"{self.name}: {method} {host_of(url)}: HTTP {answer.status} with a page")
        if not 200 <= answer.status < 300:
            # A firewall refuses with a page; that of a login or a right would blame the wrong office.
            unsaid = is_page and answer.status in (401, 403)
            said = Said() if unsaid else self._dialect.said(row, answer.status, data)
            raise self._refused(http, method, url, answer, said, purpose)
        if is_page or answer.cut or (data is None and answer.body.strip()):
            raise error_for(CameBack.UNREADABLE, purpose, f"{self.name}: {method} was not answered with JSON")
        return Reply(status=answer.status, data=data, headers=answer.headers)

    async def _asked(
        self, http: "Http", method: str, url: str, body: bytes, headers: Mapping[str, str], *, anew: bool
    ) -> "Answer | None":
        authorisation = await self._login.header(http, anew=anew)
        if not authorisation:
            return None
        language = {"Accept-Language": self._dialect.locale} if self._dialect.locale else {}
        return await http.send(
            method, url, body=body, timeout=self._timeout, allow=self._allow, repeatable=False,
            headers={"Accept": self._dialect.accept, "Authorization": authorisation, **language, **headers},
            accept_status=_ERRORS, answer_limit=ANSWER_LIMIT,
        )  # fmt: skip

    def _refused(self, http: "Http", method: str, url: str, answer: "Answer", said: Said, purpose: Purpose) -> HubError:
        meant = self._dialect.refusals.get(said.key)
        if meant is None:
            wait = retry_after(answer.headers.get("Retry-After", ""), http.now(), longest=_PATIENCE)
            return refusal(answer.status, purpose, method, host_of(url), wait)
        return meant.raised(f"{self.name}: {method} {host_of(url)}: HTTP {answer.status} {said.key}", said.pointer)


def _read(answer: "Answer") -> tuple[Any, bool]:
    """The JSON of an answer (None: there is none), and whether it is a page for people instead."""
    body = answer.body.strip()
    if not body or answer.cut:
        return None, False
    try:
        return orjson.loads(body), False
    except orjson.JSONDecodeError:
        pass
    for begin in islice(_BEGINNING.finditer(body, 0, _NOTICES_LIMIT), _TRIES):
        try:
            return orjson.loads(body[begin.end() :]), False
        except orjson.JSONDecodeError:
            continue
    return None, True
