"""What the screens found: alarms without a text, holds that the duty officer alone reads, recalls with their proof."""

from typing import Final
from uuid import UUID

from aiohttp import web

from hub.commands.recall import recall
from hub.commands.release_hold import reject_hold, release_hold
from hub.commands.see_alarm import see_alarm
from hub.locale import N_
from hub.queries.alarms import alarms, unseen_alarms
from hub.queries.recalls import Standing, recalls
from hub.queries.screen_holds import count_screen_holds, held_text, screen_holds
from hub.rules.access import Permission
from hub.store import deciding
from hub.web.console.asking import content_id as content_id_of
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, page
from hub.web.console.showing import shown
from hub.web.console.viewer import VIEWER
from hub.web.routes import get, post
from hub.web.site import SITE

#: Rows on a page.
PAGE: Final = 100
NOTICES: Final = {
    "seen": N_("Noted that you have seen the alarm."), "released": N_("It goes on."),
    "proposed": N_("Proposed. Another person has to confirm before anything happens."),
    "rejected": N_("It will not be public."), "recalled": N_("It is being taken back everywhere."),
}  # fmt: skip
STANDINGS: Final = {
    Standing.PROVEN: (N_("Gone, confirmed"), "good"), Standing.NEVER: (N_("Never shown there"), "good"),
    Standing.PENDING: (N_("On its way"), "warn"), Standing.BY_HAND: (N_("An officer has to remove it"), "warn"),
    Standing.UNKNOWN: (N_("Nobody knows whether it is gone"), "bad"),
    Standing.REFUSED: (N_("Refuses to take it back"), "bad"),
    Standing.READ: (N_("Mails that were sent cannot be called back"), "warn"),
    Standing.COPIES: (N_("Readers' programs may keep copies for a while"), "calm"),
}  # fmt: skip


async def overview(request: web.Request) -> web.Response:
    """Alarms that nobody has looked at, and what waits for the duty officer."""
    scope, store = request[VIEWER].scope(Permission.SCREEN), request.app[SITE].engine.store
    everything = request.query.get("all") == "1"
    return page(
        request, "screen.html", notices=NOTICES, everything=everything,
        alarms=await alarms(store, scope=scope, everything=everything, limit=PAGE),
        holds=await screen_holds(store, scope=scope, limit=PAGE),
        counts=(await unseen_alarms(store, scope=scope), await count_screen_holds(store, scope=scope)),
    )  # fmt: skip


async def hold(request: web.Request) -> web.Response:
    """One held text, with the numbers of identity papers covered; nobody else reads it."""
    found = await held_text(
        request.app[SITE].engine.store, content_id_of(request), scope=request[VIEWER].scope(Permission.SCREEN)
    )
    if found is None:
        raise web.HTTPNotFound
    return page(request, "screen_hold.html", notices=NOTICES, found=found, text=shown(found.content_html))


async def recalled(request: web.Request) -> web.Response:
    """How far every place is with taking an item back."""
    content_id = await _permitted(request, content_id_of(request))
    found = await recalls(request.app[SITE].engine.store, content_id)
    if not found:
        raise web.HTTPNotFound
    return page(request, "screen_recall.html", notices=NOTICES, found=found[0], standings=STANDINGS)


async def saw(request: web.Request) -> web.Response:
    """The duty officer looked at an alarm."""
    viewer, engine, number = request[VIEWER], request.app[SITE].engine, int(request.match_info["alarm"])
    if not await alarms(engine.store, scope=viewer.scope(Permission.SCREEN), everything=True, number=number):
        raise web.HTTPNotFound
    await see_alarm(engine, number, who=viewer.who)
    return back(request, "/screen", done="seen")


async def release(request: web.Request) -> web.Response:
    """Let it go on to ordinary review, or to the public where its source is published unseen."""
    content_id, form = await _permitted(request, content_id_of(request)), request[FORM]
    done = await release_hold(
        request.app[SITE].engine, content_id, revision=form.small("revision"), who=request[VIEWER].who,
        why=form.text("why")[:1_000],
    )  # fmt: skip
    return back(request, "/screen", done="released" if done else "proposed")


async def reject(request: web.Request) -> web.Response:
    """It will not be public."""
    content_id, form = await _permitted(request, content_id_of(request)), request[FORM]
    await reject_hold(
        request.app[SITE].engine, content_id, revision=form.small("revision"), who=request[VIEWER].who,
        why=form.text("why")[:1_000],
    )  # fmt: skip
    return back(request, "/screen", done="rejected")


async def take_back(request: web.Request) -> web.Response:
    """Recall an item: gone everywhere it ever went, with proof."""
    content_id, form = await _permitted(request, content_id_of(request)), request[FORM]
    await recall(
        request.app[SITE].engine, content_id, reason=form.text("why")[:1_000], who=request[VIEWER].who
    )  # fmt: skip
    return back(request, f"/screen/recalls/{content_id}", done="recalled")


async def _permitted(request: web.Request, content_id: UUID) -> UUID:
    """The item, when it lies where the viewer is the duty officer."""
    edition = await deciding.decidable(request.app[SITE].engine.store, content_id, None)
    request[VIEWER].demand(Permission.SCREEN, edition.member)
    return content_id


_ITEM: Final = "{content_id:[0-9a-f-]{36}}"
ROUTES: Final = (
    get("/screen", overview, Permission.SCREEN),
    get(f"/screen/holds/{_ITEM}", hold, Permission.SCREEN),
    get(f"/screen/recalls/{_ITEM}", recalled, Permission.SCREEN),
    post("/screen/alarms/{alarm:[0-9]{1,9}}/seen", saw, Permission.SCREEN),
    post(f"/screen/holds/{_ITEM}/release", release, Permission.SCREEN),
    post(f"/screen/holds/{_ITEM}/reject", reject, Permission.SCREEN),
    post(f"/screen/recalls/{_ITEM}", take_back, Permission.SCREEN),
)
