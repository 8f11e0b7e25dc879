"""The database that these tests share is emptied between them."""

import pytest


@pytest.fixture
def pg_url(emptied_pg_url: str) -> str:
    return emptied_pg_url
