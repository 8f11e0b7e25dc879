"""Approvals that are planned for a later hour, and plans that came to nothing and need a person."""

from typing import Final

from aiohttp import web

from hub.queries.planned import planned
from hub.rules.access import Permission
from hub.store.states import PlanState
from hub.web.console import asking
from hub.web.console.rendering import page
from hub.web.console.viewer import VIEWER
from hub.web.routes import get
from hub.web.site import SITE

#: Plans on a page, the earliest first.
PAGE: Final = 200


async def plans(request: web.Request) -> web.Response:
    """What is planned, or with ?state=void what came to nothing."""
    store, scope = request.app[SITE].engine.store, request[VIEWER].scope()
    state = PlanState.VOID if asking.word(request, "state") == PlanState.VOID else PlanState.WAITING
    void = await planned(store, scope, state=PlanState.VOID, limit=PAGE)
    waiting = await planned(store, scope, state=PlanState.WAITING, limit=PAGE)
    return page(
        request, "plans.html", void=void, waiting=waiting, state=state,
        found=void if state is PlanState.VOID else waiting,
    )  # fmt: skip


ROUTES: Final = (get("/plans", plans, Permission.READ),)
