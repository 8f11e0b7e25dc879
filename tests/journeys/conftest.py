"""Declares the marker of the campaigns: `-m "not journey"` leaves them out."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "journey: a campaign over real child processes, a minute or more")
