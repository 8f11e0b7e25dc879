"""The reference year: what the hub says of it is what the generator decided, number for number and gap for gap."""

from collections import Counter

from tests.year.days import FIRST, LAST, MERGED
from tests.year.key import Key
from tests.year.plan import END, HALF, plan


def test_a_plan_is_made_again_from_its_seed_and_holds_enough_of_everything() -> None:
    year = plan(1, 3_000)
    assert plan(1, 3_000).entries == year.entries != plan(2, 3_000).entries
    assert (len(year.feeds), len(year.entries), len(year.offices)) == (300, 3_000, 19 + 12 + 100 + 40)
    states = Counter(entry.state(END) for entry in year.entries)
    assert min(states[state] for state in ("public", "held", "rejected", "withdrawn")) > 20
    gaps = Counter(gap.silence for gap in Key(year, END).gaps(FIRST, LAST))
    assert gaps.total() >= 500
    assert min(gaps[silence] for silence in ("nothing", "unread", "kept")) > 50
    assert Key(year, HALF).missing(FIRST, MERGED) != Key(year, END).missing(FIRST, MERGED)
