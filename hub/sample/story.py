"""One story of the sample province as it stands in one version, and the HTML of its text."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from html import escape

from hub.sample.prose import Draft
from hub.sample.province import Feed, SampleMember

#: Stories are numbered `feed.serial * STORIES + number`, so that a number in an address names one story.
STORIES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a member's site stands."""

    member: SampleMember
    root: str  #: `http://127.0.1.3:9100`

    @property
    def base(self) -> str:
        """Address of the home page without its last slash."""
        return f"{self.root}/{self.member.slug}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a site shows at one moment under one number."""

    feed: Feed
    number: int
    version: int  #: 1 when it appeared
    published: datetime
    updated: datetime
    draft: Draft
    pictured: bool

    @property
    def id(self) -> int:
        """Number of the story in the whole province; stands in every address."""
        return self.feed.serial * STORIES + self.number

    @property
    def slug(self) -> str:
        """The title as addresses show it: `so-y-te-day-manh-chuyen-doi-so`, cut at a word near 80 characters."""
        unmarked = unicodedata.normalize("NFD", self.draft.title.lower().replace("đ", "d"))
        words = "-".join(re.findall(r"[a-z0-9]+", unmarked.encode("ascii", "ignore").decode("ascii")))
        return words if len(words) <= 80 else words[:80].rsplit("-", 1)[0]

    @property
    def image_path(self) -> str:
        """Path of the lead image below the site's base, or empty."""
        return f"/anh/{self.id}.png" if self.pictured else ""

    @property
    def file_path(self) -> str:
        """Path of the attached PDF below the site's base, or empty."""
        return f"/tep/{self.id}.pdf" if self.draft.file else ""

    @property
    def draft_path(self) -> str:
        """Path of the same text as DOCX, which every second site puts beside the PDF, or empty."""
        return f"/tep/{self.id}.docx" if self.draft.file and self.id % 2 else ""


def text_html(story: Story, site_base: str, *, attributes: str = "", files: bool = True) -> str:
    """The text of a story as HTML; `attributes` go into every paragraph, `site_base` before every local address.

    Without `files` the attachment is left to the page around the text.
    """
    draft, parts = story.draft, []
    if story.image_path:
        parts.append(f'<p><img src="{site_base}{story.image_path}" alt="{escape(draft.title)}" width="480"></p>')
    parts.append(f"<p{attributes}><strong>{escape(draft.lead)}</strong></p>")
    parts += [f"<p{attributes}>{escape(paragraph)}</p>" for paragraph in draft.paragraphs]
    if draft.points:
        parts.append("<ul>" + "".join(f"<li>{escape(point)}</li>" for point in draft.points) + "</ul>")
    if draft.table:
        header, *rows = draft.table
        parts.append(f'<table border="1">{_row(header, "th")}{"".join(_row(row, "td") for row in rows)}</table>')
    if files and story.file_path:
        parts.append(
            f'<p>Tệp đính kèm: <a href="{site_base}{story.file_path}">{escape(draft.file)} (PDF)</a></p>',
        )
    return "\n".join(parts)


def _row(cells: tuple[str, ...], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
