"""Names of files that a browser sends: whatever they are, the answer is a page."""

import pytest
from aiohttp import FormData

from tests.hostile.archives import CLIMBING
from tests.web.desk import Desk

#: Nothing of it depends on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_no_name_of_an_uploaded_file_leads_anywhere_or_ends_in_a_fault_of_ours(desk: Desk) -> None:
    person = await desk.person("bao-cao", "editor")
    answers = {}
    for name in CLIMBING:
        form = FormData({"csrf": person.csrf, "site": "cong"}, quote_fields=False)
        form.add_field("file", b"ngay,luot\n2026-01-01,5\n", filename=name.translate({0: None, 10: None, 13: None}))
        answer = await person.ask("POST", "/visits", data=form(), headers={"Origin": person.origin})
        answers[name] = answer.status
    assert {name: status for name, status in answers.items() if status >= 500} == {}
    assert set(answers.values()) & {200, 422}, "they were read"
