"""sources.d: further [[source]] tables beside settings.toml, and where everything came from."""

from pathlib import Path

import pytest

from hub.settings import ConfigErrors, load_settings

MAIN = """
[hub]
name = "Tỉnh Mẫu"
[[member]]
code = "H52.12"
name = "Sở Y tế"
[[source]]
name = "tin"
member = "H52.12"
connector = "feed"
url = "https://syt.tinhmau.gov.vn/rss"
"""
ENTRY = """
[[source]]
name = "{name}"
member = "H52.12"
connector = "feed"
url = "https://syt.tinhmau.gov.vn/{name}"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "secrets").mkdir()
    monkeypatch.setenv("HUB_SECRETS_DIR", str(tmp_path / "secrets"))
    (tmp_path / "settings.toml").write_text(MAIN, "utf-8")
    (tmp_path / "sources.d").mkdir()
    return tmp_path


def entry(folder: Path, file: str, text: str) -> None:
    (folder / "sources.d" / file).write_text(text, "utf-8")


def faults(folder: Path, **also: str) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        load_settings(folder / "settings.toml", also={f"{name}.toml": text for name, text in also.items()})
    return str(caught.value).splitlines()


def test_sources_of_further_files_follow_those_of_the_settings(folder: Path) -> None:
    entry(folder, "b.toml", ENTRY.format(name="b") + ENTRY.format(name="c"))
    entry(folder, "a.toml", ENTRY.format(name="a"))
    entry(folder, ".half.toml", "[[source")
    entry(folder, "note.txt", "no settings")
    settings = load_settings(folder / "settings.toml")
    assert [source.name for source in settings.sources] == ["tin", "a", "b", "c"]
    assert settings.provenance.files == {
        "tin": "settings.toml", "a": "sources.d/a.toml", "b": "sources.d/b.toml", "c": "sources.d/b.toml",
    }  # fmt: skip


def test_settings_without_sources_of_their_own_take_those_of_files(folder: Path) -> None:
    (folder / "settings.toml").write_text(MAIN.partition("[[source]]")[0], "utf-8")
    entry(folder, "a.toml", ENTRY.format(name="a"))
    assert [source.name for source in load_settings(folder / "settings.toml").sources] == ["a"]


def test_a_fault_is_told_with_its_own_file_and_line(folder: Path) -> None:
    entry(folder, "a.toml", ENTRY.format(name="a"))
    entry(folder, "b.toml", ENTRY.format(name="b") + 'every = "lúc nào"\n')
    entry(folder, "c.toml", ENTRY.format(name="c").replace('member = "H52.12"', ""))
    entry(folder, "d.toml", "[hub]\nname = 'x'\n")
    entry(folder, "e.toml", "source = 3")
    entry(folder, "f.toml", "[[source")
    found = faults(folder)
    assert any(line.startswith("sources.d/b.toml:7: source[0].every =") for line in found)
    assert any(line.startswith("sources.d/c.toml:2: source[0].member: missing") for line in found)
    assert any(line.startswith("sources.d/d.toml:1: hub: only [[source]]") for line in found)
    assert any(line.startswith("sources.d/e.toml:1: source: [[source]] tables") for line in found)
    assert any(line.startswith("sources.d/f.toml: not TOML") for line in found)


def test_a_name_is_taken_wherever_it_stands(folder: Path) -> None:
    assert "a name that no other source has" in faults(folder, a=ENTRY.format(name="tin"))[0]


def test_what_would_stand_there_is_checked_and_not_written(folder: Path) -> None:
    settings = load_settings(folder / "settings.toml", also={"new.toml": ENTRY.format(name="new")})
    assert settings.sources[-1].name == "new"
    assert list((folder / "sources.d").iterdir()) == []


def test_each_key_says_where_it_came_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_WEB__PORT", "9001")
    (folder / "secrets" / "hub_database__url").write_text("sqlite://khac.db", "utf-8")
    settings = load_settings(folder / "settings.toml", fetch={"per_host": 2})
    origins = settings.provenance.origins
    assert origins["hub", "name"] == "settings.toml"
    assert origins["web", "port"] == "environment"
    assert origins["database", "url"] == str(folder / "secrets")
    assert origins["fetch", "per_host"] == "(given)"
    assert ("web", "host") not in origins
