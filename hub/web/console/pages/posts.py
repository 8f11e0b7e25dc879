"""Posts that wait for a person: may it be shown there, and is it there after a call that nobody answered?"""

from typing import Final
from uuid import UUID

from aiohttp import web

from connectors.errors import HubError
from hub.commands.free import free
from hub.commands.posts import approve_post, confirm_post, refuse_post
from hub.commands.propose import propose_post
from hub.engine import Engine
from hub.locale import N_
from hub.queries.face import PreviewedFace, face
from hub.queries.posts import HeldPost, held_posts, unconfirmed_posts
from hub.rules.access import Permission
from hub.rules.two_persons import Matter
from hub.store.deciding import DecisionRefusedError
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, page
from hub.web.console.showing import shown
from hub.web.console.viewer import VIEWER
from hub.web.routes import get, post
from hub.web.site import SITE

#: Posts on a page: each has its face drawn.
PAGE: Final = 20
NOTICES: Final = {
    "approved": N_("It will be shown there."), "refused": N_("It will not be shown there."),
    "proposed": N_("Proposed. Another person has to confirm before anything happens."),
    "confirmed": N_("Noted: the destination shows it as it is wanted."),
    "again": N_("It will be sent again at once."),
}  # fmt: skip


async def posts(request: web.Request) -> web.Response:
    """What waits to be shown, each with its face."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    found = await held_posts(engine.store, scope=viewer.scope(), limit=PAGE + 1)
    faces = [await _face(engine, each) for each in found[:PAGE]]
    return page(
        request, "posts.html", notices=NOTICES, found=list(zip(found[:PAGE], faces, strict=True)),
        more=len(found) > PAGE, shown=shown, may=viewer.may(Permission.POST),
        connectors={name: place.connector for name, place in engine.destinations.items()},
        unconfirmed=len(await unconfirmed_posts(engine.store, scope=viewer.scope())),
    )  # fmt: skip


async def unconfirmed(request: web.Request) -> web.Response:
    """What may be there or not: somebody has to look."""
    viewer, store = request[VIEWER], request.app[SITE].engine.store
    found = await unconfirmed_posts(store, scope=viewer.scope())
    return page(
        request, "posts_unconfirmed.html", notices=NOTICES, found=found, may=viewer.may(Permission.POST),
        waiting=len(await held_posts(store, scope=viewer.scope())),
    )  # fmt: skip


async def _face(engine: Engine, waiting: HeldPost) -> PreviewedFace | None:
    """What a yes would show there: the edition that waits, whatever came since."""
    try:
        return await face(engine, UUID(waiting.content_id), waiting.destination, revision=waiting.revision)
    except HubError:  # the destination is not in the settings any more
        return None


async def approve(request: web.Request) -> web.Response:
    """Let it be shown; where the settings want two people, as the first of them."""
    engine, form, who = request.app[SITE].engine, request[FORM], request[VIEWER].who
    content_id, destination, revision = _named(request)
    why = form.text("why")[:1_000]
    if Matter.POSTS in engine.two_persons:
        await propose_post(engine, content_id, destination, revision=revision, who=who, why=why)
        return back(request, "/posts", done="proposed")
    await approve_post(engine, content_id, destination, revision=revision, who=who, why=why)
    return back(request, "/posts", done="approved")


async def refuse(request: web.Request) -> web.Response:
    """Do not show it there; a newer edition is asked about again."""
    content_id, destination, revision = _named(request)
    await refuse_post(
        request.app[SITE].engine, content_id, destination, revision=revision, who=request[VIEWER].who,
        why=request[FORM].text("why")[:1_000],
    )  # fmt: skip
    return back(request, "/posts", done="refused")


async def confirm(request: web.Request) -> web.Response:
    """Somebody has looked: it is there."""
    form = request[FORM]
    content_id, destination, _ = _named(request)
    await confirm_post(
        request.app[SITE].engine, content_id, destination, remote_id=form.text("remote_id")[:300],
        who=request[VIEWER].who, why=form.text("why")[:1_000],
    )  # fmt: skip
    return back(request, "/posts/unconfirmed", done="confirmed")


async def again(request: web.Request) -> web.Response:
    """Somebody has looked: it is not there, so it is sent once more."""
    content_id, destination, _ = _named(request)
    engine, viewer = request.app[SITE].engine, request[VIEWER]
    waiting = await unconfirmed_posts(engine.store, content_id=content_id)
    found = [each.delivery for each in waiting if each.destination == destination]
    if not found or not await free(engine, found, who=viewer.who):
        raise DecisionRefusedError(
            "nothing waits", sentence="Nội dung này không còn chờ xác nhận: đã có người xử lý, hoặc đang được gửi lại."
        )
    return back(request, "/posts/unconfirmed", done="again")


def _named(request: web.Request) -> tuple[UUID, str, int]:
    """What the form is about: item, destination and the revision that was looked at."""
    form = request[FORM]
    try:
        return UUID(form.text("content_id")), form.text("destination")[:200], form.small("revision") or 0
    except ValueError:
        raise web.HTTPBadRequest from None


ROUTES = (
    get("/posts", posts, Permission.READ),
    get("/posts/unconfirmed", unconfirmed, Permission.READ),
    post("/posts/approve", approve, Permission.POST),
    post("/posts/refuse", refuse, Permission.POST),
    post("/posts/confirm", confirm, Permission.POST),
    post("/posts/again", again, Permission.POST),
)
