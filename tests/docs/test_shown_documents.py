"""What docs/howto/connect-documents.md shows works: the settings make typed documents of the table below them."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

from connectors.base import Capture, SourceContext
from connectors.parse.legal import PARTS
from connectors.registry import source_connector
from hub.settings import load_settings
from schemas.document import Document, Validity
from schemas.item import ItemBase
from tests.docs.pages import DOCS, named, text

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PAGE = DOCS / "howto" / "connect-documents.md"


def test_the_register_on_the_page_becomes_documents(tmp_path: Path) -> None:
    [(settings, body)] = re.findall(r"^```toml\n(.*?)^```$\s*^```csv\n(.*?)^```$", text(PAGE), re.M | re.S)
    file = tmp_path / "settings.toml"
    file.write_text(settings, encoding="utf-8")
    [source] = load_settings(file).sources
    context = SourceContext(name=source.name, kind=source.kind, url=source.url)
    connector = source_connector(source.connector).Connector(context, source.connector_config)
    capture = Capture(url=source.url, content_type="", body=body.encode(), fetched_at=NOW)
    made = [connector.normalise(one, capture) for one in connector.split(capture, frozenset(), NOW).records]
    first, second = (one.item for one in made)
    assert not any(one.remarks for one in made)
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert (first.number, first.effective, first.validity) == (
        "15/2024/QĐ-UBND", date(2024, 11, 20), Validity.IN_FORCE,
    )  # fmt: skip
    assert (first.signer.name, first.signer.position) == ("Nguyễn Văn Mẫu", "Chủ tịch")
    assert first.issuer.name == second.issuer.name == "Ủy ban nhân dân tỉnh Mẫu"
    assert (second.number, second.further_numbers) == ("01/NQ-HĐND", ("02/NQ-HĐND",))


def test_the_page_names_only_fields_that_exist_and_every_part() -> None:
    shown = named(PAGE, "Registers: XML, JSON, tables")
    assert shown - {"separator"} <= set(Document.model_fields) - set(ItemBase.model_fields) | set(PARTS)
    assert set(PARTS) <= shown
