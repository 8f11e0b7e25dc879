"""No text of somebody else becomes a formula in a CSV file."""

import pytest

from hub.sheets.cells import harmless


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(sign: str) -> None:
    assert harmless(f"{sign}1+1") == f"'{sign}1+1"


@pytest.mark.parametrize("text", ["", "Nguyễn Văn Mẫu", "1+1=2", "so-y-te", " =1+1"])
def test_every_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
