"""The console's table of contents: what stands in the bar at the top, for whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hub.locale import N_
from hub.rules.access import Permission
from hub.web.console.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the bar."""

    path: str  #: below /console
    label: str
    permission: Permission
    also: tuple[str, ...] = ()  #: pages that belong to it and stand elsewhere

    def covers(self, here: str) -> bool:
        """Whether a page belongs to this entry."""
        return any(here == path or (path != "/" and here.startswith(f"{path}/")) for path in (self.path, *self.also))


#: In the order of a day's work: what needs a person, what is published, where it comes from and goes, the rest.
ENTRIES: Final = (
    Entry("/", N_("Today"), Permission.READ),
    Entry("/queue", N_("Review"), Permission.READ),
    Entry("/drafts", N_("Contributions"), Permission.DRAFT),
    Entry("/items", N_("Items"), Permission.READ),
    Entry("/screen", N_("Screen"), Permission.SCREEN),
    Entry("/duties", N_("Duties"), Permission.READ, also=("/reminders",)),
    Entry("/reports", N_("Reports"), Permission.READ, also=("/numbers", "/ledger", "/visits")),
    Entry("/members", N_("Members"), Permission.READ),
    Entry("/sources", N_("Sources"), Permission.READ),
    Entry("/destinations", N_("Destinations"), Permission.READ),
    Entry("/aside", N_("Set aside"), Permission.OPERATE),
    Entry("/settings", N_("Settings"), Permission.SETTINGS),
    Entry("/accounts", N_("Accounts"), Permission.ACCOUNTS),
    Entry("/keys", N_("API keys"), Permission.ACCOUNTS),
    Entry("/audit", N_("Audit log"), Permission.AUDIT),
)


def entries(viewer: Viewer) -> Iterator[Entry]:
    """The pages that the viewer may open."""
    return (each for each in ENTRIES if viewer.may(each.permission))
