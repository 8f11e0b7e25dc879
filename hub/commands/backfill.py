"""Fetch what a source published before the hub knew it; the walk goes on in the background and survives restarts."""

from datetime import date

from connectors.base import Walker
from connectors.errors import ConfigError
from connectors.parse.url import host_of
from hub.engine import Engine
from hub.store import walks


async def backfill(engine: Engine, source: str, since: date, *, who: str) -> bool:
    """Begin to walk back to `since`. Returns False when that very walk is under way.

    Raises ConfigError for a source that there is not, or that shows no history.
    """
    known = engine.sources.get(source)
    if known is None:
        raise ConfigError(
            f"source {source[:100]!r} is not in the settings",
            code="unknown_source",
            sentence="Không có nguồn tin này trong settings.toml. Tên nguồn là khoá name của [[source]].",
        )
    if not isinstance(known.source, Walker):
        raise ConfigError(
            f"connector {known.connector} shows no history",
            code="no_history",
            sentence=f"Bộ kết nối «{known.connector}» chỉ cho các tin mới nhất, không có trang cũ để thu bù."
            " Hãy khai báo thêm một nguồn kiểu listing hoặc sitemap của cùng cổng rồi thu bù từ nguồn đó.",
        )
    async with engine.store.unit() as unit:
        return await walks.begin(unit, source, host_of(known.context.url) or source, since, who=who)


async def stop_backfill(engine: Engine, source: str, *, who: str) -> bool:
    """End the walk of a source; what it brought stays. Returns False when none runs."""
    async with engine.store.unit() as unit:
        return await walks.stop(unit, source, who=who)
