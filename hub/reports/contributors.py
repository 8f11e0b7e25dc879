"""What authors had accepted, and the points that the tariff gives for it (nhuận bút)."""

from collections import Counter
from collections.abc import Iterable, Mapping

from hub.queries.filters import NO_CATEGORY, Filter
from hub.reports.snapshot import Contributor
from hub.reports.wording import UNCATEGORISED
from hub.rules.categories import Categories
from hub.rules.periods import Span


def contributors(
    items: Mapping[tuple[str, str], Counter[str]], photos: Mapping[tuple[str, str], int], *, span: Span,
    categories: Categories, points: Mapping[str, float], names: Mapping[str, str],
) -> list[Contributor]:  # fmt: skip
    """From items by author and member, counted by category; most points first.

    `points` are of a category, or of the one that it is part of; what the tariff does not name gives none.
    """

    def worth(code: str) -> float:
        known = categories.by_code.get(code)
        return points.get(code, points.get(known.group, 0.0) if known else 0.0)

    found = [
        Contributor(
            author=author, member=member, member_name=names.get(member, member),
            categories={code or NO_CATEGORY: count for code, count in sorted(counts.items())},
            total=counts.total(), photos=photos.get((author, member), 0),
            points=round(sum(count * worth(code) for code, count in sorted(counts.items())), 2),
            list=Filter(first=span.first, last=span.last, author=author, member=member).query(),
        )
        for (author, member), counts in items.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.points, -one.total, one.author, one.member))


def columns(rows: Iterable[Contributor], categories: Categories) -> dict[str, str]:
    """The categories that anybody has something of, with their short names, in the order of the list."""
    used = {code for each in rows for code in each.categories}
    listed = {each.code: each.short for each in categories.listed if each.code in used}
    return listed | {code: UNCATEGORISED if code == NO_CATEGORY else code for code in sorted(used - set(listed))}
