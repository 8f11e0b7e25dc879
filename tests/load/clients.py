"""Readers in a process of their own: each at an address of its own, over one connection that it keeps.

    python -m tests.load.clients --base http://127.0.0.1:8080 --clients 200 --pause 2 --seconds 30

Between two questions each waits `--pause` seconds on average; with 0 it asks as soon as it was answered. Prints one
line of JSON: of each kind of question the seconds of every answer and how many had which status. A reader asks again
with the validator of the answer before, where there was one.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import aiohttp

#: Kinds of questions, and how often each is asked among the others.
KINDS: Final = {
    "list, kept": 4,
    "list, made": 2,
    "one item": 3,
    "page of an item": 3,
    "feed": 4,
    "front page": 2,
    "changes": 2,
}
#: Seconds without an answer.
PATIENCE: Final = 30.0


@dataclass(slots=True)
class Answers:
    """What was answered to one kind of question."""

    seconds: list[float] = field(default_factory=list)
    status: Counter[str] = field(default_factory=Counter)


class Reader:
    """One client."""

    def __init__(self, base: str, number: int, seed: int, found: dict[str, Answers]) -> None:
        self._chance, self._found = Random(f"{seed}-{number}"), found
        self._ids: list[str] = []
        self._tags: dict[str, str] = {}
        door = aiohttp.TCPConnector(local_addr=(f"127.0.{16 + number // 250}.{1 + number % 250}", 0), limit=1)
        limit = aiohttp.ClientTimeout(total=PATIENCE)
        self._client = aiohttp.ClientSession(base, connector=door, timeout=limit, cookie_jar=aiohttp.DummyCookieJar())

    async def read(self, end: float, pause: float) -> None:
        """Ask until the time is over."""
        async with self._client:
            await asyncio.sleep(self._chance.uniform(0, min(pause, 1.0)))
            while time.monotonic() < end:
                [kind] = self._chance.choices(list(KINDS), list(KINDS.values()))
                await self._ask(kind, self._path(kind))
                await asyncio.sleep(self._chance.uniform(0, 2 * pause))

    def _path(self, kind: str) -> str:
        one = self._chance.choice(self._ids) if self._ids else ""
        match kind:
            case "list, made":
                return f"/api/v1/items?since=2020-01-01T00:00:00.{self._chance.randrange(10**6):06}Z"
            case "one item" if one:
                return f"/api/v1/items/{one}"
            case "page of an item" if one:
                return f"/items/{one}"
            case "feed":
                return f"/feeds/all.{self._chance.choice(('atom', 'rss', 'json'))}"
            case "front page":
                return "/"
            case "changes":
                return "/api/v1/changes?limit=20"
        return "/api/v1/items"

    async def _ask(self, kind: str, path: str) -> None:
        headers = {"If-None-Match": self._tags[path]} if path in self._tags else {}
        answers, began = self._found[kind], time.monotonic()
        try:
            async with self._client.get(path, headers=headers) as answer:
                body = await answer.read()
                said = str(answer.status)
                if answer.status == 200 and "ETag" in answer.headers:
                    self._tags[path] = answer.headers["ETag"]
                if answer.status == 200 and path == "/api/v1/items":
                    self._ids = [each["content_id"] for each in json.loads(body)["items"]]
        except (aiohttp.ClientError, TimeoutError) as error:
            said = type(error).__name__
        answers.seconds.append(time.monotonic() - began)
        answers.status[said] += 1


async def read(base: str, clients: int, pause: float, seconds: float, seed: int) -> dict[str, Any]:
    """Let so many read for so long."""
    found: dict[str, Answers] = defaultdict(Answers)
    end = time.monotonic() + seconds
    await asyncio.gather(*(Reader(base, number, seed, found).read(end, pause) for number in range(clients)))
    return {kind: {"seconds": each.seconds, "status": each.status} for kind, each in found.items()}


async def in_a_process(base: str, clients: int, pause: float, seconds: float, seed: int = 1) -> dict[str, Answers]:
    """The same in a process of its own, so that what it takes is not taken from whoever measures."""
    options = {"--base": base, "--clients": clients, "--pause": pause, "--seconds": seconds, "--seed": seed}
    words = [str(word) for pair in options.items() for word in pair]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.load.clients", *words, stdout=asyncio.subprocess.PIPE
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), seconds + 2 * PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return {kind: Answers(each["seconds"], Counter(each["status"])) for kind, each in json.loads(said).items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", required=True)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--pause", type=float, default=2.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(json.dumps(asyncio.run(read(given.base, given.clients, given.pause, given.seconds, given.seed))))
