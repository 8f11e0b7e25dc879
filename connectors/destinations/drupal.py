"""Drupal: nodes of one type over JSON:API, `/jsonapi/node/BUNDLE`.

    GET    node/BUNDLE/{content_id}     is it there? (connectors/cms/portal.py says when)
    POST   node/BUNDLE                  create; 409: it is there after all, so overwrite
    PATCH  node/BUNDLE/{content_id}     overwrite; unpublish
    DELETE node/BUNDLE/{content_id}     for good
    POST   node/BUNDLE/FIELD            a picture as a file; or media/BUNDLE/FIELD, and a medium that has it
    GET    node/BUNDLE?page[offset]=…   all of ours, for a comparison

A client may give a node its UUID: it is our content_id, so two calls can never make two nodes. Content ids are UUIDs of
version 5 and those of Drupal of version 4: that is how a comparison tells ours from those of the site's editors.
"""

import re
from collections.abc import Mapping
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final, Self
from urllib.parse import urljoin
from uuid import UUID, uuid5

from pydantic import Field, model_validator

from connectors.base import Cursor
from connectors.cms.article import Article, mapped, with_addresses
from connectors.cms.interface import Interface, Said
from connectors.cms.logins import Account
from connectors.cms.pictures import Pictures, Stored, Upload
from connectors.cms.portal import CmsPortal, CmsSettings, DeletedThereError, Shelf, Standing
from connectors.cms.refusals import DRUPAL
from connectors.errors import HubError
from connectors.fields import Allowed
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.url import with_parameters

if TYPE_CHECKING:
    from connectors.http import Http

#: Drupal gives no more on one page.
_PER_PAGE: Final = 50
_TITLE_LIMIT: Final = 255
_MISSING: Final = frozenset({404, 410})
_CONFLICT: Final = frozenset({409})
_UNSEEN: Final = frozenset({403, 404})
_POINTER: Final = re.compile(r"/data/(?:attributes|relationships)/([\w/]{1,80})")
#: Media that we make have ids that follow from their bytes.
_MEDIA: Final = UUID("0c4f5b1e-7d0a-5f0e-9d6b-2b8b6a1f4c3d")

_NAME: Final = r"^[a-z0-9_]{0,64}$"


class Removal(StrEnum):
    """What becomes of a withdrawn node."""

    UNPUBLISH = "unpublish"
    DELETE = "delete"


class Config(CmsSettings, Account):
    """Keys of a Drupal site in settings.toml."""

    bundle: str = Field(default="article", pattern=r"^[a-z0-9_]{1,64}$", description="machine name of the content type")
    published: bool = Field(
        default=True,
        description="show what is sent; false: editors decide, and later revisions leave it as they set it",
    )
    moderation_state: str = Field(
        default="", pattern=_NAME, description="state of what is shown, where Content Moderation is on: `published`"
    )
    withdrawn_state: str = Field(
        default="", pattern=_NAME, description="its state when it is withdrawn: `archived`"
    )  # fmt: skip
    removal: Removal = Field(
        default=Removal.UNPUBLISH,
        description="what becomes of a withdrawn node; one that must vanish is always deleted",
    )
    langcode: str = Field(default="", pattern=r"^[a-zA-Z-]{0,12}$", description="language of nodes; empty: the site's")
    body_field: str = Field(default="body", pattern=r"^[a-z0-9_]{1,64}$", description="field of the text")
    format: str = Field(
        default="basic_html",
        pattern=r"^[a-z0-9_]{1,64}$",
        description="text format; the account must be allowed to use it",
    )
    summary_field: str = Field(
        default="body",
        pattern=_NAME,
        description="field of the summary; that of the text: its own summary; empty: none",
    )
    date_field: str = Field(
        default="", pattern=_NAME, description="field of the time of publication; `created` needs `administer nodes`"
    )
    source_field: str = Field(default="", pattern=_NAME, description="link field for the page at the source")
    revision_field: str = Field(
        default="", pattern=_NAME, description="integer field for our revision; empty: texts are compared instead"
    )
    category_field: str = Field(default="", pattern=_NAME, description="field that refers to terms")
    vocabulary: str = Field(default="tags", pattern=r"^[a-z0-9_]{1,64}$", description="vocabulary of these terms")
    categories: Annotated[Mapping[str, UUID], Allowed("a table of names and UUIDs")] = Field(
        default={}, description="UUIDs of terms by tag, code of the member, or kind: `news`"
    )
    other_category: Annotated[UUID, Allowed("a UUID")] | None = Field(
        default=None, description="term of what the table does not name"
    )
    image_field: str = Field(default="field_image", pattern=_NAME, description="field of the picture; empty: none")
    media: str = Field(default="", pattern=_NAME, description="media type, where that field refers to media: `image`")
    media_field: str = Field(
        default="field_media_image", pattern=r"^[a-z0-9_]{1,64}$", description="field of the file in such media"
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if not self.published and self.removal is Removal.UNPUBLISH:
            raise ValueError('published = false needs removal = "delete": an unpublished node may be a new one')
        if bool(self.moderation_state) != bool(self.withdrawn_state):
            raise ValueError("moderation_state and withdrawn_state go together")
        return self


class Connector(CmsPortal):
    """A Drupal site."""

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config, Drupal(name, config))


class Drupal:
    """JSON:API of one site, as connectors.cms.portal needs it."""

    accept = "application/vnd.api+json"
    locale = ""
    refusals = DRUPAL
    title_limit = _TITLE_LIMIT

    def __init__(self, name: str, config: Config) -> None:
        self._name = name
        self._config = config
        self._site = config.url.partition("?")[0].rstrip("/")
        self._type = f"node--{config.bundle}"
        login = config.login(f"{self._site}/oauth/token", timeout=config.timeout, allow=config.allow_private)
        self._interface = Interface(name, self, login, timeout=config.timeout, allow=config.allow_private)

    def said(self, method: str, status: int, data: Any) -> Said:
        """The status, and the field that the first error points to."""
        row = f"{method} {status}"
        return Said(key=row if row in DRUPAL else str(status), pointer=_pointer(data))

    def state_wanted(self) -> str:
        """Published; where editors decide, whatever they decided."""
        return self._config.moderation_state or "published" if self._config.published else ""

    async def look(self, http: "Http", content_id: UUID, id: str) -> Standing | None:
        """The node of that UUID; the id that it had last is the same."""
        reply = await self._interface.read(http, self._node(content_id), missing=_MISSING)
        if reply.status in _MISSING:
            return Standing(id=id, content_id=content_id, seen=False) if id else None
        standing = self._standing(_data(reply.data))
        if standing is None:
            raise self._unreadable(Purpose.READ, "a node without an id")
        return standing

    async def write(
        self, http: "Http", article: Article, there: Standing | None, pictures: Pictures
    ) -> tuple[str, int]:
        """POST a new node, PATCH one that is there."""
        node = self._resource(article, pictures, new=there is None)
        if there is None:
            reply = await self._interface.write(http, "POST", self._nodes(), {"data": node}, expected=_CONFLICT)
            if reply.status != 409:
                return self._written(reply.data, reply.status)
            # A call that we thought dead has made it; what is there now may be newer only if the hub has two minds.
        reply = await self._interface.write(
            http, "PATCH", self._node(article.content_id), {"data": node}, expected=_MISSING
        )
        if reply.status in _MISSING:
            raise DeletedThereError(self._name)
        return self._written(reply.data, reply.status)

    async def remove(self, http: "Http", there: Standing, *, for_good: bool) -> int:
        """Unpublish or delete."""
        url = self._node(there.content_id)
        if for_good or self._config.removal is Removal.DELETE:
            return (await self._interface.write(http, "DELETE", url, expected=_MISSING)).status
        state = self._config.withdrawn_state
        attributes = {"moderation_state": state} if state else {"status": False}
        node = {"type": self._type, "id": str(there.content_id), "attributes": attributes}
        return (await self._interface.write(http, "PATCH", url, {"data": node}, expected=_MISSING)).status

    async def shelf(self, http: "Http", cursor: Cursor) -> Shelf:
        """Nodes in the order of their numbers, fifty at a time."""
        config, offset = self._config, int(cursor.get("offset", "0"))
        fields = ["title", "status", config.body_field, config.revision_field]
        fields += ["moderation_state"] if config.moderation_state else []
        query = [
            (f"fields[{self._type}]", ",".join(field for field in fields if field)), ("sort", "drupal_internal__nid"),
            ("page[limit]", str(_PER_PAGE)), ("page[offset]", str(offset)),
        ]  # fmt: skip
        if config.revision_field:
            query += [("filter[ours][condition][path]", config.revision_field),
                      ("filter[ours][condition][operator]", "IS NOT NULL")]  # fmt: skip
        reply = await self._interface.read(http, with_parameters(self._nodes(), query), listing=True)
        nodes = reply.data.get("data") if isinstance(reply.data, dict) else None
        if not isinstance(nodes, list):
            raise self._unreadable(Purpose.READ, "nodes are no list")
        standing = [one for one in map(self._standing, nodes) if one is not None and one.content_id.version == 5]
        links, meta = reply.data.get("links"), reply.data.get("meta")
        more = isinstance(links, dict) and "next" in links
        # What the account may not see is named there and left out of the list.
        seen_whole = not (isinstance(meta, dict) and meta.get("omitted"))
        following = {"offset": str(offset + _PER_PAGE)} if more else None
        return Shelf(standing=standing, cursor=following, whole=seen_whole)

    async def store(self, http: "Http", upload: Upload) -> Stored:
        """A file that the node refers to, or a medium that has the file; looked for before it is made."""
        config = self._config
        if not config.media:
            wanted = with_parameters(self._url("file/file"), [("filter[filename]", upload.filename)])
            known = await self._interface.read(http, wanted, missing=_UNSEEN)
            files = known.data.get("data") if known.status == 200 and isinstance(known.data, dict) else None
            if isinstance(files, list) and files and isinstance(files[0], dict):
                return self._stored(files[0])
            return self._stored(await self._file(http, self._url(f"node/{config.bundle}/{config.image_field}"), upload))
        id = uuid5(_MEDIA, upload.sha256)
        medium = self._url(f"media/{config.media}/{id}")
        known = await self._interface.read(
            http, with_parameters(medium, [("include", config.media_field)]), missing=_MISSING
        )
        if known.status == 200:
            included = known.data.get("included") if isinstance(known.data, dict) else None
            address = _address(included[0]) if isinstance(included, list) and included else ""
            return Stored(id=str(id), address=self._absolute(address))
        file = await self._file(http, self._url(f"media/{config.media}/{config.media_field}"), upload)
        reference = {"type": "file--file", "id": str(file.get("id")), "meta": {"alt": upload.alt}}
        resource = {
            "type": f"media--{config.media}", "id": str(id), "attributes": {"name": upload.alt or upload.filename},
            "relationships": {config.media_field: {"data": reference}},
        }  # fmt: skip
        url = self._url(f"media/{config.media}")
        await self._interface.write(http, "POST", url, {"data": resource}, expected=_CONFLICT)
        return Stored(id=str(id), address=self._absolute(_address(file)))

    async def _file(self, http: "Http", url: str, upload: Upload) -> Mapping[str, Any]:
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'file; filename="{upload.filename}"',
        }
        made = _data((await self._interface.upload(http, url, upload.body, headers)).data)
        if not isinstance(made.get("id"), str):
            raise self._unreadable(Purpose.SEND_ONCE, "a file without an id")
        return made

    def _stored(self, file: Mapping[str, Any]) -> Stored:
        return Stored(id=str(file.get("id")), address=self._absolute(_address(file)))

    def _absolute(self, address: str) -> str:
        return urljoin(f"{self._site}/", address) if address else ""

    def _resource(self, article: Article, pictures: Pictures, *, new: bool) -> dict[str, Any]:
        config = self._config
        text = {"value": with_addresses(article.html, pictures.addresses), "format": config.format}
        attributes: dict[str, Any] = {"title": article.title, config.body_field: text}
        if config.summary_field == config.body_field:
            text["summary"] = article.summary
        elif config.summary_field:
            attributes[config.summary_field] = article.summary
        if config.moderation_state and config.published:
            attributes["moderation_state"] = config.moderation_state
        elif not config.moderation_state and (config.published or new):
            attributes["status"] = config.published
        if config.langcode and new:
            attributes["langcode"] = config.langcode
        if config.date_field and article.published is not None:
            attributes[config.date_field] = article.published.astimezone(UTC).isoformat(timespec="seconds")
        if config.source_field:
            link = {"uri": article.url, "title": article.member_name or article.member}
            attributes[config.source_field] = link if article.url else None
        if config.revision_field:
            attributes[config.revision_field] = article.revision
        relationships: dict[str, Any] = {}
        if config.category_field:
            others = [config.other_category] if config.other_category else []
            terms = mapped(
                article, {key: str(term) for key, term in config.categories.items()}, [str(t) for t in others]
            )
            kind = f"taxonomy_term--{config.vocabulary}"
            relationships[config.category_field] = {"data": [{"type": kind, "id": term} for term in terms]}
        if config.image_field and config.pictures:
            if pictures.lead is not None:
                kind = f"media--{config.media}" if config.media else "file--file"
                reference: dict[str, Any] = {"type": kind, "id": pictures.lead.id}
                if not config.media:
                    reference["meta"] = {"alt": article.alt}
                relationships[config.image_field] = {"data": reference}
            elif not article.image and not new:
                relationships[config.image_field] = {"data": None}  # the item has none any more
        node = {"type": self._type, "id": str(article.content_id), "attributes": attributes}
        return node | ({"relationships": relationships} if relationships else {})

    def _standing(self, node: Any) -> Standing | None:
        if not isinstance(node, dict) or not isinstance(node.get("attributes"), dict):
            return None
        try:
            content_id = UUID(str(node.get("id")))
        except ValueError:
            return None
        config, attributes = self._config, node["attributes"]
        text, revision = attributes.get(config.body_field), attributes.get(config.revision_field)
        public = attributes.get("status") is not False
        state = attributes.get("moderation_state") if config.moderation_state else None
        return Standing(
            id=str(content_id), content_id=content_id, title=str(attributes.get("title", "")),
            html=str(text.get("value", "")) if isinstance(text, dict) else "",
            revision=revision if isinstance(revision, int) and revision > 0 else None,
            state=str(state) if state else "published" if public else "unpublished",
            shown=public or not config.published,
        )  # fmt: skip

    def _written(self, data: Any, status: int) -> tuple[str, int]:
        id = _data(data).get("id")
        if not isinstance(id, str):
            raise self._unreadable(Purpose.SEND_ONCE, "a node without an id")
        return id, status

    def _unreadable(self, purpose: Purpose, cause: str) -> HubError:
        return error_for(CameBack.UNREADABLE, purpose, f"{self._name}: {cause}")

    def _node(self, content_id: UUID) -> str:
        return f"{self._nodes()}/{content_id}"

    def _nodes(self) -> str:
        return self._url(f"node/{self._config.bundle}")

    def _url(self, path: str) -> str:
        return f"{self._site}/jsonapi/{path}"


def _data(document: Any) -> Mapping[str, Any]:
    """The resource of a JSON:API document."""
    data = document.get("data") if isinstance(document, dict) else None
    return data if isinstance(data, dict) else {}


def _address(file: Any) -> str:
    """Where a file is shown: `attributes.uri.url`."""
    attributes = file.get("attributes") if isinstance(file, dict) else None
    uri = attributes.get("uri") if isinstance(attributes, dict) else None
    return str(uri.get("url") or "") if isinstance(uri, dict) else ""


def _pointer(document: Any) -> str:
    errors = document.get("errors") if isinstance(document, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    source = first.get("source") if isinstance(first, dict) else None
    found = _POINTER.fullmatch(str(source.get("pointer", ""))) if isinstance(source, dict) else None
    return found[1] if found else ""
