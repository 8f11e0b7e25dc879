"""End the key of a program: it is worth nothing from the next request on."""

from hub.commands.add_key import KeyRefusedError
from hub.engine import Engine
from hub.store import consumers


async def end_key(engine: Engine, name: str, *, who: str) -> None:
    """End a key. Raises KeyRefusedError when there is no such one in force."""
    async with engine.store.unit() as unit:
        ended = await consumers.end(unit, name, by=who)
    if not ended:
        raise KeyRefusedError(
            f"no key {name[:60]} in force",
            sentence=f"Không có khoá «{name[:60]}» đang dùng. Xem danh sách khoá hiện có.",
        )
