"""The contract of sources catches defects: connectors that were broken on purpose fail, and the check that sees it is
named. A check that has not been seen to fail proves nothing.
"""

import pytest

from tests.contract.checks import BY_NAME, CHECKS, Check
from tests.contract.defects import DEFECTS
from tests.contract.sabotage import Defect
from tests.contract.subjects import Case, SiteCase, Subject


async def caught(check: Check, subject: Subject) -> tuple[Case | SiteCase, AssertionError] | None:
    """The first case on which the check fails."""
    for case in check.cases(subject):
        try:
            await check(subject, case)
        except AssertionError as error:
            return case, error
    return None


@pytest.mark.parametrize(
    ("defect", "base"),
    [pytest.param(defect, base, id=f"{base}-{name}") for name, defect in DEFECTS.items() for base in defect.bases],
)
async def test_a_broken_connector_is_caught_and_the_good_one_passes(defect: Defect, base: str) -> None:
    check = BY_NAME[defect.caught_by]
    found = await caught(check, defect.of(base))
    if found is None:
        others = [other.name for other in CHECKS if await caught(other, defect.of(base))]
        pytest.fail(f"{defect.sentence} {check.name} does not see it; seen by: {', '.join(others) or 'nobody'}")
    case, error = found
    assert str(error), "the message says what to do"
    await check(Subject.of(base), case)


def test_there_are_at_least_forty_defects_and_each_has_its_sentence() -> None:
    assert len(DEFECTS) >= 40
    assert len({defect.sentence for defect in DEFECTS.values()}) == len(DEFECTS)
    assert len({base for defect in DEFECTS.values() for base in defect.bases}) >= 10


def test_every_check_has_been_seen_to_fail() -> None:
    assert {check.name for check in CHECKS} == {defect.caught_by for defect in DEFECTS.values()}
