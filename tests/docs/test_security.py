"""docs/security: each threat, invariant and requirement ends as a test that exists, or as a reason."""

import pytest

from tests.docs.asvs import REQUIREMENTS
from tests.docs.pages import DOCS, text
from tests.docs.security_pages import WANTED, counts, faults_of, page, rows_of


@pytest.mark.parametrize("name", WANTED)
def test_every_row_has_a_test_that_exists_or_a_reason(name: str) -> None:
    assert list(rows_of(text(page(name))))
    assert faults_of(name, text(page(name))) == []


def test_the_standard_has_as_many_requirements_as_its_authors_count() -> None:
    levels = list(REQUIREMENTS.values())
    assert (len(levels), levels.count(1), levels.count(2), levels.count(3)) == (345, 70, 183, 92)


def test_the_counts_are_those_that_the_page_quotes() -> None:
    assert "\n".join(counts()) in text(DOCS / "security.md"), "python -m tests.docs.security_pages prints them"


GOOD = "tests/docs/test_security.py::test_every_row_has_a_test_that_exists_or_a_reason"
PLANTED = {
    "a test that does not exist": ("met", "`tests/docs/test_security.py::test_nothing`", "no test"),
    "a file that does not exist": ("met", "`tests/docs/test_nowhere.py::test_nothing`", "no test"),
    "met by words alone": ("met", "we took great care of this", "met by nothing"),
    "no reason": ("does not apply", "", "no reason"),
    "a test for a reason": ("open", f"`{GOOD}`", "no reason"),
    "a standing that there is not": ("nearly", "there is hardly anything left to do", "no standing"),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_row_that_is_not_kept_is_named(fault: str) -> None:
    standing, shown_by, told = PLANTED[fault]
    right = text(page("asvs.md"))
    [line] = [each for each in right.splitlines() if each.startswith("| 1.1.1 | ")]
    cells = line.strip("|").split(" | ")
    broken = right.replace(line, f"| 1.1.1 | {cells[1]} | {cells[2]} | {standing} | {shown_by} |")
    [found] = faults_of("asvs.md", broken)
    assert "1.1.1" in found
    assert told in found


def test_a_row_that_is_left_out_doubled_or_invented_is_named() -> None:
    right = text(page("threats.md"))
    [line] = [each for each in right.splitlines() if each.startswith("| 7 | ")]
    assert faults_of("threats.md", right.replace(line + "\n", "")) == ["threats.md: no row 7"]
    assert "threats.md: 7 stands twice" in faults_of("threats.md", right.replace(line, f"{line}\n{line}"))
    invented = line.replace("| 7 | ", "| 99 | ")
    assert "threats.md: nobody asks for 99" in faults_of("threats.md", right.replace(line, f"{line}\n{invented}"))
    assert faults_of("threats.md", right.replace(line, line.replace(" | ", " ", 1)))
