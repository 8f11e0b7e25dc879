"""Add a source from an address: what the site has is found out, one proposal is taken, the entry is written.

/sources/new ──POST address──> /sources/new/TOKEN (looks again until it is found) ──POST choice──> /sources/NAME
"""

from functools import partial
from typing import Final
from urllib.parse import quote

from aiohttp import web

from hub.commands.add_source import NotWritableError, add_source
from hub.discover import UNKNOWN_MEMBER, discover, entry, newest
from hub.rules.access import Permission
from hub.settings.writing import table
from hub.store.deciding import DecisionRefusedError
from hub.web.console import technical, words
from hub.web.console.asking import word
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, page
from hub.web.console.searches import SEARCHES, Search, keep_searches
from hub.web.console.viewer import VIEWER
from hub.web.routes import get, post
from hub.web.site import SITE

#: Characters of an address that is looked at.
LONGEST: Final = 2_000
#: Newest items of a proposal that are shown.
SHOWN: Final = 6


async def ask(request: web.Request) -> web.Response:
    """Which address?"""
    return _shown(request)


async def begin(request: web.Request) -> web.Response:
    """Begin to look at a site; the page that follows waits for it."""
    viewer, engine, form = request[VIEWER], request.app[SITE].engine, request[FORM]
    url = form.text("url")[:LONGEST]
    if not url:
        return back(request, "/sources/new")
    work = partial(discover, engine.register.settings, url, engine.http, reader=engine.reader)
    token = request.app[SEARCHES].begin(viewer.who, url, engine.store.now(), work)
    return back(request, f"/sources/new/{token}")


async def look(request: web.Request) -> web.Response:
    """What was found so far."""
    token = request.match_info["token"]
    search = request.app[SEARCHES].of(token, request[VIEWER].who)
    if search is None:  # another process has it, or half an hour is over: it is begun anew
        return back(request, "/sources/new")
    return _shown(request, token, search)


def _shown(
    request: web.Request, token: str = "", search: Search | None = None, *, problem: str = "", paste: str = ""
) -> web.Response:  # fmt: skip
    viewer, found = request[VIEWER], search.found if search else None
    known = request.app[SITE].engine.register.settings.members
    return page(
        request, "source_new.html", search=search, found=found, token=token, problem=problem, paste=paste,
        failure=search.failure if search else None, url=search.url if search else word(request, "url"),
        newest=[newest(each, SHOWN) for each in found.findings.proposals] if found else [],
        may_sign=any(viewer.may(Permission.APPROVE, each.code) for each in known),
        owner=found.member if found and found.member != UNKNOWN_MEMBER else "",
        members=[(each.code, each.name) for each in known if viewer.may(Permission.OPERATE, each.code)],
        technical=technical, words=words,
    )  # fmt: skip


async def add(request: web.Request) -> web.Response:
    """Write the entry of the proposal that was chosen."""
    viewer, engine, form = request[VIEWER], request.app[SITE].engine, request[FORM]
    token = request.match_info["token"]
    search = request.app[SEARCHES].of(token, viewer.who)
    if search is None or search.found is None:
        return back(request, "/sources/new")
    proposals = search.found.findings.proposals
    chosen = form.number("proposal")
    if chosen is None or chosen >= len(proposals):
        raise web.HTTPBadRequest
    member = form.text("member")
    viewer.demand(Permission.OPERATE, member)
    review = "auto" if form.text("review") == "auto" else "hold"
    if review == "auto" and not viewer.may(Permission.APPROVE, member):
        raise DecisionRefusedError(
            "who may not approve signs no standing approval", code="auto_not_permitted",
            sentence="Đặt nguồn tự động duyệt là duyệt trước mọi bài của nguồn, nên chỉ người có quyền duyệt bài của"
            " đơn vị này mới được chọn. Hãy chọn «phải duyệt»; người có quyền có thể đổi sau.",
        )  # fmt: skip
    keys = entry(proposals[chosen], name=form.text("name"), member=member, review=review)
    try:
        added = await add_source(engine, keys, who=viewer.who, why=form.text("why")[:1000])
    except NotWritableError as error:
        return _shown(request, token, search, problem=error.sentence, paste=table("[[source]]", keys))
    if not added.in_force:
        return back(request, "/sources", done="written")
    return back(request, f"/sources/{quote(added.name)}", done="added")


ROUTES = (
    get("/sources/new", ask, Permission.OPERATE),
    post("/sources/new", begin, Permission.OPERATE),
    get("/sources/new/{token}", look, Permission.OPERATE),
    post("/sources/new/{token}", add, Permission.OPERATE),
)
set_up = keep_searches
