"""The page of settings: what is in force and where from; no secret is ever on it."""

from collections.abc import AsyncIterator

import pytest

from hub.settings.overview import without_account
from tests.province import TOKEN, Province
from tests.web.desk import Desk

SECRET = "mat-khau-cua-thu"


@pytest.fixture
async def desk(province: Province) -> AsyncIterator[Desk]:
    province.destination()
    province.mails(2525, username="hub", password=SECRET)
    async with province.open() as hub, Desk(hub) as opened:
        yield opened


async def test_values_are_shown_with_their_place_and_secrets_only_as_set(desk: Desk) -> None:
    person = await desk.person("ky.thuat", "technician")
    answer = await person.get("/settings")
    assert answer.status == 200
    assert TOKEN not in answer.text
    assert SECRET not in answer.text
    assert "<code>Tỉnh Mẫu</code>" in answer.text
    assert "đã đặt" in answer.words
    assert "settings.toml" in answer.words
    assert "mặc định" in answer.words
    assert "hub:hub@" not in answer.text
    assert "Python 3." in answer.words
    assert "Tệp cấu hình không có lỗi" in answer.words


async def test_files_that_changed_or_broke_are_told(desk: Desk, province: Province) -> None:
    person = await desk.person("quan.tri", "administrator")
    province.source("moi")
    province.write()
    assert "lần khởi động sau: source" in (await person.get("/settings")).words
    path = desk.hub.settings.folder / "settings.toml"
    path.write_text(path.read_text("utf-8") + '\nnane = "<script>alert(1)</script>"\n', "utf-8")
    answer = await person.get("/settings")
    assert "Tệp cấu hình hiện có lỗi" in answer.words
    assert "<script>alert" not in answer.text


async def test_settings_are_for_those_who_look_after_the_hub(desk: Desk) -> None:
    for role, member, status in (("editor", "", 403), ("technician", "H52.12", 403), ("technician", "", 200)):
        person = await desk.person(f"{role}{member.lower()}", role, member)
        assert (await person.get("/settings")).status == status


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://hub:a%40b@db.vn:5432/hub", "postgres://db.vn:5432/hub"),
        ("amqp://u:p@ss@mq/", "amqp://mq/"),
        ("postgres://u:p@db:x/hub", "postgres://db/hub"),
        ("sqlite://var/hub.db", "sqlite://var/hub.db"),
    ],
)
def test_an_address_is_shown_without_its_account(url: str, shown: str) -> None:
    assert without_account(url) == shown
