"""What every source promises, checked for each connector of the registry against its folder of cases.

The promises are functions, listed in checks.py: of bodies (body_checks.py), of records among each other
(record_checks.py), of sites (site_checks.py) and of settings (config_checks.py). To add a source, add a folder with
cases (tests/cases/README.md); nothing is listed here.
"""

from importlib.metadata import EntryPoint

import pytest

from connectors.base import Walker
from connectors.registry import GROUP, Registry, known
from tests.contract.checks import BY_NAME, CHECKS, Check
from tests.contract.record_checks import shape_of
from tests.contract.subjects import Case, SiteCase, Subject

SUBJECTS = [Subject.of(name) for name in known().sources]
ALL = [(check, subject, case) for subject in SUBJECTS for check in CHECKS for case in check.cases(subject)]

each_source = pytest.mark.parametrize("subject", SUBJECTS, ids=[subject.name for subject in SUBJECTS])


def name(value: object) -> str:
    return value.name if isinstance(value, (Check, Case, SiteCase)) else ""


@pytest.mark.parametrize(("check", "subject", "case"), ALL, ids=name)
async def test_a_source_keeps_its_promises(check: Check, subject: Subject, case: Case | SiteCase) -> None:
    await check(subject, case)


def test_no_connector_is_left_out_because_it_does_not_import() -> None:
    assert known().broken == {}


@each_source
def test_every_source_has_cases_that_can_tell(subject: Subject) -> None:
    assert subject.read, f"add at least one case that is read to tests/cases/{subject.name}/"
    assert subject.refused or any(case.expected.get("rejections") for case in subject.read), "and one that is refused"
    for case in subject.cases:
        assert case.expected["url"], case.path.name
    if subject.Config.addressed:
        assert any(map(shape_of, subject.main)), "one case has two records or more that can be told apart"


@each_source
def test_every_source_with_an_address_has_a_recorded_site(subject: Subject) -> None:
    if not subject.Config.addressed:
        return
    assert subject.stable, f"add a site that stays as it is to tests/cases/{subject.name}/"
    if isinstance(subject.stable[0].source_at(subject, "http://127.0.0.1:1"), Walker):
        assert any("walk" in site.said for site in subject.stable), "say what a walk back through its history gives"
    if {"max_pages", "paging", "pages"} & subject.Config.model_fields.keys():
        rounds = [one for site in subject.sites for one in site.said["rounds"]]
        assert max(len(one["asked"]) for one in rounds) > 1, "one site has several pages"


async def test_a_connector_of_a_third_party_is_held_to_the_same() -> None:
    plugin = EntryPoint(name="source.cua_ben_thu_ba", value="connectors.sources.feed", group=GROUP)
    registry = Registry([plugin])
    assert "cua_ben_thu_ba" in registry.known().sources
    theirs = Subject.of("cua_ben_thu_ba", registry)
    ours = Subject.of("feed")
    for check in (BY_NAME["the_same_bytes_give_the_same_records_and_items"], BY_NAME["a_site_is_read_as_recorded"]):
        for case in check.cases(ours)[:2]:
            await check(theirs, case)
