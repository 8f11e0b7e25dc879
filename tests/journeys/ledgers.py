"""Reads the ledgers that the sites and the portals wrote, and the hub's own state, into what the checker takes."""

import asyncio
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.store.database import Database
from tests.journeys.findings import Article, Effect, HubState, Ledgers

#: the tree that is being tested: its `hub` package is run
TREE = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """How the run was, for the table; nothing here is a finding."""

    polls: int
    conditional: int  #: of them with a validator
    early: int  #: of them inside a Retry-After, which a kill may have made the hub forget
    two_at_once: int  #: of them while another of the same host was under way
    pages: int  #: of articles, that were asked for
    site_faults: int
    sends: int
    unknown: int  #: of them with an outcome that nobody outside can tell
    portal_faults: int
    signs: Sequence[float]  #: when a site was asked, in order; seconds since the epoch


def read_ledgers(fleet: Path, portals: Path, truth: Mapping[str, Any]) -> tuple[Ledgers, Traffic]:
    """Both sides' ledgers with what the sites say now."""
    served: dict[str, set[int]] = defaultdict(set)
    gone: set[str] = set()
    garbage: set[str] = set()
    effects: list[Effect] = []
    count: Counter[str] = Counter()
    signs: list[float] = []
    for line in _lines(fleet):
        if "served" in line:
            for url, version in line["served"]["shown"].items():
                served[url].add(version)
            gone.update(line["served"]["gone"])
        elif "page" in line:
            signs.append(line["at"])
            count["pages"] += 1
        elif "garbage" in line:
            garbage.add(line["garbage"])
        else:
            signs.append(line["at"])
            count["polls"] += 1
            count["conditional"] += line["conditional"]
            count["early"] += line["early"]
            count["two_at_once"] += line["at_once"] > 1
            count["site_faults"] += bool(line["fault"])
    for line in _lines(portals):
        if "fault" in line:
            count["sends"] += 1
            count["unknown"] += line["unknown"]
            count["portal_faults"] += bool(line["fault"])
        else:
            effects.append(Effect(**line))
    ledgers = Ledgers(
        articles={url: Article(**article) for url, article in truth["articles"].items()},
        served={url: frozenset(versions) for url, versions in served.items()},
        named_gone=frozenset(gone), garbage=frozenset(garbage), effects=effects,
    )  # fmt: skip
    names = (
        "polls",
        "conditional",
        "early",
        "two_at_once",
        "pages",
        "site_faults",
        "sends",
        "unknown",
        "portal_faults",
    )
    return ledgers, Traffic(signs=signs, **{name: count[name] for name in names})


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


async def read_hub(database: Database, settings: Path) -> HubState:
    """The hub's rows, and its export as a person gets it."""
    export = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from hub.cli import main; main()", "--settings", str(settings),
        "export", "editions", "--format", "jsonl", cwd=TREE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    exported, _ = await export.communicate()
    assert export.returncode == 0, "hub export editions failed"
    return await read_rows(database, [json.loads(line) for line in exported.splitlines()])


async def read_rows(database: Database, editions: Sequence[Mapping[str, Any]]) -> HubState:
    """The hub's rows beside editions that were exported already."""
    return HubState(
        captures=await database.fetch("SELECT id, source, state, sha256, lease_until FROM capture"),
        deliveries=await database.fetch(
            "SELECT content_id, destination, state, wanted_revision, sent_revision, error_code, lease_until"
            " FROM delivery"
        ),
        sources=await database.fetch("SELECT name, state, lease_until FROM source"),
        articles=await database.fetch("SELECT content_id, state, lease_until FROM article"),
        rejections=await database.fetch(
            "SELECT r.capture, r.code, c.sha256 FROM rejection r JOIN capture c ON c.id = r.capture"
        ),
        events=await database.fetch(
            "SELECT * FROM event ORDER BY CASE WHEN sequence IS NULL THEN 1 ELSE 0 END, sequence, id"
        ),
        editions=editions,
    )


async def wanting(database: Database, waived: str = "") -> int:
    """How many rows want something; `waived` is a destination whose server was away to the end."""
    [row] = await database.fetch(
        "SELECT (SELECT count(*) FROM capture WHERE state IN ('new', 'working'))"
        # Between a site's last answer and the capture that is made of it only the lease of its source tells.
        " + (SELECT count(*) FROM source WHERE lease_until IS NOT NULL)"
        " + (SELECT count(*) FROM article WHERE state = 'wanted')"
        " + (SELECT count(*) FROM delivery WHERE state <> 'done' AND destination <> ?)"
        " + (SELECT count(*) FROM event WHERE sequence IS NULL) AS n",
        waived,
    )
    return int(row["n"])
