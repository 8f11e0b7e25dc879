"""`hub report` and `hub ledger`: a report from its making to its signature, and files of it."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.cli.test_at_work import hub
from tests.province import Province
from tests.reports.rows import Row, put

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_report_is_made_shown_saved_and_signed(province: Province, tmp_path: Path) -> None:
    province.reports(points={"news": 2})
    async with province.open() as opened:
        await put(opened.engine.store, Row(day=date(2026, 1, 5), author="Lò Thị Mai"))
    settings = province.write()
    made = (await hub(settings, "report", "make", "2026-01", "--json")).document
    assert (made["items"], made["period"]) == (1, "Tháng 1 năm 2026")
    number = str(made["report"])
    told = (await hub(settings, "report", "show", number)).out
    assert "Tổng số: 1" in told
    assert "Tin, bài: 1" in told
    file = tmp_path / "bao-cao.json"
    assert (await hub(settings, "report", "save", number, "--format", "json", "--to", str(file))).code == 0
    assert json.loads(file.read_bytes())["items"]["now"] == 1
    signed = await hub(settings, "report", "sign", number, "--number", "09", "--signer", "Trần Thị Lan", "--json")
    assert signed.document == {"ok": True}
    assert "Tháng 1 năm 2026: đã ký, số 09, người ký Trần Thị Lan" in (await hub(settings, "report", "list")).out


async def test_the_ledger_is_shown_and_saved(province: Province, tmp_path: Path) -> None:
    province.reports(points={"news": 2})
    async with province.open() as opened:
        await put(opened.engine.store, Row(day=date(2026, 1, 5), author="Lò Thị Mai"))
    settings, file = province.write(), tmp_path / "so.csv"
    assert "Lò Thị Mai, Sở Y tế: 2 điểm; 1 tin, bài" in (await hub(settings, "ledger", "2026-H1")).out
    written = await hub(settings, "ledger", "2026-H1", "--format", "csv", "--to", str(file), "--json")
    assert written.document == {"file": str(file), "bytes": file.stat().st_size}
    assert "Lò Thị Mai" in file.read_text(encoding="utf-8-sig")
