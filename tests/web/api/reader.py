"""Programs that call the API: with a key or without, and what they were answered."""

from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp.test_utils import TestClient

from hub.app import Hub
from hub.rules.access import Grant, Role
from hub.settings import Settings
from hub.settings.sections import ApiSettings
from hub.store import consumers


def with_api(settings: Settings, **api: int) -> Settings:
    """The settings with other numbers in [web.api]; addresses may ask as often as they like, unless said."""
    web = settings.web.model_copy(update={"api": ApiSettings(**{"per_minute": 100_000} | api)})
    return settings.model_copy(update={"web": web})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered."""

    status: int
    body: bytes
    headers: Any

    @property
    def json(self) -> Any:
        """The document."""
        return orjson.loads(self.body)


class Program:
    """A program that calls the API, with a key or without."""

    def __init__(self, client: TestClient, key: str = "") -> None:  # type: ignore[type-arg]
        self.client, self.key = client, key

    async def get(self, path: str, **headers: str) -> Answer:
        """Read."""
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, body: object = None, **headers: str) -> Answer:
        """Do something."""
        return await self.ask("POST", path, body=orjson.dumps({} if body is None else body), headers=headers)

    async def put(self, path: str, body: object, **headers: str) -> Answer:
        """Send something."""
        return await self.ask("PUT", path, body=orjson.dumps(body), headers=headers)

    async def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:  # fmt: skip
        """Any request; paths begin below /api/v1, underscores of header names are dashes."""
        sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if self.key:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        async with self.client.request(method, f"/api/v1{path}", headers=sent, data=body) as answer:
            return Answer(answer.status, await answer.read(), answer.headers)


class Programs:
    """Makes programs; `programs.new("portal", per_minute=5)` has a key, `programs.nobody` has none."""

    def __init__(self, hub: Hub, client: TestClient) -> None:  # type: ignore[type-arg]
        self.hub, self.client = hub, client
        self.nobody = Program(client)

    async def new(
        self, name: str, *grants: Grant | Role, member: str = "", per_minute: int = 10_000
    ) -> Program:  # fmt: skip
        """A program with a key."""
        given = [Grant(each) if isinstance(each, Role) else each for each in grants]
        async with self.hub.engine.store.unit() as unit:
            key = await consumers.add(
                unit, name=name, grants=given, member=member, per_minute=per_minute, by="test"
            )  # fmt: skip
        assert key
        return Program(self.client, key)
