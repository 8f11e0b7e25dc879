"""Who wrote what was accepted in a period, and what is it worth by the tariff? (nhuận bút)"""

from collections import Counter, defaultdict

from hub.engine import Engine
from hub.queries.filters import Filter
from hub.queries.tallies import summed
from hub.reports.contributors import contributors
from hub.reports.snapshot import Contributor
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.periods import Span
from hub.store import roster


async def ledger(engine: Engine, span: Span, *, scope: Scope = EVERYWHERE) -> list[Contributor]:
    """Authors of public items, each story once; most points first, as in a report over these days.

    Items without an author are nobody's.
    """
    items: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    photos: Counter[tuple[str, str]] = Counter()
    found = await summed(
        engine.store, Filter(first=span.first, last=span.last), ("author", "member", "category"),
        categories=engine.categories, scope=scope,
    )  # fmt: skip
    for each in found:
        author, member, category = each.key
        if author:
            items[author, member][category] += each.items
            photos[author, member] += each.photos
    return contributors(
        items, photos, span=span, categories=engine.categories, points=engine.register.settings.reports.points,
        names=await roster.names(engine.store),
    )  # fmt: skip
