"""What is believed when a story and a known item agree in some names and differ in others: the table behind matching.

    mode              the story bears the item's name if
    guid              an own guid agrees, unless link, title and date all differ; of a shared guid two others must agree
    link              an own link agrees, unless title and date both differ; of a shared link title or minute must agree
    link+title+date   title and date agree, or link and minute
    after a move      most of the capture is unknown: an own link with title or date, or a unique title with its date

"Own" is a name that no other story of the source bears, now or earlier.
"""

from dataclasses import dataclass
from enum import StrEnum

from hub.rules.identity import Mode


class Match(StrEnum):
    """By what a record found its item."""

    NEW = "new"
    GUID = "guid"
    LINK = "link"
    TITLE_DATE = "title_date"
    CONTENT = "content"  #: it repeats another record of the same capture


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How a story agrees with a known item; two links or dates differ only if both are there."""

    guid: bool
    guid_shared: bool  #: different stories bear this guid, so that it tells little
    link: bool
    link_shared: bool
    links_differ: bool
    title: bool
    date: bool
    dates_differ: bool
    precise: bool  #: the date has minutes, so that two stories of one source hardly share it
    alone: bool  #: no other story has this title and date

    @property
    def names(self) -> tuple[str, ...]:
        """What agrees."""
        return tuple(name for name in ("guid", "link", "title", "date") if getattr(self, name))

    @property
    def own_guid(self) -> bool:
        """The guid agrees, and nobody else has it."""
        return self.guid and not self.guid_shared

    @property
    def own_link(self) -> bool:
        """The link agrees, and nobody else has it."""
        return self.link and not self.link_shared

    @property
    def same_page(self) -> bool:
        """Link and title agree, and no date contradicts."""
        return self.link and self.title and not self.dates_differ

    @property
    def same_moment(self) -> bool:
        """A link and a date to the minute agree: enough to tell an edited title, even if the link is shared."""
        return self.link and self.date and self.precise

    @property
    def same_story(self) -> bool:
        """Nothing but text and guid may differ."""
        return self.title and not self.links_differ and not self.dates_differ


def by_name(mode: Mode, a: Agreement) -> Match | None:
    """Whether the story bears the item's own name."""
    match mode:
        case Mode.GUID:
            # A guid stands against one or two of the others, an edit; against all three a number was used again.
            if a.own_guid and not (a.links_differ and a.dates_differ and not a.title):
                return Match.GUID
            others = (a.own_link and (a.title or a.date)) or (a.title and a.date) or a.same_page or a.same_moment
            return Match.GUID if a.guid and others else None
        case Mode.LINK:
            if a.own_link and (a.title or a.own_guid or not a.dates_differ):
                return Match.LINK
            if a.same_page or a.same_moment:
                return Match.LINK
            return Match.GUID if a.own_guid and (a.title or a.date) else None
        case Mode.LINK_TITLE_DATE:
            if a.same_page or (a.title and a.date and (a.own_guid or not a.links_differ)):
                return Match.TITLE_DATE
            return Match.LINK if a.same_moment else None


def after_a_move(a: Agreement) -> Match | None:
    """Whether a story may take over an item of another name, when most of the capture is unknown."""
    if a.own_link and (a.title or a.date):
        return Match.LINK
    if a.same_moment:
        return Match.LINK
    return Match.TITLE_DATE if a.title and a.date and a.alone else None
