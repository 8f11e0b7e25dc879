"""The tables of roles in the documents are those that are in force."""

import pytest

from hub.access.conditions import Conditions
from hub.cli.people import RoleName
from hub.rules.access import PERMITS, WHOLE, Permission, Role
from tests.docs.pages import DOCS, REFERENCE, named, rows, text

PAGE = REFERENCE / "permissions.md"


def test_the_table_of_permissions_is_the_one_in_force() -> None:
    heading, *lines = rows(PAGE)
    assert heading[2:] == list(Role)
    assert [cells[0] for cells in lines] == [f"`{permission}`" for permission in Permission]
    for permission, cells in zip(Permission, lines, strict=True):
        given = {role for role, cell in zip(Role, cells[2:], strict=True) if cell == "yes"}
        assert given == {role for role in Role if permission in PERMITS[role]}, permission


def test_the_page_names_what_a_unit_does_not_give() -> None:
    [sentence] = [line for line in text(PAGE).splitlines() if "about the hub as a whole" in line]
    assert {f"`{each}`" for each in WHOLE} <= set(sentence.replace(",", " ").split())


def test_every_role_is_in_the_how_to_with_its_need_of_a_second_factor() -> None:
    page = DOCS / "howto" / "people.md"
    table = {cells[0].strip("`"): cells[2] for cells in rows(page) if cells[0].startswith("`")}
    assert set(table) == set(Role)
    assert {role for role, cell in table.items() if cell == "needed"} == Conditions().two_factor_for


@pytest.mark.parametrize("role", Role)
def test_the_command_line_knows_every_role(role: Role) -> None:
    assert RoleName(role.value).name == role.name
    assert f"`{role}`" in text(REFERENCE / "cli.md")


def test_permissions_are_named_nowhere_that_do_not_exist() -> None:
    assert named(PAGE) == set(Permission)
