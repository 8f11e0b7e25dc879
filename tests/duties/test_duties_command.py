"""`hub duties`: what a clerk reads, what a machine reads, and the templates to begin with."""

import asyncio
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.app import open_hub
from hub.cli import make_app
from hub.cli.duties import told
from hub.queries.duties import standing
from hub.reports.categories import categories
from hub.reports.duties import duties
from hub.reports.templates import TEMPLATES, template
from hub.settings import load_settings
from tests.clock import Clock
from tests.duties.book import SETTINGS, Book


def run(folder: Path, *arguments: str) -> str:
    result = CliRunner().invoke(make_app(), ["--settings", str(folder / "settings.toml"), *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_settings_that_nobody_has_confirmed(tmp_path: Path, name: str) -> None:
    (tmp_path / "settings.toml").write_text("[hub]\ntesting = true\n" + template(name), encoding="utf-8")
    settings = load_settings(tmp_path / "settings.toml")
    found = duties(settings, categories())
    assert len(found) > 7
    assert not any(duty.confirmed for duty in found)
    assert "chờ Ban biên tập xác nhận" in template(name)
    assert template(name).strip() == run(tmp_path, "duties", "--template", name).strip()


def test_an_unknown_template_names_those_that_there_are(tmp_path: Path) -> None:
    result = CliRunner().invoke(make_app(), ["duties", "--template", "nd99"])
    assert result.exit_code == 2
    assert "nd42-2022" in result.output


async def test_a_clerk_reads_numbers_gaps_and_whose_turn_it_is(book: Book) -> None:
    await book.item("H52.9", date(2026, 4, 1))
    await book.item("H52.10", date(2026, 2, 1))
    found = await standing(book.hub.engine)
    lines = list(told(found, book.hub.engine.duties, date(2026, 4, 8)))
    assert lines[0] == "Tình hình cung cấp thông tin ngày 08/04/2026"
    assert lines[1] == "Tin, bài [tin-hang-thang], hằng tháng: Công văn 2732/UBND-KGVX ngày 29/08/2017"
    assert lines[2] == "  sở, ban, ngành: 1/2 đã cung cấp đủ, 1 chậm"
    assert lines[3] == "  xã, phường: 0/2 đã cung cấp đủ, 2 chưa từng có"
    assert lines[4] == "  Sở Nội vụ (H52.10) – đơn vị chưa đăng, phía đơn vị"
    assert "chậm 6 ngày làm việc" in lines[5]
    assert lines[6].startswith("    · noi-vu-tin: ")
    assert any("(chờ Ban biên tập xác nhận)" in line for line in lines)
    assert next(told([], [], date(2026, 4, 8))).startswith("Chưa khai báo nghĩa vụ")
    assert list(told([], book.hub.engine.duties, date(2026, 4, 8)))[-1] == "Không có dòng nào."


def test_a_machine_reads_the_same_and_options_choose(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(SETTINGS + '[database]\nurl = "sqlite://hub.db"\n', encoding="utf-8")

    async def begin() -> None:
        async with open_hub(
            load_settings(tmp_path / "settings.toml"), clock=Clock(datetime(2026, 4, 8, 3, tzinfo=UTC))
        ) as hub:
            book = Book(hub)
            await book.asked()
            await book.item("H52.9", date(2026, 4, 1))

    asyncio.run(begin())
    day = ("--day", "2026-04-08", "--member", "H52.9", "--category", "news")
    found = json.loads(run(tmp_path, "--json", "duties", *day))
    assert [(one["duty"], one["state"]) for one in found] == [("tin-hang-thang", "fresh"), ("tin-hang-tuan", "late")]
    assert found[0]["stretch"] == {"first": "2026-04-01", "last": "2026-04-30"}
    [late] = json.loads(run(tmp_path, "--json", "duties", "--late", *day))
    assert (late["silence"], late["side"], late["last_item"]) == ("nothing", "member", "2026-04-01")
    assert "Sở Nội vụ" not in run(tmp_path, "duties", *day)
