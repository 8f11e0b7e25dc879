"""WordPress: posts over its REST interface, `/wp-json/wp/v2/…`, with an Application Password.

    GET    posts?slug=hub-…          is it there? (connectors/cms/portal.py says when)
    POST   posts, posts/{id}         create, overwrite
    DELETE posts/{id}[?force=true]   to the bin, or for good
    POST   media                     a picture; its file name follows from its bytes
    GET    posts?page=…              all of ours, for a comparison

WordPress gives ids itself and makes a second post of a repeated call. Ours are known by their slug, which follows from
the content_id, and by two keys of `meta`, which the site must register (docs/howto/publish-to-a-cms-portal.md): keys
that are not registered are ignored without a word, and then texts are compared in place of revisions.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from pydantic import BeforeValidator, Field, SecretStr

from connectors.base import Cursor
from connectors.cms.article import Article, mapped, with_addresses
from connectors.cms.interface import Interface, Reply, Said
from connectors.cms.logins import Basic
from connectors.cms.pictures import Pictures, Stored, Upload
from connectors.cms.portal import CmsPortal, CmsSettings, DeletedThereError, Numbers, Shelf, Standing
from connectors.cms.refusals import WORDPRESS
from connectors.fields import HeaderSecret
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.url import with_parameters
from schemas.base import TITLE_LIMIT

if TYPE_CHECKING:
    from connectors.http import Http

#: Everything but the bin: what is there is not there yet, or is not shown, to somebody only.
_STATES: Final = "publish,future,draft,pending,private"
_FIELDS: Final = "id,slug,status,title,content,meta"
_PER_PAGE: Final = 50
_GONE: Final = frozenset({404, 410})
_MISSING: Final = frozenset({404})
_PARAMETER: Final = re.compile(r"\w{1,60}")


def _joined(value: object) -> object:
    """WordPress shows Application Passwords in groups of four and reads them without the blanks."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return "".join(value.split()) if isinstance(value, str) else value


class Status(StrEnum):
    """What a new post is; where editors decide, later revisions leave it as they set it."""

    PUBLISH = "publish"
    PENDING = "pending"
    DRAFT = "draft"


class Removal(StrEnum):
    """What becomes of a withdrawn post."""

    TRASH = "trash"
    FORCE = "force"
    PRIVATE = "private"


class Config(CmsSettings):
    """Keys of a WordPress site in settings.toml."""

    username: str = Field(min_length=1, max_length=60, description="account that writes: an editor of its own")
    password: Annotated[HeaderSecret, BeforeValidator(_joined)] = Field(
        description="an Application Password of that account, not the one it logs in with"
    )
    rest_route: bool = Field(default=False, description="the site has plain permalinks and no /wp-json/")
    post_type: str = Field(
        default="posts", pattern=r"^[a-z0-9_-]{1,40}$", description="`rest_base` of the type that is written"
    )
    status: Status = Field(default=Status.PUBLISH, description="what a new post is")
    removal: Removal = Field(
        default=Removal.TRASH, description="what becomes of a withdrawn post; one that must vanish is always deleted"
    )
    slug_prefix: str = Field(
        default="hub-", pattern=r"^[a-z0-9]{1,20}-$", description="what slugs of our posts begin with"
    )
    id_meta: str = Field(
        default="hub_content_id", pattern=r"^\w{0,60}$", description="registered key for our identity; empty: none"
    )
    revision_meta: str = Field(
        default="hub_revision", pattern=r"^\w{0,60}$", description="registered key for our revision; empty: none"
    )
    author: int | None = Field(default=None, ge=1, description="id of the user who is named as author")
    categories: Numbers = Field(default={}, description="ids of categories by tag, code of the member, or kind: `news`")
    other_category: int | None = Field(default=None, ge=1, description="category of what the table does not name")
    tags: Numbers = Field(default={}, description="ids of tags in the same way; others are left out")


class Connector(CmsPortal):
    """A WordPress site."""

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config, WordPress(name, config))


class WordPress:
    """The REST interface of one site, as connectors.cms.portal needs it."""

    accept = "application/json"
    locale = ""
    refusals = WORDPRESS
    title_limit = TITLE_LIMIT

    def __init__(self, name: str, config: Config) -> None:
        self._config = config
        self._slug = re.compile(rf"{re.escape(config.slug_prefix)}([0-9a-f]{{32}})(?:-\d{{1,3}})?")
        self._interface = Interface(
            name, self, Basic(config.username, config.password), timeout=config.timeout, allow=config.allow_private
        )
        self._name = name

    def said(self, method: str, status: int, data: Any) -> Said:
        """`code` of the answer, and the parameter that it names."""
        if not isinstance(data, dict):
            return Said()
        more = data.get("data")
        parameters = more.get("params") if isinstance(more, dict) else None
        named = next(iter(parameters), "") if isinstance(parameters, dict) else ""
        return Said(key=str(data.get("code", "")), pointer=named if _PARAMETER.fullmatch(str(named)) else "")

    def state_wanted(self) -> str:
        """Published; where editors decide, whatever they decided."""
        return Status.PUBLISH if self._config.status is Status.PUBLISH else ""

    async def look(self, http: "Http", content_id: UUID, id: str) -> Standing | None:
        """By the id it had, for editors may change the slug; else by the slug, for the id may never have reached us."""
        posts = self._config.post_type
        if id.isascii() and id.isdigit():
            reply = await self._interface.read(http, self._url(f"{posts}/{id}", _CONTEXT), missing=_GONE)
            if reply.status in _GONE:
                return Standing(id=id, content_id=content_id, seen=False)
            post = self._standing(reply.data)
            if post is not None and post.content_id == content_id and post.state != "trash":
                return post
        slug = f"{self._config.slug_prefix}{content_id.hex}"
        # WordPress makes the second slug for a second post: what two calls at once would leave.
        wanted = [("slug", f"{slug},{slug}-2"), ("status", _STATES), ("per_page", "10"), ("orderby", "id")]
        reply = await self._interface.read(http, self._url(posts, [*_CONTEXT, *wanted, ("order", "asc")]), listing=True)
        found = [one for one in self._all(reply) if one.content_id == content_id]
        if not found:
            return None
        first = found[0]
        return Standing(
            id=first.id, content_id=content_id, title=first.title, html=first.html, revision=first.revision,
            state=first.state, shown=first.shown, doubles=tuple(one.id for one in found[1:]),
        )  # fmt: skip

    async def write(
        self, http: "Http", article: Article, there: Standing | None, pictures: Pictures
    ) -> tuple[str, int]:
        """POST the post; a double of it that an old call left is deleted."""
        config = self._config
        post = self._post(article, pictures)
        if there is None:
            post |= {"slug": f"{config.slug_prefix}{article.content_id.hex}", "status": config.status.value}
        elif config.status is Status.PUBLISH:
            post["status"] = Status.PUBLISH.value
        path = f"{config.post_type}/{there.id}" if there else config.post_type
        reply = await self._interface.write(http, "POST", self._url(path), post, expected=_MISSING if there else _NONE)
        if reply.status == 404:
            raise DeletedThereError(self._name)
        id = reply.data.get("id") if isinstance(reply.data, dict) else None
        if not isinstance(id, int):
            raise error_for(CameBack.UNREADABLE, Purpose.SEND_ONCE, f"{self._name}: a post without an id")
        await self._delete(http, there.doubles if there else (), force=True)
        return str(id), reply.status

    async def remove(self, http: "Http", there: Standing, *, for_good: bool) -> int:
        """To the bin, away, or out of sight, as the settings say."""
        removal = Removal.FORCE if for_good else self._config.removal
        await self._delete(http, there.doubles, force=True)
        if removal is Removal.PRIVATE:
            url = self._url(f"{self._config.post_type}/{there.id}")
            return (await self._interface.write(http, "POST", url, {"status": "private"}, expected=_GONE)).status
        return await self._delete(http, (there.id,), force=removal is Removal.FORCE)

    async def shelf(self, http: "Http", cursor: Cursor) -> Shelf:
        """Posts in the order of their ids; ours are told by slug or meta."""
        number = int(cursor.get("page", "1"))
        wanted = [("status", _STATES), ("per_page", str(_PER_PAGE)), ("page", str(number)), ("orderby", "id")]
        url = self._url(self._config.post_type, [*_CONTEXT, *wanted, ("order", "asc")])
        # 400: a page beyond the last, when posts were deleted since the page before.
        reply = await self._interface.read(http, url, listing=True, missing=_BEYOND if number > 1 else _NONE)
        if reply.status == 400:
            return Shelf()
        total = reply.headers.get("X-WP-TotalPages", "")
        more = number < int(total) if total.isascii() and total.isdigit() else len(reply.data) == _PER_PAGE
        return Shelf(standing=self._all(reply), cursor={"page": str(number + 1)} if more else None)

    async def store(self, http: "Http", upload: Upload) -> Stored:
        """Look for the picture by its name, upload it, describe it."""
        query = [("slug", upload.name), ("context", "edit"), ("_fields", "id,source_url,alt_text")]
        reply = await self._interface.read(http, self._url("media", query), listing=True)
        known = next((one for one in _dicts(reply.data)), None)
        if known is None:
            headers = {
                "Content-Type": upload.content_type,
                "Content-Disposition": f'attachment; filename="{upload.filename}"',
            }
            made = await self._interface.upload(http, self._url("media"), upload.body, headers)
            known = made.data if isinstance(made.data, dict) else {}
        id = known.get("id")
        if not isinstance(id, int):
            raise error_for(CameBack.UNREADABLE, Purpose.SEND_ONCE, f"{self._name}: a picture without an id")
        if upload.alt and not known.get("alt_text"):
            await self._interface.write(http, "POST", self._url(f"media/{id}"), {"alt_text": upload.alt})
        return Stored(id=str(id), address=str(known.get("source_url") or ""))

    async def _delete(self, http: "Http", ids: Sequence[str], *, force: bool) -> int:
        status = 0
        for id in ids:
            url = self._url(f"{self._config.post_type}/{id}", [("force", "true")] if force else [])
            status = (await self._interface.write(http, "DELETE", url, expected=_GONE)).status
        return status

    def _post(self, article: Article, pictures: Pictures) -> dict[str, Any]:
        config = self._config
        post: dict[str, Any] = {
            "title": article.title,
            "content": with_addresses(article.html, pictures.addresses),
            "excerpt": article.summary,
        }
        meta = {config.id_meta: str(article.content_id), config.revision_meta: article.revision}
        if kept := {key: value for key, value in meta.items() if key}:
            post["meta"] = kept
        if article.published is not None:
            post["date_gmt"] = article.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        if config.author is not None:
            post["author"] = config.author
        others = [config.other_category] if config.other_category is not None else []
        if categories := mapped(article, config.categories, others):
            post["categories"] = categories
        if config.tags:
            post["tags"] = mapped(article, config.tags)
        if pictures.lead is not None:
            post["featured_media"] = int(pictures.lead.id)
        elif config.pictures and not article.image:
            post["featured_media"] = 0  # the item has none any more; one that could not be had now stays as it is
        return post

    def _all(self, reply: Reply) -> list[Standing]:
        if not isinstance(reply.data, list):
            raise error_for(CameBack.UNREADABLE, Purpose.READ, f"{self._name}: posts are no list")
        found = (self._standing(post) for post in reply.data)
        return [one for one in found if one is not None]

    def _standing(self, post: Any) -> Standing | None:
        """A post, if it is one of ours."""
        if not isinstance(post, dict) or not isinstance(post.get("id"), int):
            return None
        content_id = self._identity(post)
        if content_id is None:
            return None
        state, revision = str(post.get("status", "")), _meta(post).get(self._config.revision_meta)
        kept = isinstance(revision, int | str) and str(revision).isascii() and str(revision).isdigit()
        return Standing(
            id=str(post["id"]), content_id=content_id, title=_raw(post, "title"), html=_raw(post, "content"),
            # Registered keys read as 0 where nothing was ever kept.
            revision=int(str(revision)[:9]) or None if kept else None, state=state,
            shown=state not in ("private", "trash"),
        )  # fmt: skip

    def _identity(self, post: Mapping[str, Any]) -> UUID | None:
        try:
            return UUID(str(_meta(post).get(self._config.id_meta) or ""))
        except ValueError:
            found = self._slug.fullmatch(str(post.get("slug", "")))
            return UUID(found[1]) if found else None

    def _url(self, path: str, query: Sequence[tuple[str, str]] = ()) -> str:
        site = self._config.url.partition("?")[0].rstrip("/")
        if self._config.rest_route:
            return with_parameters(f"{site}/", [("rest_route", f"/wp/v2/{path}"), *query])
        return with_parameters(f"{site}/wp-json/wp/v2/{path}", query)


_CONTEXT: Final = (("context", "edit"), ("_fields", _FIELDS))
_BEYOND: Final = frozenset({400})
_NONE: Final[frozenset[int]] = frozenset()


def _dicts(data: Any) -> list[dict[str, Any]]:
    return [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []


def _meta(post: Mapping[str, Any]) -> Mapping[str, Any]:
    """The meta of a post; PHP writes an empty one as a list."""
    meta = post.get("meta")
    return meta if isinstance(meta, dict) else {}


def _raw(post: Mapping[str, Any], field: str) -> str:
    """A text as it was written, before the theme and plug-ins show it."""
    text = post.get(field)
    return str(text.get("raw", "")) if isinstance(text, dict) else ""
