"""`hub codes` as a board uses it: export, edit, check, load, look; also while the hub works."""

import json
from pathlib import Path

import pytest

from tests.cli.test_at_work import at_work, hub
from tests.province import Province

FIELDS = [{"MALINHVUC": "G03-GD10", "TENLINHVUC": "Giáo dục", "MANGANH": "G03"}, {"MALINHVUC": "?", "TENLINHVUC": "Lạ"}]


@pytest.fixture
def settings(province: Province) -> Path:
    """A hub without sources."""
    return province.write(web={"port": 0})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_board_edits_the_calendar(settings: Path, tmp_path: Path) -> None:
    assert (await hub(settings, "once", "--json")).code == 0
    exported = await hub(settings, "codes", "export", "holidays")
    assert exported.out.startswith("\ufeffmã,tên"), exported.err
    file = tmp_path / "holidays.csv"
    file.write_text(exported.out + "2028-01-26,Tết Nguyên đán Mậu Thân,,,,,chưa,nghỉ\n1/13/2028,Sai,,,,,,\n", "utf-8")

    looked = await hub(settings, "codes", "check", str(file))
    assert (looked.code, "xem thử, chưa nạp" in looked.out, "dòng 44" in looked.out) == (0, True, True), looked.out
    assert (await hub(settings, "codes", "list", "holidays", "--json")).document == []

    loaded = await hub(settings, "codes", "load", str(file), "--who", "lan")
    assert loaded.code == 0, loaded.err
    assert "holidays: phiên bản 1 · 43 dòng, 42 mã, 1 bị loại" in loaded.out
    listed = await hub(settings, "codes", "list")
    assert "42 mã, phiên bản 1" in listed.out
    assert "bởi lan" in (await hub(settings, "codes", "list", "holidays")).out
    assert "1/13/2028" in (await hub(settings, "codes", "check", "--list", "holidays")).out

    shown = await hub(settings, "codes", "show", "prefixes", "000.00.00.H02")
    assert "H05" in shown.out
    assert "đến hết 30/06/2025" in shown.out
    then = await hub(
        settings, "codes", "show", "provinces", "15", "--then", "2025-01-01", "--on", "2025-06-30", "--json"
    )
    assert (then.document["outcome"], then.document["present"][0]["name"]) == ("in_force", "Tỉnh Yên Bái")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_mistake_ends_with_one_and_a_sentence(settings: Path, tmp_path: Path) -> None:
    assert (await hub(settings, "once", "--json")).code == 0
    (tmp_path / "communes.csv").write_text("tên\nA\n", "utf-8")
    for arguments in (
        ("load", str(tmp_path / "communes.csv")), ("check", str(tmp_path / "communes.csv")),
        ("load", str(tmp_path / "nowhere")), ("show", "xa", "1"), ("show", "fields", "không phải mã"), ("export", "xa"),
    ):  # fmt: skip
        done = await hub(settings, "codes", *arguments)
        assert (done.code, "Traceback" in done.err) == (1, False), arguments
        assert any(letter in done.err for letter in "ạảãàáậặệộợựếốớ"), "the sentence for a clerk"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_lists_are_loaded_while_the_hub_works(settings: Path, tmp_path: Path) -> None:
    (tmp_path / "fields.csv").write_text("mã,tên\nG03-GD10,Giáo dục\n", "utf-8")
    async with at_work(settings, settings.parent / "var" / "control.sock"):
        loaded = await hub(settings, "codes", "load", str(tmp_path / "fields.csv"), "--json")
        assert (loaded.code, loaded.document["lists"][0]["version"]) == (0, 1), loaded.err
        listed = (await hub(settings, "codes", "list", "--json")).document
        assert {one["list"]: one["version"] for one in listed}["fields"] == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_catalogue_is_fetched_looked_at_and_loaded(province: Province, tmp_path: Path) -> None:
    province.source("lgsp", connector="dvcqg", kind="procedure", url=province.site.origin, enabled=False)
    province.source("tin", enabled=False)
    province.site.serve("/LayDanhMucLinhVuc", json.dumps({"error_code": 0, "result": FIELDS}).encode())
    settings, file = province.write(web={"port": 0}), tmp_path / "linh-vuc.csv"
    assert (await hub(settings, "once", "--json")).code == 0

    printed = await hub(settings, "codes", "fetch", "fields", "--from", "lgsp")
    assert printed.out.splitlines()[1:] == ["G03-GD10,Giáo dục,,,,,,G03", "?,Lạ,,,,,,"], printed.err
    fetched = await hub(settings, "codes", "fetch", "fields", "--from", "lgsp", "--to", str(file))
    assert "2 dòng · 1 mã mới" in fetched.out, fetched.err
    assert "1 dòng không đọc được" in fetched.out
    assert (await hub(settings, "codes", "list", "fields", "--json")).document == [], "nothing is loaded unasked"

    loaded = await hub(settings, "codes", "fetch", "fields", "--from", "lgsp", "--load", "--who", "lan", "--json")
    assert (loaded.document["loaded"]["lists"][0]["version"], loaded.document["unread"]) == (1, 1), loaded.err
    [version] = (await hub(settings, "codes", "list", "fields", "--json")).document
    assert (version["loaded_by"], version["origin"]) == ("lan", ["fields-lgsp.csv"])
    assert "Giáo dục" in (await hub(settings, "codes", "show", "fields", "G03-GD10")).out

    for arguments, code in (
        (("fields", "--from", "lgsp", "--to", str(file)), "file_exists"),
        (("fields", "--from", "tin"), "no_catalogue"), (("fields", "--from", "x"), "unknown_source"),
    ):  # fmt: skip
        done = await hub(settings, "codes", "fetch", *arguments, "--json")
        assert (done.code, done.document["error"]) == (1, code), done.err
