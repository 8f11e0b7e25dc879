"""Decisions that take two: what waits for a second person, to be confirmed or declined."""

from typing import Final

from aiohttp import web

from hub.commands.propose import confirm, decline
from hub.locale import N_
from hub.queries.proposals import proposals
from hub.rules.access import Permission
from hub.rules.two_persons import Matter, is_second
from hub.store import seconding
from hub.store.seconding import Proposed
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, page
from hub.web.console.viewer import VIEWER
from hub.web.console.words import WITHDRAWALS
from hub.web.routes import get, post
from hub.web.site import SITE

NOTICES: Final = {"confirmed": N_("Confirmed and done."), "declined": N_("Declined; nothing happened.")}
MATTERS: Final = {"withdrawals": N_("Withdrawal"), "posts": N_("Post"), "screen": N_("Screen")}
#: What the second person must be allowed to do.
DEMANDS: Final = {
    Matter.WITHDRAWALS: Permission.WITHDRAW, Matter.POSTS: Permission.POST, Matter.SCREEN: Permission.SCREEN,
    Matter.EDITS: Permission.APPROVE,
}  # fmt: skip


async def listing(request: web.Request) -> web.Response:
    """What waits, oldest first."""
    viewer = request[VIEWER]
    waiting = await proposals(request.app[SITE].engine.store, viewer.scope())
    return page(
        request, "proposals.html", notices=NOTICES, waiting=waiting, matters=MATTERS, withdrawals=WITHDRAWALS,
        may={each.id: viewer.may(DEMANDS[each.matter], each.member) for each in waiting},
        mine={each.id: not is_second(each.who, viewer.who) for each in waiting},
    )  # fmt: skip


async def agree(request: web.Request) -> web.Response:
    """Do what another person proposed."""
    found = await _open(request)
    await confirm(request.app[SITE].engine, found.id, who=request[VIEWER].who, why=request[FORM].text("why")[:1_000])
    return back(request, "/proposals", done="confirmed")


async def refuse(request: web.Request) -> web.Response:
    """Say no, or take the own proposal back."""
    found = await _open(request)
    await decline(request.app[SITE].engine, found.id, who=request[VIEWER].who, why=request[FORM].text("why")[:1_000])
    return back(request, "/proposals", done="declined")


async def _open(request: web.Request) -> Proposed:
    """The proposal, for whoever may do what it is about; one that is decided leads to the words of the command."""
    number = int(request.match_info["proposal"])
    found = await seconding.read(request.app[SITE].engine.store, number)
    if found is None:
        raise seconding.not_open(number)
    request[VIEWER].demand(DEMANDS[found.matter], found.member)
    return found


ROUTES: Final = (
    get("/proposals", listing, Permission.READ),
    post(r"/proposals/{proposal:\d{1,18}}/confirm", agree, Permission.READ),
    post(r"/proposals/{proposal:\d{1,18}}/decline", refuse, Permission.READ),
)
