"""A province whose one source, `tin`, is routed to its portal."""

from collections.abc import AsyncIterator

import pytest

from hub.app import Hub
from tests.province import Province, rss


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """The open hub of `province`; the source `tin` shows an empty list until a test says otherwise."""
    province.source("tin", rss())
    province.route(province.destination())
    async with province.open() as hub:
        yield hub
