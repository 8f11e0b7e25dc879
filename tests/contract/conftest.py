"""Lets a failing check show what it compared: checks are no test modules, but speak like them."""

import pytest

pytest.register_assert_rewrite(
    "tests.contract.body_checks",
    "tests.contract.clean",
    "tests.contract.config_checks",
    "tests.contract.elsewhere",
    "tests.contract.record_checks",
    "tests.contract.site_checks",
    "tests.contract.subjects",
    "tests.contract.visits",
)
