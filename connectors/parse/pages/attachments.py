"""Files that belong to an article: links to documents in its text and in the block of attachments beside it."""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

from connectors.parse.entry import Link
from connectors.parse.files.types import BY_ENDING
from connectors.parse.pages.boilerplate import is_apart, named
from connectors.parse.pages.textblocks import HEADINGS, INLINE
from connectors.parse.pages.tree import Element, around_article
from connectors.parse.text import clean_text
from connectors.parse.url import canonical_url, web_url

#: Extensions of documents and of archives, which hold documents. A picture or a page is no file of an article.
_ENDINGS: Final = (
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "rtf", "zip", "rar", "7z",
)  # fmt: skip
#: An extension at the end of a path, a segment (Liferay puts an identity behind the name) or a value of the query.
_EXTENSION: Final = re.compile(rf"\.({'|'.join(sorted(_ENDINGS, key=len, reverse=True))})(?=$|[/&;?])", re.IGNORECASE)
#: Addresses of portals that hand out files: DNN, SharePoint, Liferay, Drupal and in-house ones.
_HANDED_OUT: Final = re.compile(
    r"linkclick\.aspx\?.*fileticket=|/_layouts/(?:15/)?download\.aspx|/documents/\d+/|/document_library/get_file|/download/"
    r"|[/=](?:download|getfile|downloadfile|viewfile|taifile|tai-?(?:file|ve|xuong))(?:\.\w{3,4})?(?:[/?=]|$)|[?&](?:file_?id|attachment_?id|fileticket)=",
    re.IGNORECASE,
)
_BLOCK: Final = re.compile(
    r"attach|dinh-?kem|file-?(?:list|down|kem)|(?<![a-z])files?(?![a-z])|tep-?(?:tin|dinh|kem)|tai-?(?:ve|lieu|xuong)|download|van-?ban-?kem",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"(?:các\s+)?(?:tệp|tập\s+tin|file|văn\s+bản|tài\s+liệu)(?:\s+tin)?\s+(?:đính\s+kèm|kèm\s+theo|gốc|toàn\s+văn)|tải\s+(?:về|xuống|file|văn\s+bản|tệp)"
    r"|đính\s+kèm|attachments?|download(?:s|\s+files?)?",
    re.IGNORECASE,
)
_NO_TITLE: Final = re.compile(
    r"\W*(?:tải(?:\s+(?:về|xuống|file|tệp|văn\s+bản))?(?:\s+(?:tại\s+đây|máy))?|tại\s+đây|ở\s+đây|xem(?:\s+(?:chi\s+tiết|tại\s+đây|file|văn\s+bản|tiếp))?"
    r"|download|click\s+here|here|file|pdf|docx?|xlsx?|tệp\s+đính\s+kèm|file\s+đính\s+kèm|toàn\s+văn|chi\s+tiết)?\W*",
    re.IGNORECASE,
)
#: What may hold the words that announce files.
_LABELS: Final = HEADINGS | INLINE | {"p", "div", "td", "th", "dt", "li"}
#: Files of one page.
LIMIT: Final = 100
_ROW_LIMIT: Final = 300


def find_files(root: Element, body: Sequence[Element], title: Element | None, base: str) -> list[Link]:
    """Links to files within the article, then within blocks of attachments around it; navigation is left out."""
    inside = {one for node in body for one in node.iter()}
    around = around_article(title, body)
    files: dict[str, Link] = {}
    for one in root.iter("a"):
        href = web_url(one.get("href", ""), base)
        kind = type_of(href)
        if not href or (kind == "" and not _HANDED_OUT.search(href)):
            continue
        if one in inside or _is_attached(one, around, sure=bool(kind)):
            files.setdefault(canonical_url(href), _link(one, href, kind))
        if len(files) == LIMIT:
            break
    return list(files.values())


def files_of(links: Iterable[Element], base: str) -> list[Link]:
    """Links that the settings say are files, whatever their address looks like."""
    files: dict[str, Link] = {}
    for one in links:
        for link in [one] if one.tag == "a" else list(one.iter("a")):
            if href := web_url(link.get("href", ""), base):
                files.setdefault(canonical_url(href), _link(link, href, type_of(href)))
    return list(files.values())[:LIMIT]


def type_of(address: str) -> str:
    """The media type that an address names by its extension; empty when it names none of a document."""
    parts = urlsplit(address)
    found = _EXTENSION.search(unquote(parts.path)) or _EXTENSION.search(unquote(parts.query))
    return BY_ENDING[found[1].lower()] if found else ""


def _is_attached(link: Element, around: Element | None, *, sure: bool) -> bool:
    """Whether a link outside the text stands in a block of attachments, or at least beside the article."""
    above = list(link.iterancestors())
    within = around is not None and around in above
    for one in above:
        if one is around:
            break
        if is_apart(one) and not _BLOCK.search(named(one)):
            return False
    for one in above[:6]:
        if one is around or one.tag in ("body", "form"):
            break
        if _BLOCK.search(named(one)) or _is_labelled(one):
            return True
    return within and sure


def _is_labelled(one: Element) -> bool:
    """Whether the words right before an element announce files."""
    before = one.getprevious()
    texts = [one.text or "", before.tail or "" if before is not None else ""]
    if before is not None and before.tag in _LABELS:
        texts.append(" ".join("".join(before.itertext()).split())[:80])
    return any(_LABEL.match(text.strip(" \t\r\n:-•*")) for text in texts)


def _link(one: Element, href: str, kind: str) -> Link:
    text = clean_text(" ".join("".join(one.itertext()).split()))
    if _NO_TITLE.fullmatch(text):
        text = clean_text(one.get("title", ""))
    if _NO_TITLE.fullmatch(text):
        text = _row(one)
    if _NO_TITLE.fullmatch(text):
        found = _EXTENSION.search(unquote(href))
        name = unquote(href)[: found.end()] if found else ""
        text = clean_text(re.split(r"[/=]", name)[-1].replace("+", " "))
    return Link(href=href, rel="enclosure", type=kind, title=text)


def _row(one: Element) -> str:
    """What stands in the same row or line as a link that only says `Tải về`."""
    row = next((above for above in one.iterancestors() if above.tag in ("tr", "li", "p")), None)
    if row is None:
        return ""
    cells = [clean_text(" ".join(cell.itertext())) for cell in row.iter("td")] or [clean_text(" ".join(row.itertext()))]
    texts = [re.sub(r"\s*\(?(?:tải về|tải xuống|download|xem)\)?\s*$", "", cell, flags=re.IGNORECASE) for cell in cells]
    best = max(texts, key=len, default="")
    return best if 3 < len(best) <= _ROW_LIMIT and not best.isdigit() else ""
