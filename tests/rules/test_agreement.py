"""What is believed when names agree and differ, row by row."""

import pytest

from hub.rules.agreement import Agreement, Match, after_a_move, by_name
from hub.rules.identity import Mode


def agreement(names: str) -> Agreement:
    """From words: names that agree; `guid*` and `link*` are shared; `-link` and `-date` differ; `minute`, `twin`."""
    said = names.split()
    return Agreement(
        guid="guid" in said or "guid*" in said,
        guid_shared="guid*" in said,
        link="link" in said or "link*" in said,
        link_shared="link*" in said,
        links_differ="-link" in said,
        title="title" in said,
        date="date" in said or "minute" in said,
        dates_differ="-date" in said,
        precise="minute" in said,
        alone="twin" not in said,
    )


@pytest.mark.parametrize(
    ("names", "guid", "link", "neither"),
    [
        ("guid link title date", Match.GUID, Match.LINK, Match.TITLE_DATE),
        ("guid", Match.GUID, None, None),
        ("guid -link date", Match.GUID, Match.GUID, None),
        ("guid -link title -date", Match.GUID, Match.GUID, None),
        ("guid link -date", Match.GUID, Match.LINK, None),
        ("guid -link -date", None, None, None),
        ("guid* date", None, None, None),
        ("guid* link", None, Match.LINK, None),
        ("guid* link date", Match.GUID, Match.LINK, None),
        ("guid* link* date", None, None, None),
        ("guid* link* minute", Match.GUID, Match.LINK, Match.LINK),
        ("guid* link* title", Match.GUID, Match.LINK, Match.TITLE_DATE),
        ("guid* link* title -date", None, None, None),
        ("guid* title date", Match.GUID, None, Match.TITLE_DATE),
        ("guid* -link title date", Match.GUID, None, None),
        ("guid -link title date", Match.GUID, Match.GUID, Match.TITLE_DATE),
        ("link", None, Match.LINK, None),
        ("link -date", None, None, None),
        ("link title -date", None, Match.LINK, None),
        ("link* title date", None, Match.LINK, Match.TITLE_DATE),
        ("title date", None, None, Match.TITLE_DATE),
        ("title", None, None, None),
    ],
)
def test_an_item_is_known_by_its_name(
    names: str, guid: Match | None, link: Match | None, neither: Match | None
) -> None:
    answers = [by_name(mode, agreement(names)) for mode in (Mode.GUID, Mode.LINK, Mode.LINK_TITLE_DATE)]

    assert answers == [guid, link, neither]


@pytest.mark.parametrize(
    ("names", "match"),
    [
        ("link title -date", Match.LINK),
        ("link date", Match.LINK),
        ("link -date", None),
        ("link* date", None),
        ("link* minute", Match.LINK),
        ("-link title date", Match.TITLE_DATE),
        ("-link title date twin", None),
        ("-link title", None),
        ("-link minute", None),
    ],
)
def test_after_a_move_less_is_enough(names: str, match: Match | None) -> None:
    assert after_a_move(agreement(names)) is match
