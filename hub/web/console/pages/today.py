"""Today: what needs a person, each with a number that opens the list of that length; below, the figures of the day."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from hub.locale import N_
from hub.queries.figures import FIGURES, Figures, figures
from hub.queries.signs import Noticed
from hub.queries.today import today
from hub.rules.access import EVERYWHERE, Permission
from hub.web.console.charts import Chart, chart
from hub.web.console.rendering import page, texts_of
from hub.web.console.viewer import VIEWER
from hub.web.console.words import ENDPOINTS, KINDS, SIDES, tone
from hub.web.routes import get
from hub.web.site import SITE

NOTICED: Final = web.AppKey("NOTICED", Noticed)
#: Names of quiet sources, and signs, that are told; the number tells the rest.
QUIET: Final = 8


@dataclass(frozen=True, slots=True)
class Line:
    """What one sort of work is called, and where its list is."""

    label: str
    path: str
    tone: str
    permission: Permission = Permission.READ
    hint: str = ""


#: In the order of urgency.
LINES: Final = {
    "alarms": Line(N_("Secrecy alarms that nobody has confirmed"), "/screen", "bad", Permission.SCREEN,
                   N_("Texts with a mark of a state secret were found and removed.")),
    "restricted": Line(N_("Held by the screens"), "/screen", "bad", Permission.SCREEN,
                       N_("Only the duty officer sees their text.")),
    "held_long": Line(N_("Waiting for review for more than a day"), "/queue?days=1", "bad"),
    "runs": Line(N_("Runs that the guard holds"), "/aside?part=runs", "bad", Permission.OPERATE,
                 N_("A source changed more at once than it ever does.")),
    "void": Line(N_("Planned approvals that came to nothing"), "/plans?state=void", "bad", Permission.READ,
                 N_("A newer edition came, or somebody decided otherwise.")),
    "proposals": Line(N_("Decisions that wait for a second person"), "/proposals", "warn"),
    "overdue": Line(N_("Tasks by hand that are overdue"), "/tasks?state=overdue", "bad"),
    "unconfirmed": Line(N_("Posts of which nobody knows whether they are there"), "/posts/unconfirmed", "warn",
                        Permission.READ, N_("Look at the destination, then say what you saw.")),
    "late": Line(N_("Deliveries late by more than 15 minutes"), "/late", "warn"),
    "conflicts": Line(N_("Edited items that changed at their source"), "/queue?reason=edited_by_person", "warn"),
    "held": Line(N_("Waiting for review"), "/queue", "warn"),
    "posts": Line(N_("Posts waiting for a yes"), "/posts", "warn"),
    "tasks": Line(N_("Tasks by hand"), "/tasks", "calm"),
    "dead": Line(N_("Deliveries that were refused or set aside"), "/aside?untold=no", "warn", Permission.OPERATE),
    "unread": Line(N_("Captures that could not be read"), "/aside?part=captures&state=dead", "warn", Permission.OPERATE,
                   N_("A defect of the hub: tell whoever looks after the program.")),
}  # fmt: skip

TITLES: Final = {
    "new": N_("New items"), "approved": N_("Approved editions"), "delivered": N_("Confirmed deliveries"),
    "withdrawn": N_("Withdrawn"),
}  # fmt: skip


def set_up(app: web.Application) -> None:
    """What is noticed early is asked for once in a while, however many look."""
    app[NOTICED] = Noticed(app[SITE].engine)


async def front(request: web.Request) -> web.Response:
    """What needs a person now."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    found = await today(
        engine.store, engine.zone, scope=viewer.scope(), screen=viewer.scope(Permission.SCREEN)
    )  # fmt: skip
    counted = await figures(engine.store, engine.zone, scope=viewer.scope())
    early = await request.app[NOTICED].within(viewer.scope())
    needs = {need.what: need for need in found.needs}
    shown = [(line, needs[what]) for what, line in LINES.items() if what in needs and viewer.may(line.permission)]
    return page(
        request, "today.html", now=engine.store.now(), needs=shown, troubles=found.troubles, quiet=found.quiet[:QUIET],
        quiet_more=max(len(found.quiet) - QUIET, 0), signs=early[:QUIET], signs_more=max(len(early) - QUIET, 0),
        whole=viewer.scope() == EVERYWHERE, figures=counted,
        charts=_charts(request, counted), titles=TITLES, order=FIGURES, kinds=KINDS, sides=SIDES,
        endpoints=ENDPOINTS, tone=tone,
    )  # fmt: skip


def _charts(request: web.Request, counted: Figures) -> list[Chart]:
    texts = texts_of(request)
    days = [day.strftime("%d/%m") for day in counted.days]
    drawn = []
    for figure, title in TITLES.items():
        points = list(zip(days, counted.by_day[figure], strict=True))
        said = texts("%(title)s a day for 14 days; %(n)s today", title=texts(title), n=points[-1][1])
        drawn.append(chart(texts(title), points, said))
    return drawn


ROUTES = (get("/", front, Permission.READ),)
