"""The second gate: what is about to leave is screened once more, by the rules of today, right before it goes.

It was screened when it was stored. Which rules were in force then must not decide what readers get, and no role, import
or replay leads around this one (docs/security/invariants.md, I4).
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final

import orjson
import structlog

from connectors.base import Payload
from connectors.errors import Fault, RejectedError
from hub.engine import Engine
from hub.rules.identity import keys_of
from hub.rules.screen.fingerprint import fingerprint
from hub.rules.screen.screen import screen_texts
from hub.rules.screen.terms import Terms
from hub.screened import FAILED, name_mark
from hub.store.screening import NewHit
from schemas.edition import PublishedItem
from schemas.item import ItemBase

#: Characters from which the screen is run beside the event loop.
LONG: Final = 50_000
#: What stands at a delivery or mail that the gate stopped.
SENTENCE: Final = (
    "Nội dung có dấu hiệu bí mật nhà nước nên hệ thống không gửi, đã xoá nội dung và gỡ ở mọi nơi đã gửi. Người trực"
    " cần xem báo động (hub alarms)."
)

log = structlog.get_logger(__name__)


class GateFailedError(RejectedError):
    """The gate could not tell whether this may leave; it stays here until a person looks."""

    code = FAILED
    fault = Fault.HUB


async def stopped(engine: Engine, texts: Mapping[str, str]) -> tuple[str, ...]:
    """The rules of the secrecy screen that these texts hit; empty: they may leave. Raises GateFailedError."""
    try:
        if sum(map(len, texts.values())) > LONG:
            return await asyncio.to_thread(_rules, texts, engine.screens.terms)
        return _rules(texts, engine.screens.terms)
    except Exception as error:  # fails closed, and its text may quote what was screened
        log.error("defect in the gate", error=type(error).__name__)
        raise GateFailedError(
            f"{type(error).__name__} in the gate",
            sentence="Phần mềm không kiểm tra được nội dung trước khi gửi nên không gửi; nơi nhận không có lỗi. Hãy báo"
            " bộ phận kỹ thuật kèm mã nội dung.",
        ) from None


def _rules(texts: Mapping[str, str], terms: Terms) -> tuple[str, ...]:
    verdict = screen_texts(texts, terms)
    return verdict.rules if verdict.purge else ()


def texts_of(edition: PublishedItem, payload: Payload) -> dict[str, str]:
    """Every text of what is about to leave, by where it stands: of the edition, and what a destination made of it."""
    texts = dict(_leaves(edition.model_dump(mode="json"), ""))
    try:
        texts |= dict(_leaves(orjson.loads(payload.body), "payload"))
    except orjson.JSONDecodeError:
        texts["payload"] = payload.body.decode("utf-8", "replace")
    texts["payload_title"] = payload.title
    return {name: text for name, text in texts.items() if text}


def _leaves(value: object, where: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield where, value
        case dict():
            for name, each in value.items():
                yield from _leaves(each, f"{where}.{name}" if where else str(name))
        case list():
            for place, each in enumerate(value):
                yield from _leaves(each, f"{where}.{place}")


def sent_hit(engine: Engine, edition: PublishedItem, item: ItemBase, rules: tuple[str, ...]) -> NewHit:
    """What the gate found in an edition, as it is recorded."""
    key = engine.screens.key
    return NewHit(
        found="sending", source=edition.source, member=edition.member, url=edition.url, rules=rules,
        fingerprint=fingerprint(item, key), names=tuple(name_mark(name, key) for name in keys_of(item)),
        content_ids=(edition.content_id,),
    )  # fmt: skip
