"""`hub package` as an officer uses it: one item, all open tasks of a destination, and mistakes."""

import csv
import io
from pathlib import Path
from uuid import uuid4

import pytest

from hub.sheets.folder import INDEX
from hub.sheets.package import NOTE
from hub.store import tasks
from hub.store.tasks import NewTask
from schemas.edition import WithdrawalKind
from schemas.item import ITEM
from schemas.procedure import Procedure
from tests.cli.test_at_work import hub
from tests.clock import Clock
from tests.province import Province, rss
from tests.web.press import SOURCE, Press, id_of

EXAMPLE = Path(__file__).parents[2] / "schemas" / "examples" / "procedure.json"
KEY = "1.004194.000.00.00.H52"
FOLDER = f"thu-tuc-{KEY}"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def settings(province: Province, clock: Clock) -> Path:
    """A hub that asked an officer: two procedures to enter, one to take down, one that nobody has sent."""
    province.source(SOURCE, rss())
    province.destination("csdl", days=5)
    file = province.write(web={"port": 0})
    async with province.open() as opened:
        press = Press(opened, clock)
        whole = ITEM.validate_json(EXAMPLE.read_bytes())
        bare = Procedure(guid="bare", title="=HYPERLINK(1)")
        gone = Procedure(guid="gone", title="Đã bãi bỏ", code="1.000001")
        await press.publish(whole, bare, gone)
        await press.withdraw("gone", WithdrawalKind.GONE)
        asked = [
            NewTask(what="enter", subject=KEY, title=whole.title, content_id=id_of(whole.guid)),
            NewTask(what="change", subject=str(id_of("bare")), title=bare.title, content_id=id_of("bare")),
            NewTask(what="remove", subject="1.000001", title=gone.title, content_id=id_of("gone")),
            NewTask(what="unseen", subject="1.000002", title="Chưa thấy"),
        ]
        async with opened.engine.store.unit() as unit:
            for one in asked:
                await tasks.ask(unit, NewTask(**_fields(one), destination="csdl", days=5))
            await unit.tx.execute(
                "INSERT INTO difference (destination, key, kind, reason, content_id, fields, digest, state, run,"
                " found_at) VALUES ('csdl', ?, 'outdated', 'changed_here', ?, ?, '', 'accepted', 1, ?)",
                str(id_of("bare")), str(id_of("bare")), '[{"field": "ways.x", "ours": "1", "theirs": "2"}]', unit.at,
            )  # fmt: skip
    return file


def _fields(task: NewTask) -> dict[str, object]:
    return {name: getattr(task, name) for name in ("what", "subject", "title", "content_id")}


async def test_one_item_becomes_a_folder(settings: Path, tmp_path: Path) -> None:
    content_id = id_of(ITEM.validate_json(EXAMPLE.read_bytes()).guid)
    done = await hub(settings, "package", str(content_id), "--to", str(tmp_path / "ra"))
    assert (done.code, done.out.strip()) == (0, f"{tmp_path / 'ra' / FOLDER} – đủ mục bắt buộc"), done.err
    assert {path.suffix for path in (tmp_path / "ra" / FOLDER).iterdir()} == {".docx", ".xml", ".json", ".txt"}
    assert not (tmp_path / "ra" / INDEX).exists()
    before = {path.name: path.read_bytes() for path in (tmp_path / "ra" / FOLDER).iterdir()}
    assert (await hub(settings, "package", str(content_id), "--to", str(tmp_path / "ra"))).code == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "ra" / FOLDER).iterdir()} == before


async def test_all_open_tasks_become_folders_and_a_list(settings: Path, tmp_path: Path) -> None:
    done = await hub(settings, "package", "--destination", "csdl", "--to", str(tmp_path / "ra"), "--json")
    assert done.code == 0, done.err
    packed = done.document["packages"]
    assert [(one["folder"], one["must"] > 0) for one in packed] == [
        (FOLDER, False), ("thu-tuc-hyperlink-1", True), ("", False), ("", False),
    ]  # fmt: skip
    listed = (tmp_path / "ra" / INDEX).read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(listed)))
    assert [row["Việc"] for row in rows][:3] == ["Nhập mới", "Sửa lại", "Hủy công khai"]
    assert [row["Thư mục"] for row in rows] == [FOLDER, "thu-tuc-hyperlink-1", "", ""]
    assert rows[1]["Tên"] == "'=HYPERLINK(1)"
    assert {row["Hạn"] for row in rows} == {"09/03/2026"}
    note = (tmp_path / "ra" / "thu-tuc-hyperlink-1" / NOTE).read_text("utf-8-sig")
    assert f"hub tasks done {packed[1]['task']}" in note
    assert "- Cách thức thực hiện: cần là «1», đang là «2»" in note


async def test_a_board_asks_for_what_it_wants(province: Province, settings: Path, tmp_path: Path) -> None:
    (settings.parent / "own.toml").write_text(
        '[[procedure]]\ncode="a"\nseverity="should"\nhas=["description"]\nsentence="Cần mô tả."\nreason="R."\n', "utf-8"
    )
    province.write(web={"port": 0}, hub={"testing": True, "completeness": "own.toml"})
    done = await hub(settings, "package", "--destination", "csdl", "--to", str(tmp_path / "ra"))
    assert "1 mục nên bổ sung" in done.out.splitlines()[0], done.err
    assert "việc 4: không có nội dung để nhập" in done.out


async def test_a_mistake_ends_with_a_sentence(settings: Path, tmp_path: Path) -> None:
    (tmp_path / "tep").write_text("x", "utf-8")
    content_id = str(id_of(ITEM.validate_json(EXAMPLE.read_bytes()).guid))
    to = ("--to", str(tmp_path / "ra"))
    for code, arguments in {
        "not_public": (str(uuid4()), *to), "unknown_destination": ("--destination", "x", *to),
        "folder_refused": (content_id, "--to", str(tmp_path / "tep" / "ra")),
    }.items():  # fmt: skip
        done = await hub(settings, "package", *arguments, "--json")
        assert (done.code, done.document["error"]) == (1, code), done.err
        assert done.document["sentence"]
    gone = await hub(settings, "package", str(id_of("gone")), *to, "--json")
    assert gone.document["error"] == "not_public"
    for arguments in (to, (content_id, "--destination", "csdl", *to), ("x", *to), (content_id,)):
        assert (await hub(settings, "package", *arguments)).code == 2
