"""People at the console, each with a browser of their own that is signed in already."""

import re
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer

from hub.app import Hub
from hub.rules.access import Grant, Role
from hub.store import accounts, people
from hub.web.server import application


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page answered; a redirect is not followed."""

    status: int
    text: str
    location: str
    headers: Any

    @property
    def words(self) -> str:
        """What a person reads: the text without its tags."""
        return " ".join(re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", self.text, flags=re.DOTALL).split())


class Desk:
    """The console of a hub; `async with Desk(hub) as desk`."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.client: TestClient  # type: ignore[type-arg]

    def application(self) -> web.Application:
        """What answers."""
        return application(self.hub.engine, self.hub.settings)

    async def __aenter__(self) -> Self:
        self.client = TestClient(TestServer(self.application()))
        await self.client.start_server()
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.client.close()

    async def person(self, login: str, role: Role | str, member: str = "", *, language: str = "vi") -> "Visitor":
        """Somebody with one role, in the whole province or for one member, signed in."""
        store = self.hub.engine.store
        async with store.unit() as unit:
            account = await accounts.add_account(
                unit, login=login, name=f"Người dùng {login}", password_hash="", grants=[Grant(Role(role), member)],
                by="test",
            )  # fmt: skip
            await unit.tx.execute("UPDATE account SET language = ? WHERE id = ?", language, account)
            token = await people.begin_session(unit, account, strength="totp", address="127.0.0.1")
        signed = await people.signed_in(store, token)
        assert signed is not None
        return Visitor(self, token, signed.csrf)

    def stranger(self) -> "Visitor":
        """Somebody who is not signed in."""
        return Visitor(self, "", "")


class Visitor:
    """A person with a browser. Paths begin below /console."""

    def __init__(self, desk: Desk, token: str, csrf: str) -> None:
        self.desk, self.token, self.csrf = desk, token, csrf
        base = desk.hub.settings.public_url
        self.origin = base
        self.cookies = {"__Host-hub" if base.startswith("https://") else "hub": token} if token else {}

    async def get(self, path: str, **headers: str) -> Answer:
        """Open a page."""
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, **fields: str | list[str]) -> Answer:
        """Send a form, as the page's own button does."""
        pairs = [("csrf", self.csrf)]
        for name, value in fields.items():
            pairs += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        return await self.ask("POST", path, data=FormData(pairs)(), headers={"Origin": self.origin})

    async def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, data: Any = None) -> Answer:
        """Any request, with this person's cookie."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = (headers or {}) | ({"Cookie": cookie} if cookie else {})
        async with self.desk.client.request(
            method, f"/console{path}", headers=sent, data=data, allow_redirects=False
        ) as answer:  # fmt: skip
            return Answer(answer.status, await answer.text(), answer.headers.get("Location", ""), answer.headers)
