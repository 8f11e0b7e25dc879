"""Second versions of a story: they differ, as little as a clerk would change."""

from datetime import date
from random import Random

from hub.sample.prose import Draft, compose, revise
from hub.sample.province import load_province

PROVINCE = load_province()


def told(seed: int) -> Draft:
    member = PROVINCE.members[seed % len(PROVINCE.members)]
    return compose(Random(seed), PROVINCE, member, member.feeds[0], date(2026, 11, 22))


def test_every_new_version_differs_and_keeps_its_title() -> None:
    for seed in range(60):
        first = told(seed)
        second = revise(Random(seed), first, "16:05 ngày 22/11/2026")
        assert second != first
        assert second.title == first.title


def test_some_corrections_stand_where_posts_show_them_and_only_the_last_one_stays() -> None:
    draft = told(1)
    leads = set()
    for turn in range(40):
        draft = revise(Random(turn), draft, f"lần {turn}")
        leads.add(draft.lead)
        assert draft.lead.count("(Cập nhật lúc") <= 1
    assert len(leads) > 5
