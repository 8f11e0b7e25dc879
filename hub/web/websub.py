"""The callback of our WebSub subscriptions: hubs ask whether it was we who asked, and push what is new.

    GET  /websub/{token}   verification of intent: the challenge is echoed for what we asked, and for nothing else
    POST /websub/{token}   content distribution: kept when the signature is right; ignored, and counted, when it is not

The token is ours and random: it says which subscription is meant, and stands in no log. docs/adr/015 says how token and
secret are kept.
"""

import structlog
from aiohttp import web

from connectors.base import Capture
from connectors.websub import SUBSCRIBE, is_signed, read_intent
from hub.engine import Engine
from hub.rules import subscription as rules
from hub.rules.subscription import Verdict
from hub.store import receiving, subscribing
from hub.store.receiving import PutOff
from hub.store.states import SubscriptionState
from hub.store.subscribing import Subscription
from hub.web.bodies import Bodies, Unfit, UnfitBody
from hub.web.site import SITE

log = structlog.get_logger(__name__)

BODIES = web.AppKey("bodies", Bodies)
#: Header of a distribution: method and hexadecimal digest.
SIGNATURE = "X-Hub-Signature"
NEVER_KEPT = {"Cache-Control": "no-store"}


async def verify(request: web.Request) -> web.Response:
    """200 with the challenge as plain text, 200 for a denial, 404 for what we did not ask, 400 for no question."""
    engine = request.app[SITE].engine
    found = await subscribing.by_token(engine.store, request.match_info["token"])
    if found is None:
        return _answer(404)
    intent = read_intent(request.query)
    if intent is None:
        return _answer(400)
    now = engine.store.now()
    verdict = rules.judge(intent, found.asked, now)
    async with engine.store.unit() as unit:
        if verdict is Verdict.DENIED:
            await subscribing.denied(unit, found, due_at=now + rules.AFTER_DENIAL)
            return _answer(200)
        if verdict is Verdict.STRANGE:
            return _answer(404)
        if intent.mode == SUBSCRIBE and not await subscribing.confirmed(unit, found, rules.grant(intent.lease, now)):
            return _answer(404)
        if intent.mode != SUBSCRIBE:
            await subscribing.released(unit, found)
    # Plain text that nothing sniffs: a challenge may be a script.
    return web.Response(text=intent.challenge, content_type="text/plain", headers=NEVER_KEPT)


async def receive(request: web.Request) -> web.Response:
    """202 whether the signature is right or not; 404 for no callback, 410 for one that is over, 429 for too much.

    A body is answered for after it is kept; a hub that gets no answer sends it again.
    """
    engine = request.app[SITE].engine
    found = await subscribing.by_token(engine.store, request.match_info["token"])
    if found is None:
        return _answer(404)
    if found.state in (SubscriptionState.LEAVING, SubscriptionState.ENDED):
        return _answer(410)
    if not engine.has_room():
        return _answer(503, wait=3_600)
    bodies = request.app[BODIES]
    try:
        sent = await bodies.read(request)
        if not is_signed(found.secret, sent, request.headers.get(SIGNATURE, "")):
            return await _ignore(engine, found)
        body = await bodies.decoded(request, sent)
    except UnfitBody as error:
        return _answer(413 if error.why is Unfit.TOO_LARGE else 400)
    capture = Capture(
        url=found.topic, content_type=request.headers.get("Content-Type", ""), body=body,
        fetched_at=engine.store.now(), headers=_kept_headers(request),
    )  # fmt: skip
    taken = await receiving.distributed(engine.store, found, capture)
    return _answer(429, wait=taken.seconds) if isinstance(taken, PutOff) else _answer(202)


async def _ignore(engine: Engine, found: Subscription) -> web.Response:
    """As the Recommendation says: whoever guesses is not told that it was wrong."""
    log.warning("a push with a wrong signature was ignored", source=found.source)
    async with engine.store.unit() as unit:
        await subscribing.misused(unit, found)
    return _answer(202)


def _kept_headers(request: web.Request) -> dict[str, str]:
    kept = ((name, ", ".join(request.headers.getall(name, ()))) for name in ("content-language", "link"))
    return {name: value for name, value in kept if value}


def _answer(status: int, *, wait: float | None = None) -> web.Response:
    headers = NEVER_KEPT if wait is None else NEVER_KEPT | {"Retry-After": str(round(wait))}
    return web.Response(status=status, headers=headers)
