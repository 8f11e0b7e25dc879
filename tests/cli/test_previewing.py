"""`hub preview` of a source whose list says too little: the first article is shown with its own page."""

from pathlib import Path

import pytest

from tests.cli.test_at_work import hub
from tests.province import Province
from tests.stages.teasers import PARAGRAPHS, SHORT, Newsroom

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def newsroom(province: Province) -> Newsroom:
    return Newsroom(province)


@pytest.fixture
def settings(newsroom: Newsroom) -> Path:
    return newsroom.province.write()


async def test_the_first_article_is_shown_with_its_own_page(newsroom: Newsroom, settings: Path) -> None:
    newsroom.page(1)
    shown = (await hub(settings, "preview", "tin", "--json")).document
    assert shown["items"][0]["item"]["summary"] == SHORT
    assert PARAGRAPHS[2] in shown["whole"]["item"]["content_html"]
    told = (await hub(settings, "preview", "tin")).out
    assert "đọc cả trang chi tiết" in told
    assert PARAGRAPHS[0][:60] in told


async def test_a_page_that_cannot_be_had_is_told_with_the_reason(settings: Path) -> None:
    shown = (await hub(settings, "preview", "tin", "--json")).document
    assert shown["whole"] is None
    assert shown["without_page"].endswith(".")


async def test_an_inbox_has_nothing_to_look_at(province: Province) -> None:
    province.source("gui-den", connector="inbox", secret="mot-khoa-bi-mat-du-dai-de-thu-nghiem", url="")
    refused = await hub(province.write(), "preview", "gui-den", "--json")
    assert (refused.code, refused.document["error"]) == (1, "nothing_to_ask")
