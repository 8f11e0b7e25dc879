"""What people write here passes the screens before it is stored, as what sources write does (hub/screened.py)."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.errors import HubError
from hub import secondgate
from hub.engine import Engine
from hub.screened import Screened, name_mark, screened
from hub.store import screening
from hub.store.screening import NewHit
from schemas.item import ItemBase


class MarkedTextError(HubError):
    """Somebody typed a text with a mark of a state secret: nothing of it is kept, the duty officer is told."""

    code = "marked_text"

    def __init__(self, who: str, rules: Sequence[str]) -> None:
        super().__init__(
            f"a text by {who} carries a mark ({', '.join(rules)})",
            sentence="Nội dung vừa nhập có dấu hiệu bí mật nhà nước nên hệ thống không lưu và đã báo người trực. Không"
            " nhập lại nội dung này vào hệ thống; hãy báo người phụ trách bảo vệ bí mật nhà nước của đơn vị.",
        )


async def judge(engine: Engine, item: ItemBase, *, source: str, member: str, who: str) -> Screened:
    """What the screens say of a text that somebody wrote. Raises MarkedTextError, after the alarm is recorded."""
    found = await asyncio.to_thread(screened, item, engine.screens.of(member))
    if found.purge:
        hit = NewHit(
            source=source, member=member, url=item.url, rules=found.rules, fingerprint=found.fingerprint, pointer=who
        )
        async with engine.store.unit() as unit:
            await screening.hit(unit, hit)
        raise MarkedTextError(who, found.rules)
    return found


async def judge_words(engine: Engine, texts: Mapping[str, str], *, who: str) -> None:
    """Screen words that belong to no item, like those of a report. Raises MarkedTextError, GateFailedError."""
    if rules := await secondgate.stopped(engine, texts):
        mark = name_mark("\n".join(texts.values()), engine.screens.key)
        async with engine.store.unit() as unit:
            await screening.hit(
                unit, NewHit(source="", member="", url="", rules=rules, fingerprint=mark, pointer=who)
            )  # fmt: skip
        raise MarkedTextError(who, rules)


def review_of(found: Screened, reason: str, sentence: str) -> Mapping[str, Any]:
    """Why the edition waits: what a screen found comes first, and is for the duty officer."""
    if not found.hold:
        return {"review": {"reason": reason, "sentence": sentence}}
    return {
        "review": {"reason": f"screen:{found.rules[0]}", "sentence": found.sentence},
        "screen": {"rules": found.rules, "fingerprint": found.fingerprint, "then": "held"},
    }
