"""An entry becomes an item: every field is cleaned, what is missing is mended, what nobody could find again is refused.

The one way in for every source: whatever a connector parsed into the shape of connectors/parse/entry.py ends here.
"""

from typing import Final

from connectors.base import Normalised, SourceContext
from connectors.errors import RejectedError
from connectors.parse.announcements import with_announced
from connectors.parse.cleaning import as_html, as_plain, byte_length, has_markup, name_of, title_of
from connectors.parse.details import details_of
from connectors.parse.entry import Entry, Link
from connectors.parse.html import plain
from connectors.parse.legal import refuse_secret, titled
from connectors.parse.text import clean_text, cut
from connectors.parse.url import web_url
from schemas.item import ADDRESS_LIMIT, ITEM_TYPES, TITLE_LIMIT, Attachment, Author, ItemBase, Kind

#: Characters of a title that is made from the text.
MADE_TITLE_LIMIT: Final = 120
#: Longest summary that is kept where the full text stands in `content_html`, in characters.
SUMMARY_LIMIT: Final = 2_000
#: Authors, tags and attachments of one item; more than this is a fault of the source.
LIST_LIMIT: Final = 100

_IMAGE = "<img"


def make_item(entry: Entry, context: SourceContext, *, base: str, pointer: str) -> Normalised:
    """Clean every field. `base` is what relative addresses are relative to, where the entry names nothing else.

    Raises RejectedError with `pointer`: `no_identity` for what nobody could find again, `no_text`, `secrecy_mark`.
    """
    if context.kind is Kind.DOCUMENT:
        refuse_secret(entry, pointer)
        entry = titled(entry)
    base = entry.get("base", base)
    remarks = list(entry.get("remarks", ()))
    link = web_url(entry.get("link", ""), base)
    content, text = _content(entry)
    title = _title(entry, text, remarks, pointer)
    attachments = _attachments(entry, base)
    guid = _guid(entry, link or (attachments[0].url if attachments else ""), title, pointer)
    for key in ("published", "updated"):
        if entry.get(f"{key}_raw") and entry.get(key) is None and "date_refused" not in remarks:
            remarks.append("date_refused")
    details, mended = details_of(context.kind, entry, base=base)
    remarks += [code for code in mended if code not in remarks]
    item: ItemBase = ITEM_TYPES[context.kind](
        guid=guid,
        url=link,
        title=title,
        summary=cut(text, SUMMARY_LIMIT) if content else text,
        content_html=content,
        language=_language(entry, context.language),
        authors=_authors(entry, base),
        tags=_tags(entry),
        published=entry.get("published"),
        updated=entry.get("updated"),
        image=web_url(entry.get("image", ""), base) or _first_image(content),
        attachments=attachments,
        **details,
    )
    if context.kind is Kind.DOCUMENT:
        item, told = with_announced(item, remarks)
        return Normalised(item=item, remarks=told)
    return Normalised(item=item, remarks=tuple(remarks))


def _content(entry: Entry) -> tuple[str, str]:
    """The sanitised full text, and the summary as plain text.

    Many portals put the whole article, with its pictures, into the description: then that is the content.
    """
    content, summary = entry.get("content"), entry.get("summary")
    if content is None and has_markup(summary):
        content = summary
    html = as_html(content)
    return html, as_plain(summary if summary is not None else content)


def _title(entry: Entry, text: str, remarks: list[str], pointer: str) -> str:
    """The title, else the first words of the text."""
    title = as_plain(title_of(entry))
    if not title and text:
        remarks.append("title_from_text")
        return cut(text, MADE_TITLE_LIMIT)
    if len(title) > TITLE_LIMIT:
        remarks.append("title_cut")
        return cut(title, TITLE_LIMIT)
    if not title and not (entry.get("id") or entry.get("link")):
        raise _rejected("no_identity", pointer)
    if not title:
        raise _rejected("no_text", pointer)
    return title


def _guid(entry: Entry, link: str, title: str, pointer: str) -> str:
    """The source's own identity, else the link (or that of its file), else what the title and the date say."""
    identity = clean_text(entry.get("id", ""))
    if len(identity) > ADDRESS_LIMIT:
        raise _rejected("no_identity", pointer)
    if identity or link:
        return identity or link
    date = entry.get("published") or entry.get("updated")
    return f"urn:hub:{date.isoformat() if date else ''}:{title}"[:ADDRESS_LIMIT]


#: code -> technical cause, sentence for a clerk
_REJECTIONS: Final = {
    "no_identity": (
        "neither id nor link nor title nor text, or an id longer than is kept",
        "Tin này không có mã, đường dẫn, tiêu đề hay nội dung hợp lệ để nhận biết nên không thể tiếp nhận. Đề nghị"
        " đơn vị quản trị trang nguồn bổ sung.",
    ),
    "no_text": (
        "neither title nor text",
        "Tin này không có tiêu đề và nội dung nên không thể tiếp nhận. Đề nghị đơn vị quản trị trang nguồn bổ sung.",
    ),
}


def _rejected(code: str, pointer: str) -> RejectedError:
    message, sentence = _REJECTIONS[code]
    return RejectedError(message, pointer=pointer, code=code, sentence=sentence)


def _language(entry: Entry, default: str) -> str:
    language = clean_text(entry.get("language", "")).replace("_", "-")
    return language if 0 < len(language) <= 35 else default


def _authors(entry: Entry, base: str) -> tuple[Author, ...]:
    authors = []
    for one in entry.get("authors", ())[:LIST_LIMIT]:
        name, email = cut(name_of(one), 300), clean_text(one.email)
        url = web_url(one.url, base) if one.url else ""
        if name or email:
            authors.append(Author(name=name, email=email if len(email) <= 300 else "", url=url))
    return tuple(authors)


def _tags(entry: Entry) -> tuple[str, ...]:
    tags = (cut(plain(term), 300) for term in entry.get("categories", ())[:LIST_LIMIT])
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _attachments(entry: Entry, base: str) -> tuple[Attachment, ...]:
    return tuple(
        made for link in entry.get("enclosures", ())[:LIST_LIMIT] if (made := _attachment(link, base)) is not None
    )


def _attachment(link: Link, base: str) -> Attachment | None:
    url = web_url(link.href, base)
    if not url:
        return None
    kind, title = clean_text(link.type), cut(plain(link.title), TITLE_LIMIT)
    return Attachment(url=url, type=kind if len(kind) <= 200 else "", length=byte_length(link.length), title=title)


def _first_image(content: str) -> str:
    """The first picture of sanitised HTML, whose attributes are quoted and whose addresses have passed the gate."""
    start = content.find(_IMAGE)
    while start >= 0:
        end = content.find(">", start)
        before, source, rest = content[start:end].partition(' src="')
        if source and before.startswith(_IMAGE):
            return rest.partition('"')[0].replace("&amp;", "&")
        start = content.find(_IMAGE, end)
    return ""
