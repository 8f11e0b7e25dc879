"""Keys of programs: make one, end one, and see what each asked for."""

from datetime import timedelta
from typing import Final

from aiohttp import web

from hub.commands.add_key import KEY_ROLES, add_key
from hub.commands.end_key import end_key
from hub.locale import N_
from hub.rules.access import Permission, Role
from hub.store import consumers, roster
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, page
from hub.web.console.roles import ROLES
from hub.web.console.viewer import VIEWER
from hub.web.routes import get, post
from hub.web.site import SITE

#: Days over which use is counted on the page.
DAYS: Final = 30
NOTICES: Final = {"ended": N_("The key was ended.")}


async def keys(request: web.Request) -> web.Response:
    """All keys, with what they asked for lately."""
    return await _page(request)


async def add(request: web.Request) -> web.Response:
    """Make a key; the answer shows it, this once, and is kept nowhere."""
    form, engine = request[FORM], request.app[SITE].engine
    roles = [Role(each) for each in form.all("role") if each in set(KEY_ROLES)]
    made = await add_key(
        engine, form.text("name"), roles=roles, scope=form.text("scope"), member=form.text("member"),
        per_minute=form.small("per_minute") or 0, who=request[VIEWER].who,
    )  # fmt: skip
    return await _page(request, name=form.text("name"), made=made)


async def end(request: web.Request) -> web.Response:
    """End a key."""
    await end_key(request.app[SITE].engine, request.match_info["name"], who=request[VIEWER].who)
    return back(request, "/keys", done="ended")


async def _page(request: web.Request, *, name: str = "", made: str = "") -> web.Response:
    engine = request.app[SITE].engine
    since = (engine.store.now().astimezone(engine.zone) - timedelta(days=DAYS)).date().isoformat()
    use, names = await consumers.use(engine.store, since=since), await roster.names(engine.store)
    return page(
        request, "keys.html", notices=NOTICES, found=await consumers.listed(engine.store), use=use, days=DAYS,
        roles=KEY_ROLES, called=ROLES, names=names, members=list(names.items()), name=name,
        made=made,
    )  # fmt: skip


ROUTES = (
    get("/keys", keys, Permission.ACCOUNTS),
    post("/keys", add, Permission.ACCOUNTS),
    post("/keys/{name}/end", end, Permission.ACCOUNTS),
)
