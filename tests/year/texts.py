"""Texts of the made-up year: each story has words of its own, a copy has those of its origin."""

import itertools
import random
from datetime import date
from uuid import UUID

from hub.rules.identity import content_id
from schemas.item import ITEM_TYPES, Attachment, Author, ItemBase, Kind
from tests.year.plan import Entry
from tests.year.roster import TAGS
from tests.year.settings import address

WORDS = [
    onset + rime
    for onset, rime in itertools.product(
        ("b", "ch", "đ", "gi", "h", "kh", "l", "m", "n", "ng", "ph", "qu", "t", "th", "tr", "v", "x"),
        ("à", "ai", "án", "ạnh", "âu", "eo", "ên", "ìn", "ong", "ội", "ơn", "ủy", "ương", "ực", "iếu", "ang", "ăm"),
    )
]


def name_of(entry: Entry) -> UUID:
    """Its content id."""
    return content_id(entry.feed.name, f"muc-{entry.number}")


def item_of(entry: Entry, *, corrected: bool = False) -> ItemBase:
    """What its source says, first or after it corrected the date."""
    rng = random.Random(entry.number if entry.copy_of is None else entry.copy_of)
    title, text = " ".join(rng.choices(WORDS, k=9)), _text(rng, entry)
    host = address(entry.feed).rpartition("/")[0]
    photos = [f"{host}/anh/{entry.number}-{n}.jpg" for n in range(entry.photos)]
    files = [f"{host}/tep/{entry.number}-{n}.pdf" for n in range(entry.files)]
    published = entry.corrected[1] if corrected and entry.corrected else entry.published
    fields: dict[str, object] = {
        "guid": f"muc-{entry.number}", "url": f"{host}/{entry.number}.html", "title": title.capitalize(),
        # The first photo leads the text and stands in it once more; it is one photo.
        "content_html": f"<p>{text}</p>" + "".join(f'<img src="{one}" alt="">' for one in photos),
        "image": photos[0] if photos else "", "published": published,
        "attachments": [Attachment(url=one, type="application/pdf") for one in files],
        "authors": [Author(name=entry.author)] if entry.author else [],
        "tags": [TAGS[entry.category]] if entry.category in TAGS and not entry.feed.category else [],
    }  # fmt: skip
    if entry.feed.kind == "document":
        year = "/2025" if entry.category == "legal" else ""
        fields |= {"number": f"{entry.number}{year}/QĐ-UBND", "issued": entry.issued}
    if entry.category == "decisions":
        fields["title"] = f"Quyết định công bố thủ tục hành chính về {title}"
    if entry.feed.kind == "procedure":
        fields["code"] = f"1.{entry.number:06}.000.00.00.H52"
    return ITEM_TYPES[Kind(entry.feed.kind)].model_validate(fields)


def _text(rng: random.Random, entry: Entry) -> str:
    """What it tells, with names and numbers; schedules of receptions are a form, and differ by these alone."""
    chosen = rng.choices(WORDS, k=44) if entry.category != "receptions" else WORDS[40:84]
    place, person = (" ".join(rng.sample(WORDS, 2)).title() for _ in range(2))
    facts = (
        f"Ngày {rng.randrange(1, 29)}/{rng.randrange(1, 13)}, tại", place, f"có {rng.randrange(100, 9_999)} người,",
        f"kinh phí {rng.randrange(100, 9_999)},{rng.randrange(1, 9)} triệu đồng, do ông", person, "chủ trì",
    )  # fmt: skip
    text = f"{' '.join(facts)}; {' '.join(chosen[:22])}. {' '.join(chosen[22:]).capitalize()}."
    return text if entry.copy_of is None else f"(Theo trang của tỉnh) - {text}"


def days(day: date) -> int:
    """As the tables have it: since 1970."""
    return (day - date(1970, 1, 1)).days
