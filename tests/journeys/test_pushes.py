"""The campaign of pushes, small at every destination; `make journeys` makes it 10,000 pushes each and prints the table.

`python -m tests.journeys.pushes --destination NAME --pushes N --seed N` runs one.
"""

import os
from pathlib import Path

import pytest

from tests.journeys import judge
from tests.journeys.judge import Change, Judge, Seen
from tests.journeys.places import PLACES
from tests.journeys.pushes import run
from tests.journeys.pushplan import PushPlan

LONG = os.environ.get("HUB_JOURNEYS") == "long"
PUSHES = 10_000 if LONG else 120


async def pushed(plan: PushPlan, folder: Path, capsys: pytest.CaptureFixture[str], database: str = "") -> None:
    outcome = await run(plan, folder, database)
    table = "\n".join(outcome.lines())
    if LONG:
        with capsys.disabled():
            print(f"\n{table}")
    assert not any(outcome.verdicts.counts().values()), table
    # A campaign that did not hurt proves nothing.
    assert outcome.counts["settled"] >= plan.pushes, table
    assert outcome.share >= 0.2, table
    assert outcome.counts["deaths"] > plan.pushes / 100, table
    assert outcome.author.edits > plan.pushes / 4, table
    assert outcome.author.withdrawals > plan.pushes / 10, table


@pytest.mark.journey
@pytest.mark.timeout(3_600 if LONG else 180)
@pytest.mark.parametrize("destination", PLACES)
async def test_what_is_pushed_is_shown_once_and_never_older(
    destination: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await pushed(PushPlan(destination=destination, pushes=PUSHES, seed=20260302), tmp_path, capsys)


@pytest.mark.journey
@pytest.mark.timeout(3_600 if LONG else 180)
@pytest.mark.parametrize("destination", ["portal-unfenced", "wordpress"])
async def test_so_it_is_where_leases_run_out_instead_of_being_freed(
    destination: str, tmp_path: Path, pg_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await pushed(PushPlan(destination=destination, pushes=PUSHES // 2, seed=20260303), tmp_path, capsys, pg_url)


# ------------------------------------------------------------------------------------------ the test of the test


def judged(*happened: Change | tuple[int, int, bool], announces: bool = False) -> judge.Verdicts:
    """The verdicts on changes and confirmations (item, revision, withdrawal), in their order."""
    one = Judge(announces=announces)
    for each in happened:
        if isinstance(each, Change):
            one.change(each, "then")
        else:
            number, revision, gone = each
            one.confirmed(number, revision, gone=gone)
    return one.verdicts


PUT, DELETE = "put", "delete"


@pytest.mark.parametrize(
    ("name", "happened"),
    [
        ("stale", (Change(PUT, 1, 2), Change(PUT, 1, 1))),
        ("stale", ((1, 2, False), Change(PUT, 1, 1))),
        ("risen", (Change(PUT, 1, 1), (1, 2, True), Change(PUT, 1, 1))),
        ("risen", (Change(PUT, 1, 1), Change(DELETE, 1, 0), Change(PUT, 1, 1))),
    ],
)
def test_an_older_revision_is_seen_at_the_moment_at_which_it_shows(name: str, happened: tuple[Change, ...]) -> None:
    assert {found for found, count in judged(*happened).counts().items() if count} == {name}


def test_a_right_course_and_an_item_that_comes_back_are_no_findings() -> None:
    verdicts = judged(
        Change(PUT, 1, 1), (1, 1, False), Change(PUT, 1, 1), Change(PUT, 1, 2), Change(DELETE, 1, 0), (1, 3, True),
        Change(PUT, 1, 4), announces=False,
    )  # fmt: skip
    assert not any(verdicts.counts().values())


def test_a_message_told_twice_and_two_objects_of_one_item_are_doubles() -> None:
    assert judged(Change(PUT, 1, 1), Change(PUT, 1, 1), announces=True).doubles
    one = Judge(announces=False)
    one.look([Seen(1, 1), Seen(1, 2), Seen(2, 1)], "then")
    assert len(one.verdicts.doubles) == 1


def test_the_end_is_compared_with_the_key() -> None:
    one = Judge(announces=False)
    one.close([Seen(1, 1), Seen(2, 2), Seen(3, 1)], {1: 1, 2: 3, 4: 1})
    assert one.verdicts.counts() | {"lost": 1, "wrong": 2} == one.verdicts.counts()
