"""Somebody with a password and a browser, for the tests of logins: keeps cookies, as a browser does."""

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import pyotp
from aiohttp import FormData

from hub.access import passwords
from hub.rules.access import Grant, Role
from hub.store import accounts
from tests.web.desk import Answer, Desk

PASSWORD = "con mèo ngồi trên mái ngói"


async def add(desk: Desk, login: str, role: Role = Role.EDITOR, *, password: str = PASSWORD, **given: object) -> int:
    """An account with a password of its own."""
    async with desk.hub.engine.store.unit() as unit:
        return await accounts.add_account(
            unit, login=login, name=f"Người dùng {login}", grants=[Grant(role)], by="test",
            password_hash=await passwords.hashed(password), **{"password_at": unit.now, **given},  # type: ignore[arg-type]
        )  # fmt: skip


@dataclass(slots=True)
class Browser:
    """Follows nothing by itself; sends what it was given."""

    desk: Desk
    address: str = ""  #: sent as X-Forwarded-For
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str) -> Answer:
        """Open a page below /console, or an address that a redirect named."""
        return await self._ask("GET", path)

    async def post(self, path: str, **fields: str) -> Answer:
        """Send a form from our own page, with the token that this page has."""
        return await self._ask("POST", path, fields)

    async def sign_in(self, login: str, password: str = PASSWORD, after: str = "") -> Answer:
        """The first step."""
        return await self.post("/login", login=login, password=password, next=after)

    async def csrf(self) -> str:
        """The token of the forms of the own account."""
        text = (await self.get("/account")).text
        return text.partition('name="csrf" value="')[2].partition('"')[0]

    async def send(self, path: str, **fields: str) -> Answer:
        """Send a form of a page behind the login."""
        return await self.post(path, csrf=await self.csrf(), **fields)

    @property
    def session(self) -> str:
        """The token in the cookie; empty when there is none."""
        return self.cookies.get("__Host-hub", "")

    async def _ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        path = urlsplit(path)._replace(scheme="", netloc="").geturl().removeprefix("/console")
        headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0 Safari/537.36"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.address:
            headers["X-Forwarded-For"] = self.address
        if method == "POST":
            headers["Origin"] = self.desk.hub.settings.public_url
        data = FormData(fields or {})() if method == "POST" else None
        answer = await self.desk.stranger().ask(method, path, headers=headers, data=data)
        for line in answer.headers.getall("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer


def code_of(secret: str, desk: Desk) -> str:
    """What a telephone shows now."""
    return pyotp.TOTP(secret.replace(" ", "")).at(desk.hub.engine.store.now())
