"""What a login is called, and what is owed before the console opens."""

import pytest

from hub.rules.access import Grant, Role
from hub.rules.signing_in import Owed, Strength, folded_login, is_login, owed


@pytest.mark.parametrize("typed", ["nguyen.an", " Nguyen.An ", "ＮＧＵＹＥＮ.an"])
def test_capitals_spaces_and_wide_letters_do_not_matter(typed: str) -> None:
    assert folded_login(typed) == "nguyen.an"


@pytest.mark.parametrize("login", ["", "a", "hub", "nobody", "cli", "an:b", "nguyễn", "-an", "a" * 101, "an b"])
def test_what_is_no_login(login: str) -> None:
    assert not is_login(login)
    assert is_login("an@tinhmau.gov.vn")


@pytest.mark.parametrize(
    ("strength", "role", "must", "what"),
    [
        (Strength.PASSWORD, Role.EDITOR, False, None),
        (Strength.PASSWORD, Role.ADMINISTRATOR, False, Owed.SECOND_FACTOR),
        (Strength.SINGLE_SIGN_ON, Role.ADMINISTRATOR, False, Owed.SECOND_FACTOR),
        (Strength.TOTP, Role.ADMINISTRATOR, False, None),
        (Strength.RECOVERY, Role.ADMINISTRATOR, False, None),
        (Strength.STRONG_SIGN_ON, Role.ADMINISTRATOR, False, None),
        (Strength.PASSWORD, Role.ADMINISTRATOR, True, Owed.PASSWORD),
        (Strength.PASSWORD, Role.VIEWER, True, Owed.PASSWORD),
    ],
)
def test_what_is_owed(strength: Strength, role: Role, must: bool, what: Owed | None) -> None:
    demanded = {Role.ADMINISTRATOR, Role.CHIEF_EDITOR}
    assert owed(must_set_password=must, strength=strength, grants=[Grant(role)], roles=demanded) is what
