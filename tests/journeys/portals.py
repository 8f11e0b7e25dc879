"""Two provincial portals in a process of their own, one with a version fence and one without, with seeded faults.

    python -m tests.journeys.portals --seed 1 --ledger FILE

Prints one line of JSON with their addresses. Every effect is a line of the ledger, in the order in which visitors saw
it; every request that went wrong is one too. POST /calm at either ends the faults of both. Ends with standard input.
"""

import argparse
import asyncio
import json
import logging
from pathlib import Path
from random import Random
from typing import Any, TextIO

from aiohttp import web

from tests.fakes.portal import Portal
from tests.fakes.server import Fault
from tests.journeys.fleet import end_of_input
from tests.journeys.newsroom import version_of

#: share of requests, and what happens to them; of the first six nobody outside can tell what happened behind
FAULTS: tuple[tuple[float, str, Fault], ...] = (
    (0.08, "answer_lost", Fault(committed=True, reset=True)),
    (0.06, "error_after", Fault(committed=True, status=500)),
    (0.02, "reset_before", Fault(reset=True)),
    (0.02, "error_before", Fault(status=500)),
    (0.01, "page", Fault(html=True)),
    (0.02, "late", Fault()),
    (0.02, "told_to_wait", Fault(status=429, retry_after="1")),
    (0.01, "unavailable", Fault(status=503, retry_after="1")),
    (0.03, "slow", Fault()),
)
UNKNOWN = frozenset({"answer_lost", "error_after", "reset_before", "error_before", "page", "late"})
#: seconds after which a late request takes effect: longer than the hub waits, shorter than it is told to fear
LATE, SLOW = (3.1, 4.0), (0.05, 0.4)


class FaultyPortal(Portal):
    """A portal with faults by chance."""

    def __init__(self, name: str, *, fenced: bool, chance: Random, notes: TextIO) -> None:
        super().__init__(fenced=fenced)
        self.name = name
        self.siblings: list[FaultyPortal] = [self]
        self.calm = False
        self._chance, self._notes = chance, notes
        self.app.router.add_post("/calm", self._calm)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET" and self._chance.random() < 0.7:
            return self._act(request, b"")  # reading fails less often than writing
        return await super()._handle(request)

    def next_fault(self) -> Fault | None:
        """The fault of the request that is being handled, drawn by chance."""
        if self.calm:
            return None
        place = self._chance.random()
        for share, name, fault in FAULTS:
            if place < share:
                self._write(portal=self.name, fault=name, unknown=name in UNKNOWN)
                return self._timed(name, fault)
            place -= share
        self._write(portal=self.name, fault="", unknown=False)
        return None

    def _timed(self, name: str, fault: Fault) -> Fault:
        if name not in ("late", "slow"):
            return fault
        event = asyncio.Event()
        span = LATE if name == "late" else SLOW
        asyncio.get_running_loop().call_later(self._chance.uniform(*span), event.set)
        return Fault(wait=event)

    def _change(self, request: web.Request, content_id: str, version: int, item: dict[str, Any] | None) -> web.Response:
        before = len(self.effects)
        answer = super()._change(request, content_id, version, item)
        for effect in self.effects[before:]:
            self._write(
                portal=self.name, action=effect.action, content_id=content_id, version=version,
                url=item["url"] if item else "", article=version_of(item["tags"]) if item else 0,
            )  # fmt: skip
        return answer

    def _write(self, **line: Any) -> None:
        self._notes.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._notes.flush()

    async def _calm(self, request: web.Request) -> web.Response:
        for portal in self.siblings:
            portal.calm = True
        return web.Response(status=204)


async def _serve(seed: int, ledger: TextIO) -> None:
    chance = Random(seed)
    portals = [
        FaultyPortal(name, fenced=fenced, chance=Random(chance.random()), notes=ledger)
        for name, fenced in (("portal", True), ("old-portal", False))
    ]
    async with portals[0], portals[1]:
        portals[0].siblings = portals
        print(json.dumps({portal.name: portal.base_url for portal in portals}), flush=True)
        await end_of_input()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ledger", required=True)
    arguments = parser.parse_args()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # senders that are killed hang up everywhere
    with Path(arguments.ledger).open("a", encoding="utf-8") as file:
        asyncio.run(_serve(arguments.seed, file))
