"""Idempotency-Key: a request that is sent again, because its answer was lost, is answered as the first time.

Most commands are fenced by what they change and refuse a second time by themselves; a replay and a free are not.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from hub.store import repeating
from hub.web.api.operation import Call, Operation
from hub.web.api.problems import Refused

HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")


async def answered_once(
    call: Call[Any, Any, Any], operation: Operation, answer: Callable[[], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The answer of a POST; that of an earlier one, where the same caller sent the same with this key before.

    What is refused or fails did nothing, is forgotten and may be sent again. Where time ran out nobody knows what was
    done: whoever repeats that is told to look first. Raises Refused: `bad_parameter`, `repeat_differs`,
    `repeat_in_progress`.
    """
    key = call.request.headers.get(HEADER)
    if key is None or operation.method != "POST" or not call.caller.who:
        return await answer()
    if not _KEY.fullmatch(key):
        raise Refused("bad_parameter", errors=[{"where": HEADER, "what": "1 to 200 visible ASCII characters"}])
    who, sent = call.caller.who, _digest(call, operation)
    async with call.store.unit() as unit:
        earlier = await repeating.begin(unit, who, key, sent)
    if earlier is not None:
        return _again(earlier, sent)
    try:
        response = await answer()
    except Exception:  # a cancellation may have come behind the commit
        async with call.store.unit() as unit:
            await repeating.forget(unit, who, key)
        raise
    body = response.body if isinstance(response, web.Response) else b""
    async with call.store.unit() as unit:
        await repeating.finish(unit, who, key, response.status, body.decode() if isinstance(body, bytes) else "")
    return response


def _again(earlier: repeating.Earlier, sent: str) -> web.Response:
    if earlier.request_sha256 != sent:
        raise Refused("repeat_differs")
    if not earlier.status:
        raise Refused("repeat_in_progress")
    return web.Response(
        status=earlier.status, body=earlier.body.encode(),
        headers={"Content-Type": "application/json", "Cache-Control": "no-store", "Idempotency-Replayed": "true"},
    )  # fmt: skip


def _digest(call: Call[Any, Any, Any], operation: Operation) -> str:
    body = operation.body.dump_json(call.body) if operation.body is not None else b""
    return hashlib.sha256(f"{operation.method} {call.request.path}\n".encode() + body).hexdigest()
