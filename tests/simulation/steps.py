"""What can happen in a step of a history: at sites, at places, to people, to the process."""

from typing import Final
from uuid import UUID

from hub.commands.approve import approve
from hub.commands.edit import edit
from hub.commands.reject import reject
from hub.commands.withdraw import withdraw
from hub.engine import Engine
from hub.rules.editing import Changes
from tests.simulation.history import History, Steps
from tests.simulation.places import FAULTS
from tests.simulation.rows import Row
from tests.simulation.sites import LIES, Site

#: Who decides.
WHO: Final = "bien-tap"


# --------------------------------------------------------------------------------------------------------------- sites


async def publish(history: History) -> None:
    """A member publishes something."""
    _site(history).add()


async def publish_secret(history: History) -> None:
    """A member publishes what is marked, or marks what it has published."""
    site = _site(history)
    if history.rng.random() < 0.5 and (known := site.shown()):
        article = history.rng.choice(known)
        article.secret, site.changed_at = True, history.loop.time()
    else:
        site.add(secret=True)


async def rewrite(history: History) -> None:
    """A member corrects a story, or goes back to an earlier wording."""
    site = _site(history)
    if known := site.shown():
        article = history.rng.choice(known)
        if article.texts > 1 and history.rng.random() < 0.3:
            article.text = history.rng.randint(1, article.texts)
        else:
            article.texts = article.text = article.texts + 1
        site.changed_at = history.loop.time()


async def list_otherwise(history: History) -> None:
    """A story leaves the list without a word, or comes back to it."""
    site = _site(history)
    if site.articles:
        article = history.rng.choice(site.articles)
        article.listed = not article.listed
        site.changed_at = history.loop.time()


async def take_back(history: History) -> None:
    """A member says that a story is gone, or that it is there again."""
    site = history.rng.choice([site for site in history.sites if site.kind == "atom"])
    if site.articles:
        article = history.rng.choice(site.articles)
        article.gone = not article.gone
        if not article.gone and history.rng.random() < 0.5:
            article.texts = article.text = article.texts + 1
        site.changed_at = history.loop.time()


async def lie(history: History) -> None:
    """The next polls of a site go wrong."""
    _site(history).lies.extend(history.rng.choices(LIES, k=history.rng.randint(1, 3)))


def _site(history: History) -> Site:
    return history.rng.choice(history.sites)


# -------------------------------------------------------------------------------------------------------------- places


async def weather(history: History) -> None:
    """The next calls of a place go wrong."""
    history.rng.choice(history.places).weather.extend(history.rng.choices(FAULTS, k=history.rng.randint(1, 6)))


async def outage(history: History) -> None:
    """A place goes down, or comes back."""
    place = history.rng.choice(history.places)
    place.down = "" if place.down else history.rng.choice(FAULTS)


# -------------------------------------------------------------------------------------------------------------- people


async def _approve(history: History) -> None:
    """Somebody approves what waits."""
    if row := _edition(history, "held"):
        content_id, revision = row["content_id"], row["revision"]
        history.model.asked.approve.add((content_id, revision))
        await history.ask("approve", row, lambda engine: approve(engine, UUID(content_id), revision=revision, who=WHO))


async def _reject(history: History) -> None:
    """Somebody rejects what waits."""
    if row := _edition(history, "held"):
        content_id, revision = UUID(row["content_id"]), row["revision"]
        await history.ask("reject", row, lambda engine: reject(engine, content_id, revision=revision, who=WHO))


async def _withdraw(history: History) -> None:
    """Somebody withdraws an item."""
    if row := _edition(history, "approved"):
        history.model.asked.withdraw.add(row["content_id"])
        await history.ask("withdraw", row, lambda engine: withdraw(engine, UUID(row["content_id"]), who=WHO))


async def _edit(history: History) -> None:
    """Somebody changes the newest text of an item."""
    row = _edition(history, "approved", "held")
    if row is None:
        return
    history.edits += 1
    newest, at_once = history.model.editions[row["content_id"]][-1]["revision"], history.rng.random() < 0.6
    text = Changes(summary="", content_html=f"<p>Nội dung zq{history.edits}p{newest + 1}.</p>")
    if at_once:
        history.model.asked.approve.add((row["content_id"], newest + 1))

    async def command(engine: Engine) -> int:
        done = await edit(engine, UUID(row["content_id"]), text, seen=newest, approve=at_once, who=WHO)
        return done.revision

    await history.ask("edit", row, command)


def _edition(history: History, *states: str) -> Row | None:
    found = [row for own in history.model.editions.values() for row in own if row["state"] in states]
    return history.rng.choice(found) if found else None


# ------------------------------------------------------------------------------------------------------------- process


async def die_soon(history: History) -> None:
    """SIGKILL at one of the next instants: a statement, a commit, a request, before it or after it."""
    history.loop.die_after(int(10 ** (history.rng.random() * 2.7)))


async def die(history: History) -> None:
    """SIGKILL now."""
    await history.process.leave(kill=True)
    await history.again()


async def restart(history: History) -> None:
    """The process ends in order, and another one begins, at once or later."""
    await history.process.leave()
    if history.process.killed.is_set():
        await history.again()
    else:
        await history.start()


async def sleep(history: History) -> None:
    """The whole machine stands still for a while, with whatever is under way."""
    history.loop.jumps.now += history.rng.choice((20.0, 100.0, 400.0))
    history.process.began = history.loop.time()  # nobody could do anything meanwhile
    under_way = {row["destination"] for row in history.model.deliveries if row["state"] == "sending"}
    for place in history.places:
        if place.name in under_way:  # for the hub these calls got no answer until now, and may open a breaker
            place.bad_until = history.loop.time()


async def slow_reading(history: History) -> None:
    """The next body is read for longer than a lease lasts: somebody else takes it up meanwhile."""
    history.network.reading = history.rng.choice((130.0, 200.0, 300.0))


async def wait(history: History) -> None:
    """Nothing happens."""


#: What can happen, and how often.
HAPPENS: Final[Steps] = {
    "publish": (12, publish),
    "publish_secret": (2, publish_secret),
    "rewrite": (14, rewrite),
    "list_otherwise": (4, list_otherwise),
    "take_back": (6, take_back),
    "lie": (8, lie),
    "weather": (12, weather),
    "outage": (4, outage),
    "approve": (8, _approve),
    "reject": (2, _reject),
    "withdraw": (3, _withdraw),
    "edit": (4, _edit),
    "die_soon": (10, die_soon),
    "die": (2, die),
    "restart": (3, restart),
    "sleep": (2, sleep),
    "wait": (4, wait),
}
#: The same with what comes too rarely by itself for a history or two to show it. A set of its own: what a seed of the
#: other one chose stays what it chose.
HARSH: Final[Steps] = {**HAPPENS, "slow_reading": (5, slow_reading)}
