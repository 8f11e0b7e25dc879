"""Whole articles out of detail pages: what the settings point at, else what is found.

    bytes -> tree (pagetree) -> a block page? -> what its head claims (pagemeta)
          -> the article (article) -> title, dates, authors, files around it -> pruned -> Entry

The result is an Entry like that of every other source: connectors/parse/item.py cleans it. `complete` puts it together
with what a feed or a list said of the same article.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from lxml import etree

from connectors.base import Normalised, SourceContext
from connectors.errors import RejectedError
from connectors.parse.entry import Entry, Text
from connectors.parse.item import make_item
from connectors.parse.pages.article import ENOUGH, Found, find_article
from connectors.parse.pages.attachments import files_of, find_files
from connectors.parse.pages.attributes import attributes_of
from connectors.parse.pages.blockpage import refuse_block_page
from connectors.parse.pages.byline import find_people
from connectors.parse.pages.dates import Dates, Reading, find_dates
from connectors.parse.pages.headline import find_title
from connectors.parse.pages.metadata import Claims, claims_of
from connectors.parse.pages.pruning import prune
from connectors.parse.pages.selection import PageConfig, elements, read_selected
from connectors.parse.pages.textblocks import blocks_of, sums_of
from connectors.parse.pages.tree import BYTES_LIMIT, Element, drop_all, make_plain, read_tree
from connectors.parse.text import ELLIPSIS, fold
from connectors.parse.url import canonical_url, host_of, web_url
from schemas.item import Attachment, ItemBase, Kind

__all__ = ["PageConfig", "complete", "read_page"]

#: Elements of a page that is read; the largest decrees with all their tables have a fifth of it.
ELEMENTS_LIMIT: Final = 100_000
#: Characters of text below which a page without files and pictures is no article.
TEXT_LEAST: Final = 80
#: Share of a text inside links from which it is a list.
_LIST_DENSITY: Final = 0.6
#: Remarks of a title that the source did not give.
_MADE_TITLES: Final = frozenset({"title_from_text", "title_from_address", "title_cut"})
#: Fields of a document that are told by its number where nobody names them.
_PAGE_FIRST: Final = frozenset({"document_type", "issuer"})
_LOGO: Final = re.compile(r"logo|favicon|banner|placeholder|no-?image|default[-_.]|icon", re.IGNORECASE)
#: Width or height in pixels below which a picture is an icon.
_ICON: Final = 120

#: code -> technical cause, sentence with {host}
_REFUSALS: Final = {
    "not_html": (
        "not an HTML page",
        "Địa chỉ bài viết của trang {host} không trả về một trang web nên không lấy được toàn văn. Đề nghị đơn vị quản"
        " trị trang kiểm tra lại đường dẫn của bài.",
    ),
    "no_article": (
        "nothing on the page reads like an article",
        "Không tìm thấy nội dung bài viết trên trang {host}. Nếu trang có bài viết, bộ phận kỹ thuật cần khai báo vị"
        " trí của nội dung trong cấu hình nguồn tin.",
    ),
    "too_large": (
        "the page is larger than is read",
        "Trang bài viết của {host} quá lớn (trên 8 MB hoặc quá nhiều thành phần) nên không lấy được toàn văn. Đề nghị"
        " đơn vị quản trị trang chuyển phần dung lượng lớn thành tệp đính kèm.",
    ),
}  # fmt: skip


def read_page(
    body: bytes, *, url: str, content_type: str, config: PageConfig, context: SourceContext, now: datetime
) -> Entry:
    """Read the article that stands on the page which came from `url`; `now` is when it was fetched.

    Raises RejectedError: `not_html`, `too_large`, `no_article`, and what refuse_block_page raises.
    """
    if len(body) > BYTES_LIMIT:
        raise _refused("too_large", url)
    page = read_tree(body, url=url, content_type=content_type)
    if page is None:
        raise _refused("not_html", url)
    refuse_block_page(body, url, content_type)
    if sum(1 for _ in page.root.iter()) > ELEMENTS_LIMIT:
        raise _refused("too_large", url)

    claims, selected = claims_of(page, url), read_selected(page, config)
    make_plain(page)
    for selector in config.remove:
        drop_all(elements(page, selector))
    given = elements(page, config.content)
    found = None if given else find_article(page.root)
    body_nodes = given or (found.nodes if found else ())

    readable = page.root.find("body")
    blocks = blocks_of(page.root if readable is None else readable)
    details = attributes_of(blocks) if context.kind is Kind.DOCUMENT else {}
    title, heading = find_title(blocks, claims.titles, body_nodes)
    people, source = find_people(blocks, body_nodes, claims, url)
    reading = Reading(now, context.timezone, day_first=config.date_order == "dmy")
    dates = find_dates(
        blocks, heading, body_nodes, published=claims.published, updated=claims.updated, reading=reading
    )  # fmt: skip
    if config.attachments:
        files = files_of(elements(page, config.attachments), page.base)
    else:
        files = find_files(page.root, body_nodes, heading, page.base)
    title = selected.title or title
    kept = prune(found, title) if found else given

    image = selected.image or _image(claims, kept, page.base)
    if not given and not files and not details and not (found and _reads_like_article(found, kept)):
        raise _refused("no_article", url)
    entry = Entry(
        link=claims.canonical or url, base=page.base, title=Text(title),
        content=Text("\n".join(_html(node) for node in kept), base=page.base),
        authors=list(selected.authors) or people, categories=list(claims.tags), enclosures=files, image=image,
        source_title=source,
    )  # fmt: skip
    if details:
        entry["details"] = details
    _put_dates(entry, dates, selected.published if config.published else None, reading)
    if summary := selected.summary or next(iter(claims.summaries), ""):
        entry["summary"] = Text(summary)
    if claims.language:
        entry["language"] = claims.language
    return entry


def _refused(code: str, url: str) -> RejectedError:
    cause, sentence = _REFUSALS[code]
    return RejectedError(cause, code=code, sentence=sentence.format(host=host_of(url)))


def _put_dates(entry: Entry, dates: Dates, selected: str | None, reading: Reading) -> None:
    """A date that the settings point at is the date, also where it cannot be read: it is not replaced by another."""
    if selected is not None:
        entry["published"], entry["published_raw"] = reading.in_line(selected), selected
    elif dates.published_raw:
        entry["published"], entry["published_raw"] = dates.published, dates.published_raw
    if dates.updated is not None:
        entry["updated"], entry["updated_raw"] = dates.updated, dates.updated_raw


def _reads_like_article(found: Found, kept: Sequence[Element]) -> bool:
    """Whether there is something to read or to see, and not only links to it."""
    if found.is_list(kept):
        return False
    text = linked = pictures = 0.0
    for node in kept:
        own = sums_of(node, blocks_of(node))[node]
        text, linked = text + own.text, linked + own.linked
        pictures += sum(all(above.tag != "a" for above in image.iterancestors()) for image in node.iter("img"))
    enough = TEXT_LEAST if found.opinion.size else ENOUGH
    return (text >= enough or (pictures > 0 and text > 0)) and linked < _LIST_DENSITY * text


def _html(node: Element) -> str:
    html = etree.tostring(node, encoding="unicode", method="html", with_tail=False)
    if node.tag in ("td", "th", "tr", "tbody", "li", "body"):  # no part of a text outside its table or list
        start, end = html.find(">") + 1, html.rfind("<")
        html = f"<div>{html[start:end]}</div>" if node.tag != "tr" and node.tag != "tbody" else f"<table>{html}</table>"
    return html


def _image(claims: Claims, nodes: Sequence[Element], base: str) -> str:
    """The picture that the head names, unless it is the site's own; else the first one of the text that is no icon."""
    for address in claims.images:
        absolute = web_url(address, base)
        if absolute and not _LOGO.search(absolute.rpartition("/")[2]):
            return absolute
    for node in nodes:
        for image in node.iter("img"):
            absolute = web_url(image.get("src", ""), base)
            if absolute and not _is_icon(image):
                return absolute
    return ""


def _is_icon(image: Element) -> bool:
    sizes = (image.get("width", "").removesuffix("px"), image.get("height", "").removesuffix("px"))
    small = any(size.isascii() and size.isdigit() and len(size) < 5 and int(size) < _ICON for size in sizes)
    return small or bool(_LOGO.search(image.get("src", "")))


# ---------------------------------------------------------------------------------------- teaser and whole article


def complete(teaser: Normalised, page: Entry, context: SourceContext, *, url: str) -> Normalised:
    """The item that a feed or a list announced, with the text of its own page; `url` is the page's.

    The text comes from the page. What the source said stays: title (unless it was made or is cut short), summary,
    dates, authors, picture and language; the page fills what is missing. Files are united by their address. Raises
    RejectedError like make_item, when the page holds nothing that may be kept.
    """
    whole = make_item(page, context, base=url, pointer="page")
    item, more = teaser.item, whole.item
    made = _MADE_TITLES.intersection(teaser.remarks)
    title = more.title if page["title"].value and (made or _continues(item.title, more.title)) else item.title
    remarks = [remark for remark in teaser.remarks if title == item.title or remark not in _MADE_TITLES]
    published = item.published or more.published
    if item.published is None and more.published is not None:
        remarks = [remark for remark in remarks if remark != "date_refused"]
    gone = {"title_from_text"} | ({"date_refused"} if published is not None else set())
    remarks += [remark for remark in whole.remarks if remark not in gone and remark not in remarks]
    return Normalised(
        item=item.model_copy(
            update={
                "title": title,
                "content_html": more.content_html or item.content_html,
                "summary": item.summary or more.summary,
                "authors": item.authors or more.authors,
                "published": published,
                "updated": item.updated or more.updated,
                "image": item.image or more.image,
                "language": item.language or more.language,
                "attachments": _united(item.attachments, more.attachments),
                **_own_fields(item, more),
            }
        ),
        remarks=tuple(remarks),
    )


def _own_fields(item: ItemBase, more: ItemBase) -> dict[str, Any]:
    """The fields of the kind alone: what the source says of them, filled from the page.

    Type and issuer may only have been told by the number: there the page, whose labels name them, comes first.
    """
    fields: dict[str, Any] = {}
    for name, field in type(item).model_fields.items():
        if name in ItemBase.model_fields:
            continue
        first, second = getattr(item, name), getattr(more, name)
        said, page_first = first != field.get_default(), name in _PAGE_FIRST and second != field.get_default()
        fields[name] = second if page_first or not said else first
    return fields


def _continues(title: str, whole: str) -> bool:
    """Whether a title that ends in an ellipsis is the beginning of another."""
    begin = title.rstrip().removesuffix("...").removesuffix(ELLIPSIS)
    return begin != title.rstrip() and len(whole) > len(begin) and fold(whole).startswith(fold(begin.rstrip()))


def _united(first: Sequence[Attachment], second: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Files by address; what one of them does not say, the other may."""
    files: dict[str, Attachment] = {}
    for one in (*first, *second):
        key = canonical_url(one.url)
        held = files.get(key)
        if held is None:
            files[key] = one
        else:
            files[key] = held.model_copy(update={
                "type": held.type or one.type, "title": held.title or one.title,
                "length": held.length if held.length is not None else one.length,
            })  # fmt: skip
    return tuple(files.values())
