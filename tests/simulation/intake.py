"""What the hub must hold of what sites served: each item once, its wordings in their order, and no other (I1)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.simulation.rows import Row
from tests.simulation.sites import CANARY, Site
from tests.simulation.verdicts import Verdicts

#: Source and guid.
Name = tuple[str, str]


@dataclass(slots=True)
class Said:
    """What a source has said about one item, by its settled captures in order."""

    chain: list[str]
    taken_back: bool = False  #: its last word was that it is gone, and the hub wrote that down
    marked: bool = False  #: a text of it was marked secret
    gone: bool = False  #: its last word was that it is gone


@dataclass(frozen=True, slots=True)
class Held:
    """What the hub holds, as read from its rows."""

    items: Mapping[Name, Row]
    editions: Mapping[str, Sequence[Row]]  #: of each item, oldest first
    texts: Mapping[int, str]  #: what each edition says, by its row; empty when purged


class Intake:
    """Follows what each source said."""

    def __init__(self, sites: Mapping[str, Site], verdicts: Verdicts) -> None:
        self._sites, self._verdicts = sites, verdicts
        self.said: dict[Name, Said] = {}
        self._folded: dict[str, int] = {}  #: the last capture that was taken up, by source
        self._dated: dict[str, int] = {}

    def judge(self, sources: Sequence[Row], captures: Sequence[Row], held: Held) -> None:
        """Take up what was settled, and compare."""
        self._judge_cursors(sources, captures)
        for capture in captures:
            if capture["id"] > self._folded.get(capture["source"], 0) and capture["state"] not in ("new", "working"):
                self._folded[capture["source"]] = capture["id"]
                self._take_up(capture, held)
        for name in held.items.keys() - self.said.keys():
            self._verdicts.add("I1", f"{name} was never served")
        for name, said in self.said.items():
            self._judge_item(name, said, held)

    def _judge_cursors(self, sources: Sequence[Row], captures: Sequence[Row]) -> None:
        kept = {(row["source"], row["sha256"]) for row in captures}
        for source in sources:
            tag = json.loads(source["cursor"]).get("etag")
            if tag and (source["name"], self._sites[source["name"]].tags.get(tag, "")) not in kept:
                self._verdicts.add("I1", f"the cursor of {source['name']} covers a body that is not kept")

    def _take_up(self, capture: Row, held: Held) -> None:
        source, state = capture["source"], capture["state"]
        served = self._sites[source].served.get(capture["sha256"])
        if served is None:
            return  # a page for people, or half a list
        if state not in ("done", "purged"):
            self._verdicts.add("I1", f"capture {capture['id']} of {source}, a whole list, is {state}")
            return
        stale = served.dated is not None and int(served.dated) < self._dated.get(source, -1)
        if served.dated is not None:
            self._dated[source] = max(int(served.dated), self._dated.get(source, -1))
        for guid, text in served.texts.items():
            self._hear((source, guid), text, stale=stale)
        for guid in served.gone - served.texts.keys():
            self._hear_gone((source, guid), capture["id"], held)

    def _hear(self, name: Name, text: str, *, stale: bool) -> None:
        said = self.said.get(name)
        if text.startswith(CANARY):
            self.said.setdefault(name, Said([])).marked = True
        elif said is None:
            self.said[name] = Said([text])
        elif not stale:
            if not said.chain or said.chain[-1] != text or said.taken_back:
                said.chain.append(text)
            said.taken_back = said.gone = False

    def _hear_gone(self, name: Name, capture: int, held: Held) -> None:
        said, item = self.said.get(name), held.items.get(name)
        if said is None:
            return
        said.gone = True
        # Whether it was gone already by a person's decision only the rows tell.
        own = held.editions.get(item["content_id"], ()) if item else ()
        if any(row["state"] == "withdrawn" and row["capture"] == capture for row in own):
            said.taken_back = True

    def _judge_item(self, name: Name, said: Said, held: Held) -> None:
        item = held.items.get(name)
        if item is None:
            if said.chain and not said.marked:
                self._verdicts.add("I1", f"{name} is in a settled capture and is no item")
            return
        own = held.editions[item["content_id"]]
        if [row["revision"] for row in own] != list(range(1, len(own) + 1)):
            self._verdicts.add("I1", f"revisions of {name} have gaps")
        if said.marked:
            if any(row["state"] == "approved" and row["decided_by"] == "auto" for row in own):
                self._verdicts.add("I4", f"{name} is public by itself after a text of it was marked")
            return
        chain = [
            held.texts.get(row["id"], "")
            for row in own
            if row["origin"] == "source" and row["state"] != "withdrawn"
        ]  # fmt: skip
        if chain != said.chain:
            self._verdicts.add("I1", f"{name} was said as {said.chain}, and is kept as {chain}")
        if said.gone and item["state"] != "withdrawn":
            self._verdicts.add("I3", f"{name} is live after its source took it back")
