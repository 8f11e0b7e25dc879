"""The hub of the duties, as its own tests have it."""

from tests.duties.conftest import book, clock, hub, pg_url

__all__ = ["book", "clock", "hub", "pg_url"]
