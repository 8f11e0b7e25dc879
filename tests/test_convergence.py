"""Crash consistency: one full cycle, interrupted at its k-th step for every k, is finished by a second run.

Whatever the step was (a transaction, before or after its commit; a fetch; a push that took effect or did not), the same
items, editions and deliveries are there in the end, and the portal shows each item once.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from hub.app import Hub
from hub.engine import Engine
from hub.stages.deliver import Deliver
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store import searching
from hub.store.database import Transaction
from hub.store.unit import Store
from tests.fakes.portal import Portal
from tests.province import Province, rows, rss, story, turn


class Killed(BaseException):
    """The process ends here; nothing of it runs any more."""


@dataclass(slots=True)
class Steps:
    """Counts steps and ends the process at the k-th, before it or after it."""

    last: int
    after: bool
    taken: int = 0

    def begin(self) -> None:
        """A step begins."""
        self.taken += 1
        if self.taken == self.last and not self.after:
            raise Killed

    def end(self) -> None:
        """The step took effect."""
        if self.taken == self.last and self.after:
            self.taken += 1
            raise Killed


class FragileDatabase:
    """A database whose transactions are steps."""

    def __init__(self, database: Any, steps: Steps) -> None:
        self._database, self._steps = database, steps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        self._steps.begin()
        async with self._database.transaction() as tx:
            yield tx
        self._steps.end()


class FragileHttp:
    """An HTTP client whose calls are steps."""

    def __init__(self, http: Any, steps: Steps) -> None:
        self._http, self._steps = http, steps

    async def get(self, *args: Any, **keys: Any) -> Any:
        self._steps.begin()
        answer = await self._http.get(*args, **keys)
        self._steps.end()
        return answer

    async def send(self, *args: Any, **keys: Any) -> Any:
        self._steps.begin()
        answer = await self._http.send(*args, **keys)
        self._steps.end()
        return answer


def fragile(engine: Engine, steps: Steps) -> Engine:
    """The same engine, its database and its network counted."""
    store = engine.store
    return replace(
        engine,
        store=Store(FragileDatabase(store.database, steps), store.broker, store.clock),  # type: ignore[arg-type]
        sources={n: replace(s, http=FragileHttp(s.http, steps)) for n, s in engine.sources.items()},  # type: ignore[arg-type]
        destinations={
            n: replace(d, http=FragileHttp(d.http, steps))  # type: ignore[arg-type]
            for n, d in engine.destinations.items()
        },
    )


async def cycle(engine: Engine) -> None:
    """Poll, read, push: what is due now."""
    await turn(Harvest(engine))
    while await turn(Normalise(engine)):
        continue
    while await turn(Deliver(engine, "portal")):
        continue


EDITIONS: Sequence[bytes] = (
    rss(story(1), story(2)),
    rss(story(1, text="Chỉ tiêu là 20"), story(2), story(3)),
)


async def state(hub: Hub, portal: Portal) -> dict[str, Any]:
    """Everything that must come out the same, however often the work was interrupted."""
    return {
        "items": [(i["guid"], i["revision"], i["state"], i["approved_revision"]) for i in await rows(hub, "item")],
        "editions": sorted((e["digest"], e["revision"], e["state"]) for e in await rows(hub, "edition")),
        "keys": sorted((k["source"], k["key"], k["content_id"]) for k in await rows(hub, "item_key")),
        "captures": [(c["sha256"], c["state"]) for c in await rows(hub, "capture")],
        "deliveries": sorted(
            (d["content_id"], d["wanted_revision"], d["sent_revision"], d["state"]) for d in await rows(hub, "delivery")
        ),
        "shown": portal.shown(),
    }


@pytest.mark.parametrize("fenced", [True, False], ids=["fenced", "unfenced"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_cycle_that_dies_at_any_step_is_finished_by_the_next(
    province: Province, after: bool, fenced: bool
) -> None:
    async with Portal(token="ma-truy-cap-thu-nghiem", fenced=fenced) as portal:
        province.source("tin", EDITIONS[0], page={"etag": '"0"'}, every="1s")
        province.route(province.destination("portal", portal, fenced=fenced, settling=60))
        wanted: dict[str, Any] = {}
        async with province.open() as hub:
            for last in range(0, 200, 1 if hub.engine.store.database.dialect == "sqlite" else 3):
                await empty(hub, portal)
                steps = Steps(last, after)
                died = await live(province, hub, steps)
                found = await state(hub, portal)
                wanted = wanted or found
                assert found == wanted, f"interrupted at step {last}"
                assert portal.doubled() == []
                assert portal.stale() == []
                if last and not died:
                    break
            assert last > 8, "there were steps to be interrupted at"
            assert set(wanted["shown"].values()) == {1, 2}


async def live(province: Province, hub: Hub, steps: Steps) -> bool:
    """Two days of news with one death in between; whether it happened."""
    engine, died = fragile(hub.engine, steps), False
    for number, body in enumerate(EDITIONS):
        province.site.serve("/tin.rss", body, etag=f'"{number}"')
        for _ in range(2):
            try:
                await cycle(engine)
            except Killed:
                died, engine = True, hub.engine
                province.clock.advance(hours=1)  # leases end, calls thought dead have landed
        await cycle(hub.engine)
        province.clock.advance(hours=1)
    return died


async def empty(hub: Hub, portal: Portal) -> None:
    """As on the first day."""
    async with hub.engine.store.unit() as unit:
        await searching.forgotten(unit, [UUID(each["content_id"]) for each in await rows(hub, "item")])
        for table in ("capture", "item", "item_key", "item_tag", "edition", "rejection", "delivery", "attempt"):
            await unit.tx.execute(f"DELETE FROM {table}")
        await unit.tx.execute(
            "UPDATE source SET cursor = '{}', known = ?, body_sha256 = '', due_at = 0, document_date = NULL,"
            " lease_until = NULL, attempts = 0",
            b"",
        )
        await unit.tx.execute("UPDATE destination SET failures = 0, open_until = NULL, next_slot = 0")
    portal.held.clear()
    portal.effects.clear()
    assert {source["cursor"] for source in await rows(hub, "source")} == {"{}"}
