"""An item as an article of a content system: what every product is given, before it is put into its own fields.

present   edition or withdrawal -> Article -> Payload.body (JSON), pure
send      Payload.body -> Article -> the product's request, with the pictures that were uploaded for it
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from html import escape, unescape
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from connectors.parse.html import plain
from connectors.parse.text import clean_text, fold
from connectors.presentation.picture import choose
from schemas.edition import PublishedItem, Withdrawal, WithdrawalKind
from schemas.item import Attachment, Kind

#: What the text of a withdrawn article begins with. Sanitised HTML has no classes: no member can write this.
WITHDRAWN_MARK: Final = '<p class="hub-withdrawn">'
#: Pictures of one text that are uploaded; further ones stay links to their source.
INLINE_LIMIT: Final = 20

_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_NO_TITLE: Final = "Nội dung đã được gỡ"
#: Kinds whose particulars stand on the hub's own page.
_PARTICULAR: Final = frozenset({Kind.DOCUMENT, Kind.PROCEDURE})
#: The sanitiser writes attributes in one way only.
_PICTURE: Final = re.compile(r'(<img\b[^<>]*? src=")([^"<>]*)(")')
_UNITS: Final = ("byte", "KB", "MB", "GB")

Id = TypeVar("Id", int, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What is to be shown under one identity."""

    content_id: UUID
    revision: int
    title: str
    html: str = ""  #: safe to show as it stands
    summary: str = ""
    language: str = ""
    url: str = ""  #: of the page at the source
    published: datetime | None = None
    tags: tuple[str, ...] = ()
    member: str = ""
    member_name: str = ""
    kind: str = ""
    image: str = ""  #: address of the lead picture at its source
    alt: str = ""
    inline: tuple[str, ...] = ()  #: addresses of pictures in the text that are uploaded as well
    withdrawal: WithdrawalKind | None = None  #: None: it is shown


ARTICLE: Final[TypeAdapter[Article]] = TypeAdapter(Article)
"""Reads and writes an article: `ARTICLE.validate_json(payload.body)`."""


def article_of(item: PublishedItem, *, items_url: str, source_line: bool, pictures: bool, inline: bool) -> Article:
    """The article of an edition; `items_url` is where the hub shows items, "" where nobody is sent there."""
    body = item.content_html or (f"<p>{escape(item.summary, quote=False)}</p>" if item.summary else "")
    parts = [body, _attachments(item.attachments)]
    if items_url and item.kind in _PARTICULAR:
        page = escape(f"{items_url}/{item.content_id}")
        parts.append(f'<p><a href="{page}">Xem đầy đủ thông tin và tải biểu mẫu, tệp đính kèm</a></p>')
    if source_line:
        parts.append(_source(item))
    lead = choose(item) if item.image and pictures else None
    return Article(
        content_id=item.content_id, revision=item.revision, title=item.title, html="".join(parts), summary=item.summary,
        language=item.language, url=item.url, published=item.published, tags=item.tags, member=item.member,
        member_name=item.member_name, kind=item.kind.value,
        image=lead.url if lead else "", alt=lead.alt if lead else "",
        inline=_pictures_in(body) if inline else (),
    )  # fmt: skip


def notice_of(withdrawal: Withdrawal, last: PublishedItem | None) -> Article:
    """What is left where the item stood; of one that was purged nothing is repeated, not even the title."""
    when = withdrawal.at.astimezone(_ZONE).strftime("%d/%m/%Y")
    to = escape(withdrawal.redirect_to)
    if withdrawal.kind is WithdrawalKind.REDIRECT and to:
        sentence = f'Nội dung này đã được thay thế ngày {when}. Mời xem tại: <a href="{to}">{to}</a>.'
    else:
        sentence = f"Nội dung này đã được gỡ ngày {when}."
    reason = escape(clean_text(withdrawal.reason), quote=False)
    if reason:
        sentence += f" Lý do: {reason}"
    return Article(
        content_id=withdrawal.content_id, revision=withdrawal.revision, title=last.title if last else _NO_TITLE,
        html=f"{WITHDRAWN_MARK}{sentence}</p>", language=last.language if last else "", url="",
        published=last.published if last else None, tags=last.tags if last else (), member=last.member if last else "",
        member_name=last.member_name if last else "", kind=last.kind.value if last else "",
        withdrawal=withdrawal.kind,
    )  # fmt: skip


def digest_of(html: str) -> str:
    """What a text says, whatever a content system did to its markup."""
    return blake2b(" ".join(plain(html).split()).encode(), digest_size=16).hexdigest()


def is_withdrawn(html: str) -> bool:
    """Whether a text is one of our notices of withdrawal."""
    return html.lstrip().startswith(WITHDRAWN_MARK)


def mapped(article: Article, table: Mapping[str, Id], otherwise: Sequence[Id] = ()) -> list[Id]:
    """What a table of the settings says to the article's tags, member and kind; else `otherwise`, each once.

    Case and diacritics of the keys do not matter; what stands in no table is left out.
    """
    folded = {fold(key): value for key, value in table.items()}
    said = [folded[key] for key in map(fold, (*article.tags, article.member, article.kind)) if key in folded]
    return list(dict.fromkeys(said or otherwise))


def with_addresses(html: str, addresses: Mapping[str, str]) -> str:
    """The text with other addresses of its pictures: those that the content system gave them."""

    def other(found: re.Match[str]) -> str:
        address = addresses.get(unescape(found[2]))
        return f"{found[1]}{escape(address)}{found[3]}" if address else found[0]

    return _PICTURE.sub(other, html) if addresses else html


def _pictures_in(html: str) -> tuple[str, ...]:
    found = dict.fromkeys(unescape(each[2]) for each in _PICTURE.finditer(html))
    return tuple(address for address in found if address)[:INLINE_LIMIT]


def _attachments(files: Sequence[Attachment]) -> str:
    if not files:
        return ""
    entries = []
    for file in files:
        name = file.title or file.url.partition("?")[0].rstrip("/").rpartition("/")[2]
        size = f" ({_size(file.length)})" if file.length else ""
        entries.append(f'<li><a href="{escape(file.url)}">{escape(name, quote=False)}</a>{size}</li>')
    return f"<p><strong>Tệp đính kèm</strong></p><ul>{''.join(entries)}</ul>"


def _size(length: int) -> str:
    """`1,2 MB`"""
    size, unit = float(length), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    text = f"{size:.1f}".removesuffix(".0").replace(".", ",") if unit else str(length)
    return f"{text} {_UNITS[unit]}"


def _source(item: PublishedItem) -> str:
    name = escape(item.member_name or item.member, quote=False)
    agency = f'<a href="{escape(item.url)}">{name}</a>' if item.url else name
    authors = ", ".join(escape(author.name, quote=False) for author in item.authors if author.name)
    return f"<p>Nguồn: {agency}{f'. Tác giả: {authors}' if authors else ''}</p>"
