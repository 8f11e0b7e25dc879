"""What would a list of codes be, if the catalogue of a source were laid over it? Asks the source, stores nothing."""

from connectors.catalogues import Cataloguing
from connectors.errors import ConfigError
from connectors.http import Http
from hub.codes.catalogue import Updated, updated
from hub.queries import codes
from hub.settings import Settings
from hub.sources import source_in_force
from hub.store.unit import Store


async def fetch_catalogue(settings: Settings, store: Store, http: Http, name: str, source: str) -> Updated:
    """The list `name` with what the source's catalogue says, beside what is in force. The source may be switched off.

    Raises UnknownListError; ConfigError: `unknown_source`, `no_catalogue`; what a poll would raise.
    """
    before = await codes.in_force(store, name)
    found = next((one for one in settings.sources if one.name == source), None)
    if found is None:
        raise ConfigError(
            f"source {source[:100]!r} is not in the settings", code="unknown_source",
            sentence="Không có nguồn tin này trong settings.toml. Tên nguồn là khoá name của [[source]].",
        )  # fmt: skip
    in_force = source_in_force(found, settings, http)
    if not isinstance(in_force.source, Cataloguing):
        raise ConfigError(
            f"connector {found.connector} gives no catalogues", code="no_catalogue",
            sentence=f"Bộ kết nối «{found.connector}» không cung cấp danh mục. Hãy chọn một nguồn dùng bộ kết"
            " nối dvcqg.",
        )  # fmt: skip
    return updated(name, await in_force.source.catalogue(in_force.http, name), before)
