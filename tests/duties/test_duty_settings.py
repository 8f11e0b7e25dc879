"""[[duty]] in settings.toml: members and categories that there are, or every fault at once with what is allowed."""

from pathlib import Path

import pytest

from hub.reports.categories import categories
from hub.reports.duties import duties
from hub.rules.duties import Every
from hub.settings import ConfigErrors, load_settings

MEMBERS = """
[hub]
testing = true
[[member]]
code = "H52.12"
name = "Sở Y tế"
kind = "department"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(MEMBERS + text, encoding="utf-8")
    return path


def test_a_duty_says_who_owes_what_and_by_which_rule(tmp_path: Path) -> None:
    text = """
[[duty]]
name = "dau-thau"
category = "tenders"
kinds = ["department"]
members = ["H52.12"]
every = "half-year"
within = 2
rule = "Công văn 2732/UBND-KGVX ngày 29/08/2017"
"""
    settings = load_settings(written(tmp_path, text))
    [duty] = duties(settings, categories(settings.categories))
    assert (duty.category, duty.every, duty.within, duty.at_least) == ("tenders", Every.HALF_YEAR, 2, 1)
    assert (duty.members, duty.kinds, duty.confirmed) == ({"H52.12"}, {"department"}, False)
    assert duty.rule.startswith("Công văn 2732")


def test_unknown_categories_are_named_all_at_once_with_what_is_allowed(tmp_path: Path) -> None:
    text = """
[reports.points]
tin-bai = 2.0
[[duty]]
name = "dau-thau"
category = "tender"
every = "month"
[[source]]
name = "tin"
member = "H52.12"
connector = "feed"
kind = "news"
url = "https://syt.gov.vn/rss"
category = "newz"
"""
    settings = load_settings(written(tmp_path, text))
    with pytest.raises(ConfigErrors) as caught:
        duties(settings, categories(settings.categories))
    said = {fault.key: fault.allowed for fault in caught.value.faults}
    assert set(said) == {"reports.points.tin-bai", "duty.dau-thau.category", "source.tin.category"}
    assert "did you mean tenders?" in said["duty.dau-thau.category"]
    assert all("there are: tenders, planning" in allowed for allowed in said.values())


def test_members_of_a_duty_exist_and_its_name_stands_once(tmp_path: Path) -> None:
    text = """
[[duty]]
name = "tin"
category = "news"
members = ["H52.13"]
every = "month"
[[duty]]
name = "tin"
category = "news"
every = "week"
"""
    with pytest.raises(ConfigErrors) as caught:
        load_settings(written(tmp_path, text))
    said = {fault.key: fault.allowed for fault in caught.value.faults}
    assert "H52.12" in said["duty[0].members[0]"]
    assert said["duty[1].name"] == "a name that no other duty has"
