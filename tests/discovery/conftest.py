"""A member site that may be dialled, and settings that know of nobody."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.http import Http
from hub.settings import Settings, load_settings
from tests.fakes.site import Site

AGENT = "provincial-hub/0.1 (+mailto:banbientap@tinhmau.gov.vn)"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A file with two members and no source."""
    file = tmp_path / "settings.toml"
    file.write_text(
        '[hub]\nname = "Tỉnh Mẫu"\n[[member]]\ncode = "H52.1"\nname = "Sở Y tế"\n[[member]]\ncode = "H52.2"\n'
        'name = "Sở Nội vụ"\nhome = "https://sonoivu.tinhmau.gov.vn"\n',
        "utf-8",
    )
    return load_settings(file)


@pytest.fixture
async def http(site: Site) -> AsyncIterator[Http]:
    """A client that may dial the site, and is in no hurry to be polite to ourselves."""
    async with Http(user_agent=AGENT, allow_private=site.doors) as http:
        yield http
