"""The addresses that content systems are asked at, made from the settings, and settings that cannot work."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import ValidationError

from connectors.base import SourceContext
from connectors.errors import TransientError
from connectors.http import Http
from connectors.sources import drupal, liferay, sharepoint
from schemas.item import Kind
from tests.fakes.site import Site


async def asked(module: Any, http: Http, site: Site, below: str, keys: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Path and query of the first request of a source."""
    context = SourceContext(name="mau", kind=Kind.NEWS, url=site.origin + below)
    with pytest.raises(TransientError):  # nothing is served there
        await module.Connector(context, module.Config(**keys)).fetch(http, {})
    parts = urlsplit(site.asked[0].path)
    return parts.path, dict(parse_qsl(parts.query))


@pytest.mark.parametrize("below", ["", "/", "/jsonapi", "/jsonapi/", "/jsonapi/node/tin_tuc"])
async def test_drupal_is_asked_for_one_type_with_what_it_refers_to(http: Http, site: Site, below: str) -> None:
    keys = {"bundle": "tin_tuc", "image": "field_media.field_media_image", "files": ["field_tep"]}
    path, query = await asked(drupal, http, site, below, keys)
    assert path == "/jsonapi/node/tin_tuc"
    assert query == {
        "sort": "-changed", "page[limit]": "20", "include": "field_media.field_media_image,field_tags,field_tep",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ({"site": "20117"}, "/o/headless-delivery/v1.0/sites/20117/structured-contents"),
        ({"site": "so y te"}, "/o/headless-delivery/v1.0/sites/so%20y%20te/structured-contents"),
        ({"site": "1", "content": "blog-postings"}, "/o/headless-delivery/v1.0/sites/1/blog-postings"),
        ({"site": "1", "structure": 39004}, "/o/headless-delivery/v1.0/content-structures/39004/structured-contents"),
    ],
)
async def test_liferay_is_asked_for_one_kind_of_content(
    http: Http, site: Site, keys: dict[str, Any], path: str
) -> None:
    found, query = await asked(liferay, http, site, "/", keys)
    assert found == path
    assert (query["sort"], query["page"], query["pageSize"]) == ("dateModified:desc", "1", "20")
    assert query.get("flatten") == (None if "structure" in keys else "true")
    assert site.asked[0].headers["Accept-Language"].startswith("vi-VN")


@pytest.mark.parametrize(
    ("below", "name", "path"),
    [
        ("/tin/", "Tin tức", "/tin/_api/web/lists/getbytitle('Tin%20t%E1%BB%A9c')/items"),
        ("", "O'Hara", "/_api/web/lists/getbytitle('O''Hara')/items"),
        ("", "{0b1c3d4e-0000-4000-8000-000000000055}",
         "/_api/web/lists(guid'0b1c3d4e-0000-4000-8000-000000000055')/items"),
    ],
)  # fmt: skip
async def test_sharepoint_is_asked_for_one_list(http: Http, site: Site, below: str, name: str, path: str) -> None:
    found, query = await asked(sharepoint, http, site, below, {"list": name, "attachments": False})
    assert found == path
    assert query == {"$select": "*,FileRef", "$orderby": "Modified desc,ID desc", "$top": "20"}
    assert "odata=nometadata" in site.asked[0].headers["Accept"]


@pytest.mark.parametrize(
    ("below", "list_id", "expected"),
    [
        ("/tin", "{3C2B1A09-8877-4665-9544-332211009988}",
         "/tin/_layouts/15/listfeed.aspx?List=3C2B1A09-8877-4665-9544-332211009988"),
        ("/_layouts/15/listfeed.aspx?List=3c2b", "", "/_layouts/15/listfeed.aspx?List=3c2b"),
        ("/Pages/rss.aspx?ItemID=54", "Tin", "/Pages/rss.aspx?ItemID=54"),
    ],
)  # fmt: skip
async def test_the_feed_of_a_list_is_fetched_as_a_feed(
    http: Http, site: Site, below: str, list_id: str, expected: str
) -> None:
    rss = b"<rss version='2.0'><channel><title>Tin</title><item><title>A</title><link>/a</link></item></channel></rss>"
    site.serve(urlsplit(expected).path, rss, etag='"1"')
    context = SourceContext(name="mau", kind=Kind.NEWS, url=site.origin + below)
    source = sharepoint.Connector(context, sharepoint.Config(mode="listfeed", list=list_id))
    capture = await source.fetch(http, {})
    assert site.asked[0].path == expected
    again = await source.fetch(http, capture.cursor)  # type: ignore[union-attr]
    assert type(again).__name__ == "Unchanged"
    walked = await source.walk(http, {}, capture.fetched_at.date())  # type: ignore[union-attr]
    assert len(source.split(walked, frozenset(), walked.fetched_at).records) == 1
    assert not walked.hints.more


@pytest.mark.parametrize(
    ("module", "keys"),
    [
        (drupal, {"bundle": "../user"}), (drupal, {"per_page": 51}), (drupal, {"image": "field_image,uid"}),
        (liferay, {}), (liferay, {"site": "1", "content": "users"}), (liferay, {"site": "1", "locale": "vi\r\nX: y"}),
        (sharepoint, {}), (sharepoint, {"list": "Tin", "title": "Title,Author/EMail"}),
        (sharepoint, {"list": "Tin", "mode": "soap"}), (sharepoint, {"list": "Tin", "authorization": "a b"}),
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(module: Any, keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        module.Config(**keys)
