"""What must be true after each step, written from the promises and from what sites served; no rule of the hub is used.

sites served  ─┐
places showed ─┼─> Model ─> Verdicts: every promise, with the number of times it was broken
rows, commands ┘
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final
from zlib import crc32

from tests.clock import START
from tests.simulation.intake import Held, Intake
from tests.simulation.places import Place, Shown
from tests.simulation.rows import Row, Rows
from tests.simulation.sites import CANARY, Site
from tests.simulation.verdicts import Asked, Verdicts

_TOKEN: Final = re.compile(r"zq\d+[vp]\d+")
#: Seconds within which a healthy place shows what is wanted, and after which one that had faults is healthy.
PROMPT, RECOVERED = 90.0, 300.0
#: What a command leaves behind, by the state of its edition.
_LEAVES: Final = {"approve": ("approved", "superseded"), "withdraw": ("withdrawn",), "reject": ("rejected",)}


def moment(at: float) -> int:
    """An instant of the loop, as rows have it."""
    return int(START.timestamp() * 1_000_000) + round(at * 1e6)


class Model:
    """The promises of one history."""

    def __init__(self, sites: Sequence[Site], places: Sequence[Place], held: frozenset[str]) -> None:
        """`held` are the sources of which every edition waits for a person."""
        self.places, self.asked, self.verdicts = places, Asked(), Verdicts()
        self.transitions: set[tuple[str, ...]] = set()
        self.states: set[int] = set()
        self.sites = {site.name: site for site in sites}
        self._intake = Intake(self.sites, self.verdicts)
        self._always_held = held
        self._newest: dict[tuple[str, str], int] = {}  #: revision ever shown, by place and item
        self._gone_at: dict[tuple[str, str], int] = {}
        self._texts: dict[int, str] = {}
        self._kept: dict[int, tuple[str, int]] = {}
        self._sent: dict[int, int] = {}
        self._events = 0
        self._wanted_since: dict[int, tuple[int, float]] = {}
        self._was: dict[tuple[str, Any], str] = {}
        self.editions: dict[str, list[Row]] = {}
        self.items: list[Row] = []
        self.deliveries: list[Row] = []

    async def check(self, rows: Rows, *, at: float, up_since: float) -> None:
        """Judge what happened since the last step."""
        self._judge_places()
        if await rows.changed():
            await self._judge_rows(rows, at)
        self._judge_delays(await rows.fetch("SELECT name, state, due_at, lease_until FROM source"), at, up_since)

    # ------------------------------------------------------------------------------------------------- effects

    def _judge_places(self) -> None:
        for place in self.places:
            for shown in place.shown[place.judged :]:
                self._judge_effect(shown)
            place.judged = len(place.shown)
            for promise, found in (("I7", place.blind), ("I4", place.leaks), ("I2", place.doubles)):
                for one in found:
                    self.verdicts.add(promise, one)
                found.clear()

    def _judge_effect(self, shown: Shown) -> None:
        key = (shown.place, shown.content_id)
        newest, gone_at = self._newest.get(key, 0), self._gone_at.get(key, 0)
        if shown.gone:
            self._gone_at[key] = max(gone_at, newest, shown.revision)
            return
        if shown.revision < newest:
            self.verdicts.add("I3", f"revision {shown.revision} over {newest} of {shown.content_id} at {shown.place}")
        elif shown.revision <= gone_at:
            self.verdicts.add("I3", f"revision {shown.revision} of {shown.content_id} shown again at {shown.place}")
        self._newest[key] = max(newest, shown.revision)

    # ---------------------------------------------------------------------------------------------------- rows

    async def _judge_rows(self, rows: Rows, at: float) -> None:
        sources = await rows.fetch("SELECT name, cursor FROM source")
        captures = await rows.fetch("SELECT id, source, sha256, state FROM capture ORDER BY id")
        self.items = await rows.fetch("SELECT content_id, source, guid, approved_revision, state FROM item")
        self.deliveries = await rows.fetch(
            "SELECT id, content_id, destination, wanted_revision, sent_revision, state, error_code FROM delivery"
        )
        [events] = await rows.fetch("SELECT count(*) AS n FROM event")
        editions = await self._read_editions(rows)
        names = {(item["source"], item["guid"]): item for item in self.items}
        if len(names) < len(self.items):
            self.verdicts.add("I1", "two items under one name")
        self._intake.judge(sources, captures, Held(names, self.editions, self._texts))
        self._judge_decisions()
        self._judge_memory(editions, events["n"])
        self._judge_deliveries(at)
        self._note_states(captures)

    async def _read_editions(self, rows: Rows) -> list[Row]:
        editions = await rows.fetch(
            "SELECT id, content_id, revision, state, origin, capture, decided_by, why, body IS NULL AS is_empty"
            " FROM edition ORDER BY content_id, revision"
        )
        self.editions = {}
        for row in editions:
            self.editions.setdefault(row["content_id"], []).append(row)
        fresh = [row["id"] for row in editions if row["id"] not in self._texts]
        if fresh:
            for row in await rows.fetch(f"SELECT id, body FROM edition WHERE id >= {min(fresh)}"):
                body = row["body"] or ""
                if CANARY in body:
                    self.verdicts.add("I4", f"edition {row['id']} holds a marked text")
                self._texts[row["id"]] = found[0] if (found := _TOKEN.search(body)) else ""
        return editions

    def _judge_decisions(self) -> None:
        for item in self.items:
            # An editor's text stands, or waits, until a person decides about what came after it.
            name, edited = (item["source"], item["guid"]), False
            for row in self.editions[item["content_id"]]:
                was_public, by_itself = row["state"] in ("approved", "superseded"), row["decided_by"] == "auto"
                decided = was_public and row["decided_by"] and not by_itself
                if row["state"] == "withdrawn":
                    self._judge_withdrawal(name, row)
                elif was_public and by_itself and (item["source"] in self._always_held or edited):
                    self.verdicts.add("I10", f"revision {row['revision']} of {name} is public by itself")
                if decided and (row["content_id"], row["revision"]) not in self.asked.approve:
                    self.verdicts.add("I10", f"nobody approved revision {row['revision']} of {name}")
                edited = row["origin"] == "person" or (edited and not decided and row["state"] != "withdrawn")

    def _judge_withdrawal(self, name: tuple[str, str], row: Row) -> None:
        by, said = json.loads(row["why"]).get("by"), self._intake.said.get(name)
        explicit = {
            "person": row["content_id"] in self.asked.withdraw,
            "screen": said is not None and said.marked,
            "source": any(name[1] in served.gone for served in self.sites[name[0]].served.values()),
        }
        if not explicit.get(str(by), False):
            self.verdicts.add("I12", f"{name} was withdrawn by {by} without a sign")

    def _judge_memory(self, editions: Sequence[Row], events: int) -> None:
        there = {row["id"]: (row["content_id"], row["revision"]) for row in editions}
        for id, edition in self._kept.items():
            if there.get(id) != edition:
                self.verdicts.add("I6", f"edition {edition} was committed and is gone")
        self._kept = there
        if events < self._events:
            self.verdicts.add("I6", "events are gone")
        self._events = events
        states = {(row["content_id"], row["revision"]): row for row in editions}
        for command, content_id, revision in self.asked.answered:
            found = states.get((content_id, revision))
            if found is None or (
                command in _LEAVES and found["state"] not in _LEAVES[command] and not found["is_empty"]
            ):
                self.verdicts.add("I6", f"{command} of {content_id} {revision} was answered, and is not there")
        for row in self.deliveries:
            if row["sent_revision"] < self._sent.get(row["id"], 0):
                self.verdicts.add("I6", f"what {row['destination']} shows of {row['content_id']} was forgotten")
            self._sent[row["id"]] = row["sent_revision"]

    def _judge_deliveries(self, at: float) -> None:
        """What is wanted everywhere is what is approved; what is done is what a visitor sees."""
        wanted = {(row["content_id"], row["destination"]): row for row in self.deliveries}
        shown = {place.name: place.revisions() for place in self.places}
        for item in self.items:
            content_id, approved = item["content_id"], item["approved_revision"]
            for place in self.places:
                row = wanted.get((content_id, place.name))
                is_wanted = row is not None and row["wanted_revision"] == approved
                if approved and not is_wanted and (row is not None or item["state"] == "live"):
                    self.verdicts.add("I2", f"revision {approved} of {content_id} is not wanted at {place.name}")
                if row is None:
                    continue
                if row["state"] in ("refused", "parked"):
                    self.verdicts.add("I2", f"{content_id} is {row['state']} at {place.name}: {row['error_code']}")
                there = shown[place.name].get(content_id, 0)
                there_wanted = row["sent_revision"] if item["state"] == "live" else 0
                if row["state"] == "done" and (row["sent_revision"] < approved or there != there_wanted):
                    self.verdicts.add(
                        "I2", f"{content_id} at {place.name} is done with {row['sent_revision']}, there is {there}"
                    )
        for row in self.deliveries:
            if row["wanted_revision"] <= row["sent_revision"]:
                self._wanted_since.pop(row["id"], None)
            elif self._wanted_since.get(row["id"], (0, 0.0))[0] != row["wanted_revision"]:
                self._wanted_since[row["id"]] = (row["wanted_revision"], at)

    # --------------------------------------------------------------------------------------------------- times

    def _judge_delays(self, sources: Sequence[Row], at: float, up_since: float) -> None:
        well = {p.name: max(p.bad_until + RECOVERED, up_since) for p in self.places if not p.down and not p.weather}
        for row in self.deliveries:
            _, since = self._wanted_since.get(row["id"], (0, at))
            if row["destination"] in well and at - max(since, well[row["destination"]]) > PROMPT:
                self.verdicts.add("I5", f"{row['content_id']} waits at {row['destination']} for {at - since:.0f} s")
                self._wanted_since[row["id"]] = (row["wanted_revision"], at)
        for source in sources:
            due = (source["due_at"] - moment(0.0)) / 1e6
            if source["state"] != "active" or at - max(due, up_since) > PROMPT:
                self.verdicts.add("I5", f"{source['name']} is {source['state']} and was due {at - due:.0f} s ago")

    def judge_leases(self, rows: Sequence[Row]) -> None:
        """Right after a start of the one process there is: nobody can have a lease."""
        for row in rows:
            self.verdicts.add("I6", f"{row['what']} is leased after a restart")

    def judge_end(self) -> None:
        """All faults are over, and the time that was promised has passed: everything is as wanted, everywhere."""
        for site in self.sites.values():
            for article in site.shown():
                said = self._intake.said.get((site.name, f"g{article.number}"))
                if article.secret:
                    continue
                if said is None or (not said.marked and said.chain[-1:] != [article.token]):
                    self.verdicts.add("I1", f"{site.name} shows {article.token}, and it was not taken in")
        for place in self.places:
            texts = place.texts()
            for item in self.items:
                live = item["state"] == "live" and item["approved_revision"]
                rows = [r for r in self.editions[item["content_id"]] if r["revision"] == item["approved_revision"]]
                wanted = self._texts[rows[0]["id"]] if live and rows else ""
                found = _TOKEN.search(texts.pop(item["content_id"], ""))
                if wanted != (found[0] if found else ""):
                    self.verdicts.add("I2", f"{place.name} shows {found and found[0]} of {item['guid']}, not {wanted}")
            for content_id in texts:
                self.verdicts.add("I2", f"{place.name} shows {content_id}, which is no item")
        for row in self.deliveries:
            if row["state"] != "done":
                self.verdicts.add("I2", f"{row['content_id']} at {row['destination']} is {row['state']} at the end")

    # ------------------------------------------------------------------------------------------------ coverage

    def _note_states(self, captures: Sequence[Row]) -> None:
        """Which states rows were in, and which followed on which, as far as one sees it between steps."""
        now = {("capture", row["id"]): row["state"] for row in captures}
        now |= {("item", row["content_id"]): f"{row['state']} {bool(row['approved_revision'])}" for row in self.items}
        now |= {("delivery", r["id"]): f"{r['destination']} {r['state']} {r['error_code']}" for r in self.deliveries}
        now |= {("edition", r["id"]): f"{r['origin']} {r['state']}" for own in self.editions.values() for r in own}
        for key, state in now.items():
            if (before := self._was.get(key, "")) != state:
                self.transitions.add((key[0], before, state))
        self._was = now
        self.states.add(crc32(repr(sorted({(key[0], state) for key, state in now.items()})).encode()))
