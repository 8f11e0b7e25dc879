"""What docs/howto/map-a-source.md shows works: the settings read the body below them into the items below that."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base import Capture, SourceContext
from connectors.parse.data.mapping import Fields
from connectors.parse.data.requests import Header, Paging
from connectors.registry import source_connector
from hub.settings import load_settings
from tests.docs.pages import DOCS, named, text

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PAGE = DOCS / "howto" / "map-a-source.md"
#: settings, body, what becomes of it
SHOWN = re.findall(
    r"^```toml\n(.*?)^```$.*?^```(json|xml|csv)\n(.*?)^```$.*?^```text\n(.*?)^```$", text(PAGE), re.M | re.S
)


def test_the_page_shows_every_format() -> None:
    assert [format for _, format, _, _ in SHOWN] == ["json", "xml", "csv"]


@pytest.mark.parametrize(("settings", "format", "body", "becomes"), SHOWN, ids=[shown[1] for shown in SHOWN])
def test_the_settings_make_of_the_body_what_the_page_says(
    settings: str, format: str, body: str, becomes: str, tmp_path: Path
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(settings, encoding="utf-8")
    [source] = load_settings(file).sources
    assert source.connector == format
    context = SourceContext(name=source.name, kind=source.kind, url=source.url)
    connector = source_connector(format).Connector(context, source.connector_config)
    capture = Capture(url=source.url, content_type="", body=body.encode(), fetched_at=NOW)
    split = connector.split(capture, frozenset(), NOW)
    made = [connector.normalise(record, capture) for record in split.records]
    assert not split.fallen
    assert not any(one.remarks for one in made)
    said = [f"item {one.item.guid}: {one.item.title}" for one in made]
    assert [*said, *(f"withdrawn {stone.guid}" for stone in split.tombstones)] == becomes.splitlines()


def test_every_field_and_every_key_of_paging_and_headers_is_on_the_page() -> None:
    assert set(Fields.model_fields) == named(PAGE, "Fields")
    assert set(Paging.model_fields) == named(PAGE, "Paging") - {"paging"}
    assert set(Header.model_fields) == named(PAGE, "A key of an API") - {"headers"}
