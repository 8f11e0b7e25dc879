"""How the hub shows a content system who it is: user name and password, or a token for its client id."""

import asyncio
import base64
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlencode

import orjson
from pydantic import Field, SecretStr, model_validator

from connectors.base import ConnectorConfig
from connectors.cms.refusals import LOGIN
from connectors.errors import TransientError, UnconfirmedError
from connectors.fields import Allowances, HeaderSecret
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.url import host_of

if TYPE_CHECKING:
    from connectors.cms.interface import Login
    from connectors.http import Http

#: A token is not used in its last seconds: the call it is sent with may take as long.
_MARGIN: Final = 30.0
#: Seconds for which a token is used that says nothing of its end.
_UNSAID: Final = 300.0
_REFUSED: Final = frozenset({400, 401, 403})


class Account(ConnectorConfig):
    """The account that writes, by one of two ways."""

    username: str = Field(default="", max_length=200, description="account that writes; an editor of its own")
    password: HeaderSecret | None = Field(default=None, description="its password")
    client_id: str = Field(default="", max_length=200, description="OAuth 2 client, in place of a user name")
    client_secret: HeaderSecret | None = Field(default=None, description="its secret")

    @model_validator(mode="after")
    def _is_one_account(self) -> Self:
        by_name = bool(self.username and self.password)
        by_client = bool(self.client_id and self.client_secret)
        if by_name == by_client or bool(self.username) != by_name or bool(self.client_id) != by_client:
            raise ValueError("needs either username and password, or client_id and client_secret")
        return self

    def login(self, token_url: str, *, timeout: float, allow: Allowances) -> "Login":
        """The way that the settings name; tokens are had from `token_url`."""
        if self.client_secret is not None:
            return ClientCredentials(token_url, self.client_id, self.client_secret, timeout=timeout, allow=allow)
        assert self.password is not None  # one of the two is there
        return Basic(self.username, self.password)


class Basic:
    """User name and password: Application Passwords of WordPress, `basic_auth` of Drupal, Liferay for tests."""

    def __init__(self, username: str, password: SecretStr) -> None:
        self._username, self._password = username, password

    async def header(self, http: "Http", *, anew: bool) -> str:
        """The same each time."""
        if anew:
            return ""
        return "Basic " + base64.b64encode(f"{self._username}:{self._password.get_secret_value()}".encode()).decode()


class ClientCredentials:
    """OAuth 2 client credentials (RFC 6749, 4.4): a token for a while, kept by this process alone."""

    def __init__(
        self, url: str, client_id: str, client_secret: SecretStr, *, timeout: float, allow: Allowances
    ) -> None:  # fmt: skip
        self._url, self._client_id, self._client_secret = url, client_id, client_secret
        self._timeout, self._allow = timeout, allow
        self._lock = asyncio.Lock()
        self._token = SecretStr("")
        self._until: datetime | None = None

    async def header(self, http: "Http", *, anew: bool) -> str:
        """The token that is held, or a new one. Raises BlockedError when the client is refused."""
        held = self._token
        async with self._lock:
            # Who waited here for somebody else's new token takes that one.
            if (anew and self._token is held) or self._until is None or http.now() >= self._until:
                await self._ask(http)
            return f"Bearer {self._token.get_secret_value()}"

    async def _ask(self, http: "Http") -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret.get_secret_value(),
        }
        try:
            answer = await http.send(
                "POST", self._url, body=urlencode(form).encode(), timeout=self._timeout, allow=self._allow,
                headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
                repeatable=True, accept_status=_REFUSED,
            )  # fmt: skip
        except UnconfirmedError as error:
            # Nothing of ours was written: a token that was lost on its way changes nothing.
            raise TransientError(str(error), code=error.code, fault=error.fault, sentence=_NO_TOKEN) from error
        if answer.status in _REFUSED:
            raise LOGIN.raised(f"POST {host_of(self._url)}: HTTP {answer.status} for a token")
        try:
            told = orjson.loads(answer.body)
            token, seconds = told["access_token"], float(told.get("expires_in", _UNSAID))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
            token, seconds = None, 0.0
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise error_for(CameBack.UNREADABLE, Purpose.READ, f"POST {host_of(self._url)}: no token in the answer")
        self._token = SecretStr(token)
        self._until = http.now() + timedelta(seconds=max(seconds - _MARGIN, 0.0))


_NO_TOKEN: Final = "Cổng chưa cấp được khoá truy cập cho hệ thống. Chưa có gì được gửi; hệ thống sẽ tự thử lại."
