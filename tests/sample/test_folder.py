"""Saved feeds as member sites: which files are served, as what, and under which names."""

from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from connectors.errors import ConfigError
from hub.sample.folder import SavedFeeds, media_type, saved_files, source_names
from hub.settings.values import Name

RSS = b'<?xml version="1.0" encoding="windows-1258"?>\n<rss version="2.0"><channel/></rss>'


def lay(folder: Path, *paths: str, content: bytes = RSS) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


async def test_every_file_is_served_byte_for_byte_without_a_charset(tmp_path: Path) -> None:
    lay(tmp_path, "vi/2019/vnexpress.rss", "made/feed")
    async with SavedFeeds(tmp_path) as feeds, aiohttp.ClientSession() as session:
        assert [feed.name for feed in feeds.sources] == ["made-feed", "vi-2019-vnexpress"]
        for feed in feeds.sources:
            assert feed.url.startswith(f"http://{feeds.door}/")
            async with session.get(feed.url) as answer:
                assert await answer.read() == RSS == feed.path.read_bytes()
                assert answer.headers["Content-Type"] == "application/rss+xml"


async def test_a_second_poll_gets_304(tmp_path: Path) -> None:
    lay(tmp_path, "a.rss")
    async with SavedFeeds(tmp_path) as feeds, aiohttp.ClientSession() as session:
        async with session.get(feeds.sources[0].url) as first:
            validator = first.headers["ETag"]
        async with session.get(feeds.sources[0].url, headers={"If-None-Match": validator}) as second:
            assert second.status == 304


async def test_nothing_else_of_the_disk_is_served(tmp_path: Path) -> None:
    lay(tmp_path, "feeds/a.rss", "secret.rss")
    async with SavedFeeds(tmp_path / "feeds") as feeds, aiohttp.ClientSession() as session:
        for path in ("secret.rss", "%2e%2e%2fsecret.rss", "..%2Fsecret.rss"):
            async with session.get(f"http://{feeds.door}/{path}") as answer:
                assert answer.status == 404


async def test_a_person_who_looks_in_finds_every_file(tmp_path: Path) -> None:
    lay(tmp_path, "a/<b>.rss", "c.xml")
    async with SavedFeeds(tmp_path) as feeds, aiohttp.ClientSession() as session:
        async with session.get(f"http://{feeds.door}/") as answer:
            page = await answer.text()
        assert [f'<a href="/{feed.url.rpartition("/")[2]}">{feed.name}' in page for feed in feeds.sources] == [
            True,
            True,
        ]
        assert "&lt;b&gt;.rss" in page


def test_files_beside_the_feeds_are_left_alone(tmp_path: Path) -> None:
    beside = ("a.expected.json", "README", "README.html", "readme.md", "MANIFEST.tsv", "manifest.json", ".hidden.xml")
    lay(tmp_path, *beside, ".git/a.xml", "notes.txt", "a.xml", "b.JSON", "sub/c.htm")
    (tmp_path / "elsewhere.xml").symlink_to("/etc/passwd")
    assert {path.name for path in saved_files(tmp_path)} == {"a.xml", "b.JSON", "c.htm"}


@pytest.mark.parametrize("name", ["empty", "missing"])
async def test_a_folder_without_feeds_is_said_in_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError) as caught:
        await SavedFeeds(tmp_path / name).__aenter__()
    assert name in caught.value.sentence


async def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    lay(tmp_path, "a.rss")
    async with SavedFeeds(tmp_path) as first:
        port = int(first.door.rpartition(":")[2])
        with pytest.raises(ConfigError, match="cannot listen") as caught:
            await SavedFeeds(tmp_path, port=port).__aenter__()
    assert str(port) in caught.value.sentence


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.atom", b"", "application/atom+xml"),
        ("a.RDF", b"", "application/rdf+xml"),
        ("a.json", b"", "application/feed+json"),
        ("a.htm", b"<rss>", "text/html"),
        ("a.xml", b'<?xml version="1.0"?><!-- <html> --><feed xml:lang="vi">', "application/atom+xml"),
        ("a.xml", '<?xml version="1.0" encoding="utf-16"?><RSS>'.encode("utf-16"), "application/rss+xml"),
        ("a.xml", b'\xef\xbb\xbf\n<rdf:RDF xmlns="http://purl.org/rss/1.0/">', "application/rdf+xml"),
        ("a.xml", b"<!DOCTYPE html><p><rss>", "text/html"),
        ("a", b'{"version": "https://jsonfeed.org/version/1.1"}', "application/feed+json"),
        ("a", b"", "application/xml"),
    ],
)  # fmt: skip
def test_the_media_type_follows_from_ending_or_content(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    lay(tmp_path, name, content=content)
    assert media_type(tmp_path / name) == expected


def test_names_are_read_from_the_path() -> None:
    assert source_names([Path("Tin tức/Sở Y tế (1).rss"), Path("__.xml")]) == ["tin-tuc-so-y-te-1", "feed"]


def test_paths_that_share_a_name_are_told_apart_whatever_their_order() -> None:
    paths = [Path("a/b.xml"), Path("a-b.xml"), Path("a/b.rss"), Path("c.xml")]
    there = dict(zip(paths, source_names(paths), strict=True))
    back = dict(zip(reversed(paths), source_names(paths[::-1]), strict=True))
    assert there == back
    assert there[Path("c.xml")] == "c"
    assert len(set(there.values())) == 4


parts = st.text(min_size=1, max_size=80).filter(lambda part: "/" not in part and "\0" not in part and part != "..")


@given(st.lists(st.lists(parts, min_size=1, max_size=3).map(lambda names: Path(*names)), unique=True, max_size=8))
def test_any_path_gets_a_unique_name_that_settings_allow(paths: list[Path]) -> None:
    paths = [path for path in paths if path.name]
    names = source_names(paths)
    assert len(set(names)) == len(paths)
    for name in names:
        assert TypeAdapter(Name).validate_python(name) == name
