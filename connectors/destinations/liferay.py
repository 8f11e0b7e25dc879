"""Liferay: web content or blogs of one site over headless delivery, `/o/headless-delivery/v1.0/sites/SITE/…`.

    GET    structured-contents/by-external-reference-code/{content_id}   is it there?
    PUT    structured-contents/by-external-reference-code/{content_id}   create or replace
    DELETE structured-contents/by-external-reference-code/{content_id}   take it away
    POST   documents                                                     a picture, with a reference code of its own
    GET    structured-contents?page=…                                    all of ours, for a comparison

The external reference code is our content_id (Liferay 7.4 and later), so two calls can never make two contents. Those
of Liferay are UUIDs of version 4, ours of version 5: that is how a comparison tells ours from those of the editors.
"""

from collections.abc import Mapping
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final, Self
from urllib.parse import quote, urljoin
from uuid import UUID

import orjson
from pydantic import Field, model_validator

from connectors.base import Cursor
from connectors.cms.article import Article, mapped, with_addresses
from connectors.cms.interface import Interface, Said
from connectors.cms.logins import Account
from connectors.cms.pictures import Pictures, Stored, Upload
from connectors.cms.portal import CmsPortal, CmsSettings, Numbers, Shelf, Standing
from connectors.cms.refusals import LIFERAY
from connectors.errors import HubError
from connectors.fields import Allowed
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.url import with_parameters

if TYPE_CHECKING:
    from connectors.http import Http

_PER_PAGE: Final = 50
_MISSING: Final = frozenset({404, 410})
_CONFLICT: Final = frozenset({409})

_FIELD: Final = r"^\w{0,75}$"


class Content(StrEnum):
    """What an item becomes."""

    WEB_CONTENT = "structured-contents"
    BLOGS = "blog-postings"


#: Longest title, in characters: JournalArticleLocalization.title, BlogsEntry.title.
_TITLE_LIMITS: Final = {Content.WEB_CONTENT: 400, Content.BLOGS: 150}


class Config(CmsSettings, Account):
    """Keys of a Liferay site in settings.toml."""

    site: str = Field(min_length=1, max_length=100, description="id of the site; from 2025.Q3 its key too")
    content: Content = Field(default=Content.WEB_CONTENT, description="what an item becomes there")
    structure: int | None = Field(default=None, ge=1, description="id of the structure of web content")
    body_field: str = Field(
        default="Content", pattern=r"^\w{1,75}$", description="field reference name of the text in that structure"
    )
    image_field: str = Field(default="", pattern=_FIELD, description="image field of the structure; empty: none")
    source_field: str = Field(default="", pattern=_FIELD, description="text field for the page at the source")
    revision_field: str = Field(
        default="", pattern=_FIELD,
        description="field for our revision: of the structure, or a custom field of blogs; empty: texts are compared",
    )  # fmt: skip
    categories: Numbers = Field(
        default={}, description="ids of categories by tag, code of the member, or kind: `news`"
    )  # fmt: skip
    other_category: int | None = Field(default=None, ge=1, description="category of what the table does not name")
    keywords: bool = Field(default=False, description="give the tags of an item as tags of the site")
    document_folder: int | None = Field(default=None, ge=1, description="folder of pictures; left out: the first level")
    locale: Annotated[str, Allowed('a language like "vi-VN"')] = Field(
        default="vi-VN", pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", description="language in which texts are written there"
    )

    @model_validator(mode="after")
    def _has_a_structure(self) -> Self:
        if (self.content is Content.WEB_CONTENT) != (self.structure is not None):
            raise ValueError("web content needs its structure, blogs have none")
        return self


class Connector(CmsPortal):
    """A Liferay site."""

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config, Liferay(name, config))


class Liferay:
    """Headless delivery of one site, as connectors.cms.portal needs it."""

    accept = "application/json"
    refusals = LIFERAY

    def __init__(self, name: str, config: Config) -> None:
        self.title_limit = _TITLE_LIMITS[config.content]
        self.locale = config.locale
        self._name = name
        self._config = config
        self._portal = config.url.partition("?")[0].rstrip("/")
        login = config.login(f"{self._portal}/o/oauth2/token", timeout=config.timeout, allow=config.allow_private)
        self._interface = Interface(name, self, login, timeout=config.timeout, allow=config.allow_private)

    def said(self, method: str, status: int, data: Any) -> Said:
        """The status: titles of errors are texts for people."""
        row = f"{method} {status}"
        return Said(key=row if row in LIFERAY else str(status))

    def state_wanted(self) -> str:
        """Headless delivery tells no state in all versions: what it gives is there."""
        return ""

    async def look(self, http: "Http", content_id: UUID, id: str) -> Standing | None:
        """The content of that reference code; its number is not needed."""
        reply = await self._interface.read(http, self._content(content_id), missing=_MISSING)
        if reply.status in _MISSING:
            return Standing(id=id, content_id=content_id, seen=False) if id else None
        standing = self._standing(reply.data)
        if standing is None:
            raise self._unreadable(Purpose.READ, "a content without its reference code")
        return standing

    async def write(
        self, http: "Http", article: Article, there: Standing | None, pictures: Pictures
    ) -> tuple[str, int]:
        """PUT: whether it is there already makes no difference."""
        lead = pictures.lead.id if pictures.lead else ""
        if not lead and article.image and there is not None:
            lead = there.picture  # its source does not give it now: what is replaced keeps the picture it has
        body = self._blog(article, pictures, lead) if self._is_blog else self._web_content(article, pictures, lead)
        reply = await self._interface.write(http, "PUT", self._content(article.content_id), body)
        id = reply.data.get("id") if isinstance(reply.data, dict) else None
        if not isinstance(id, int):
            raise self._unreadable(Purpose.SEND_ONCE, "a content without an id")
        return str(id), reply.status

    async def remove(self, http: "Http", there: Standing, *, for_good: bool) -> int:
        """Delete; headless delivery has no bin and no other way out of sight."""
        url = self._content(there.content_id)
        return (await self._interface.write(http, "DELETE", url, expected=_MISSING)).status

    async def shelf(self, http: "Http", cursor: Cursor) -> Shelf:
        """Contents in the order in which they were made."""
        number = int(cursor.get("page", "1"))
        query = [("page", str(number)), ("pageSize", str(_PER_PAGE)), ("sort", "dateCreated:asc")]
        url = self._contents
        if self._config.structure is not None:
            url = f"{self._interface_root}/content-structures/{self._config.structure}/structured-contents"
        reply = await self._interface.read(http, with_parameters(url, query), listing=True)
        items = reply.data.get("items") if isinstance(reply.data, dict) else None
        if not isinstance(items, list):
            raise self._unreadable(Purpose.READ, "contents are no list")
        standing = [one for one in map(self._standing, items) if one is not None and one.content_id.version == 5]
        last = reply.data.get("lastPage")  # behind it Liferay shows it again
        more = isinstance(last, int) and number < last
        return Shelf(standing=standing, cursor={"page": str(number + 1)} if more else None)

    async def store(self, http: "Http", upload: Upload) -> Stored:
        """A document whose reference code follows from its bytes: looked for, then made."""
        known = f"{self._site}/documents/by-external-reference-code/{upload.name}"
        reply = await self._interface.read(http, known, missing=_MISSING)
        if reply.status in _MISSING:
            folder = self._config.document_folder
            url = f"{self._interface_root}/document-folders/{folder}" if folder else self._site
            document = {
                "title": upload.filename, "description": upload.alt, "externalReferenceCode": upload.name,
                "viewableBy": "Anyone",
            }  # fmt: skip
            body, content_type = _multipart(document, upload)
            reply = await self._interface.upload(
                http, f"{url}/documents", body, {"Content-Type": content_type}, expected=_CONFLICT
            )
            if reply.status == 409:  # a call that we thought dead has brought it
                reply = await self._interface.read(http, known)
        document = reply.data if isinstance(reply.data, dict) else {}
        if not isinstance(document.get("id"), int):
            raise self._unreadable(Purpose.SEND_ONCE, "a document without an id")
        address = str(document.get("contentUrl") or "")
        return Stored(id=str(document["id"]), address=urljoin(f"{self._portal}/", address) if address else "")

    def _web_content(self, article: Article, pictures: Pictures, lead: str) -> dict[str, Any]:
        config = self._config
        values: dict[str, Any] = {config.body_field: {"data": with_addresses(article.html, pictures.addresses)}}
        if config.image_field and lead:
            values[config.image_field] = {"image": {"id": int(lead), "description": article.alt}}
        if config.source_field:
            values[config.source_field] = {"data": article.url}
        if config.revision_field:
            values[config.revision_field] = {"data": str(article.revision)}
        return self._shared(article) | {
            "title": article.title, "description": article.summary, "contentStructureId": config.structure,
            "contentFields": [{"name": name, "contentFieldValue": value} for name, value in values.items()],
        }  # fmt: skip

    def _blog(self, article: Article, pictures: Pictures, lead: str) -> dict[str, Any]:
        config = self._config
        posting: dict[str, Any] = self._shared(article) | {
            "headline": article.title, "description": article.summary,
            "articleBody": with_addresses(article.html, pictures.addresses),
        }  # fmt: skip
        if lead:
            posting["image"] = {"imageId": int(lead), "caption": article.alt}
        if config.revision_field:
            posting["customFields"] = [{"name": config.revision_field, "customValue": {"data": str(article.revision)}}]
        return posting

    def _shared(self, article: Article) -> dict[str, Any]:
        config = self._config
        shared: dict[str, Any] = {"externalReferenceCode": str(article.content_id), "viewableBy": "Anyone"}
        if article.published is not None:
            shared["datePublished"] = article.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        others = [config.other_category] if config.other_category is not None else []
        if categories := mapped(article, config.categories, others):
            shared["taxonomyCategoryIds"] = categories
        if config.keywords:
            shared["keywords"] = list(article.tags)
        return shared

    def _standing(self, content: Any) -> Standing | None:
        if not isinstance(content, dict):
            return None
        try:
            content_id = UUID(str(content.get("externalReferenceCode")))
        except ValueError:
            return None
        config = self._config
        if self._is_blog:
            customs = {one.get("name"): one.get("customValue") for one in _dicts(content.get("customFields"))}
            title, html, revision = (
                content.get("headline"),
                content.get("articleBody"),
                customs.get(config.revision_field),
            )
            image = content.get("image")
            picture = image.get("imageId") if isinstance(image, dict) else None
        else:
            values = {one.get("name"): one.get("contentFieldValue") for one in _dicts(content.get("contentFields"))}
            title, html, revision = (
                content.get("title"),
                _of(values.get(config.body_field)),
                values.get(config.revision_field),
            )
            image = values.get(config.image_field)
            inside = image.get("image") if isinstance(image, dict) else None
            picture = inside.get("id") if isinstance(inside, dict) else None
        kept = str(_of(revision) or "")
        return Standing(
            id=str(content.get("id", "")), content_id=content_id, title=str(title or ""), html=str(html or ""),
            revision=int(kept[:9]) if kept.isascii() and kept.isdigit() else None,
            picture=str(picture) if isinstance(picture, int) else "",
        )  # fmt: skip

    def _unreadable(self, purpose: Purpose, cause: str) -> HubError:
        return error_for(CameBack.UNREADABLE, purpose, f"{self._name}: {cause}")

    @property
    def _is_blog(self) -> bool:
        return self._config.content is Content.BLOGS

    @property
    def _interface_root(self) -> str:
        return f"{self._portal}/o/headless-delivery/v1.0"

    @property
    def _site(self) -> str:
        return f"{self._interface_root}/sites/{quote(self._config.site, safe='')}"

    @property
    def _contents(self) -> str:
        return f"{self._site}/{self._config.content.value}"

    def _content(self, content_id: UUID) -> str:
        return f"{self._contents}/by-external-reference-code/{content_id}"


def _multipart(document: Mapping[str, Any], upload: Upload) -> tuple[bytes, str]:
    """A form of two parts: what the document is called, and its bytes. The boundary follows from them."""
    boundary = f"hub-{upload.sha256}"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="document"\r\nContent-Type: application/json\r\n\r\n'
    ).encode()
    between = (
        f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{upload.filename}"\r\n'
        f"Content-Type: {upload.content_type}\r\n\r\n"
    ).encode()
    body = b"".join((head, orjson.dumps(document), between, upload.body, f"\r\n--{boundary}--\r\n".encode()))
    return body, f"multipart/form-data; boundary={boundary}"


def _of(value: Any) -> Any:
    """The simple value of a field: `{"data": …}`."""
    return value.get("data") if isinstance(value, dict) else None


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []
