"""What people do with their own account, and administrators with those of others."""

import re

import pytest

from hub.commands import accounts as changes
from hub.commands.sessions import end_all_sessions
from hub.rules.access import Role
from hub.store import accounts
from hub.store.accounts import AccountRefusedError, NoAccountError
from tests.clock import Clock
from tests.web.console.people import PASSWORD, Browser, add
from tests.web.desk import Desk, Visitor


async def made(desk: Desk, chu: Visitor, login: str = "moi", **fields: str) -> tuple[int, str]:
    """An account that an administrator makes on the page; its number and password for the first login."""
    given = {"login": login, "name": "Người Mới", "role": "editor", "member": "H52.12", "email": "", **fields}
    page = await chu.post("/accounts", **given)
    assert page.status == 200, page.words
    password = page.text.partition('class="start">')[2].partition("<")[0]
    account = await accounts.named(desk.hub.engine.store, login)
    return account.id, password


async def test_an_administrator_makes_an_account_and_its_password_is_shown_once(desk: Desk) -> None:
    chu = await desk.person("chu", "administrator")
    account, password = await made(desk, chu)
    assert re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", password)
    assert password not in (await chu.get(f"/accounts/{account}")).text
    assert "Người Mới" in (await chu.get("/accounts")).words
    browser = Browser(desk)
    await browser.sign_in("moi", password)
    assert (await browser.get("/")).location == "/console/account/password"
    again = await chu.post("/accounts", login="moi", name="x", role="viewer")
    assert again.status == 422
    assert "đã có người dùng" in again.words
    for wrong in ({"login": "hub"}, {"login": "á"}, {"role": "king"}, {"member": "H99"}, {"email": "no address"}):
        refused = await chu.post("/accounts", **{"login": "hai", "name": "x", "role": "viewer", **wrong})
        assert refused.status == 422, wrong


async def test_roles_are_given_and_taken_away_and_end_the_sessions_of_the_account(desk: Desk) -> None:
    chu, an = await desk.person("chu", "administrator"), await desk.person("an", "viewer")
    account = (await accounts.named(desk.hub.engine.store, "an")).id
    assert (await chu.post(f"/accounts/{account}/grant", role="editor", member="H52.12")).status == 303
    assert (await an.get("/account")).status == 303
    assert (await chu.post(f"/accounts/{account}/grant", role="editor", member="H52.12")).status == 422
    assert "Biên tập viên" in (await chu.get(f"/accounts/{account}")).words
    assert (await chu.post(f"/accounts/{account}/revoke", role="viewer", member="")).status == 303
    assert [g.role for g in (await accounts.by_id(desk.hub.engine.store, account)).grants] == [Role.EDITOR]
    rows = await desk.hub.engine.store.fetch("SELECT who, what FROM event WHERE who = 'chu' ORDER BY id")
    assert [row["what"] for row in rows] == ["account_granted", "account_revoked"]


async def test_nobody_takes_the_last_administrator_away(desk: Desk) -> None:
    chu = await desk.person("chu", "administrator")
    account = (await accounts.named(desk.hub.engine.store, "chu")).id
    for action, fields in (("end", {}), ("revoke", {"role": "administrator", "member": ""})):
        refused = await chu.post(f"/accounts/{account}/{action}", **fields)
        assert refused.status == 422
        assert "người quản trị cuối cùng" in refused.words
    assert (await chu.get("/accounts")).status == 200
    await desk.person("pho", "administrator")
    assert (await chu.post(f"/accounts/{account}/end")).status == 303
    assert (await chu.get("/accounts")).status == 303
    with pytest.raises(AccountRefusedError) as refusal:
        await changes.end_account(desk.hub.engine, "pho", who="test")
    assert refusal.value.code == "last_administrator"


async def test_an_administrator_of_one_unit_only_is_none(desk: Desk) -> None:
    chu = await desk.person("chu", "administrator", "H52.12")
    assert (await chu.get("/accounts")).status == 403
    await desk.person("pho", "administrator")
    with pytest.raises(AccountRefusedError):
        await changes.end_account(desk.hub.engine, "pho", who="test")


async def test_an_ended_account_is_out_at_once_and_may_come_back(desk: Desk) -> None:
    chu = await desk.person("chu", "administrator")
    account = await add(desk, "an")
    browser = Browser(desk)
    await browser.sign_in("an")
    assert (await chu.post(f"/accounts/{account}/end", why="nghỉ việc")).status == 303
    assert (await browser.get("/account")).status == 303
    assert (await Browser(desk).sign_in("an")).status == 422
    assert (await chu.post(f"/accounts/{account}/reopen")).status == 303
    assert (await browser.sign_in("an")).status == 303


async def test_sessions_are_listed_and_ended_by_their_owner_and_by_administrators(desk: Desk) -> None:
    account = await add(desk, "an")
    here, there, third = Browser(desk), Browser(desk), Browser(desk)
    for each in (here, there, third):
        await each.sign_in("an")
    page = await here.get("/account")
    assert page.text.count("Chrome, Linux") == 3
    assert page.words.count("phiên này") == 1
    first = re.findall(r"/account/sessions/(\d+)/end", page.text)[0]
    assert (await here.send(f"/account/sessions/{first}/end")).status == 303
    assert len(re.findall(r"/account/sessions/\d+/end", (await here.get("/account")).text)) == 1
    assert (await here.send("/account/sessions/end")).status == 303
    assert (await here.get("/account")).status == 200
    assert [(await each.get("/account")).status for each in (there, third)] == [303, 303]
    chu = await desk.person("chu", "administrator")
    assert (await chu.post(f"/accounts/{account}/sessions/end")).status == 303
    assert (await here.get("/account")).status == 303


async def test_nobody_ends_sessions_of_others_through_the_own_account(desk: Desk) -> None:
    await add(desk, "an")
    chu = await desk.person("chu", "administrator")
    browser = Browser(desk)
    await browser.sign_in("an")
    [other] = await desk.hub.engine.store.fetch(
        "SELECT s.id FROM session s JOIN account a ON a.id = s.account WHERE a.login = 'chu'"
    )
    assert (await browser.send(f"/account/sessions/{other['id']}/end")).status == 422
    assert (await chu.get("/accounts")).status == 200


async def test_whatever_matters_asks_for_the_password_again(desk: Desk) -> None:
    await add(desk, "an")
    browser = Browser(desk)
    await browser.sign_in("an")
    new = "cây bàng trước ngõ rụng lá"
    wrong = await browser.send("/account/password", old="sai rồi sai rồi", new=new, again=new)
    assert wrong.status == 422
    assert "Mật khẩu không đúng" in wrong.words
    assert (await browser.send("/account/second-factor/begin", password="sai rồi")).status == 422
    assert (await browser.get("/account/second-factor/picture.svg")).status == 404
    other = Browser(desk)
    await other.sign_in("an")
    assert (await browser.send("/account/password", old=PASSWORD, new=new, again=new)).status == 303
    assert (await other.get("/account")).status == 303
    assert (await Browser(desk).sign_in("an")).status == 422
    assert (await Browser(desk).sign_in("an", new)).status == 303


async def test_a_lost_second_factor_is_taken_away_by_an_administrator(desk: Desk) -> None:
    account = await add(desk, "an")
    async with desk.hub.engine.store.unit() as unit:
        await accounts.confirm_secret(unit, account, desk.hub.engine.cipher.encrypt("A" * 32), 0)
        await accounts.set_recovery_codes(unit, account, ["AAAA-BBBB-CCCC-DDDD"])
    chu = await desk.person("chu", "administrator")
    assert (await chu.post(f"/accounts/{account}/code")).status == 303
    assert (await chu.post(f"/accounts/{account}/code")).status == 422
    assert await accounts.recovery_codes_left(desk.hub.engine.store, account) == 0
    assert (await Browser(desk).sign_in("an")).location == "/console/"


async def test_who_must_have_a_second_factor_cannot_switch_it_off(desk: Desk) -> None:
    account = await add(desk, "chu", Role.CHIEF_EDITOR)
    async with desk.hub.engine.store.unit() as unit:
        await accounts.confirm_secret(unit, account, desk.hub.engine.cipher.encrypt("A" * 32), 0)
        await accounts.set_recovery_codes(unit, account, ["AAAA-BBBB-CCCC-DDDD"])
    browser = Browser(desk)
    await browser.sign_in("chu")
    assert (await browser.post("/login/code", code="aaaabbbbccccdddd")).status == 303
    refused = await browser.send("/account/second-factor/remove", password=PASSWORD)
    assert refused.status == 422
    assert "bắt buộc" in refused.words
    renewed = await browser.send("/account/second-factor/recovery", password=PASSWORD)
    assert len(re.findall(r"<li><code>([A-Z2-7]{4}-){5}[A-Z2-7]{4}</code>", renewed.text)) == 8


async def test_people_choose_their_name_and_language_but_not_their_mail_address(desk: Desk) -> None:
    await add(desk, "an", email="an@tinhmau.gov.vn")
    browser = Browser(desk)
    await browser.sign_in("an")
    await browser.send("/account", name="Trần Thị An", language="en", email="chu@tinhmau.gov.vn")
    page = await browser.get("/account")
    assert "Own account" in page.words
    assert "Trần Thị An" in page.text
    assert (await accounts.named(desk.hub.engine.store, "an")).email == "an@tinhmau.gov.vn"


async def test_hostile_names_are_shown_and_do_nothing(desk: Desk) -> None:
    chu = await desk.person("chu", "administrator")
    account, _ = await made(desk, chu, name='<script>alert("x")</script>', login="la")
    for path in ("/accounts", f"/accounts/{account}", "/audit"):
        page = await chu.get(path)
        assert page.status == 200
        assert '<script>alert("x")' not in page.text


async def test_a_session_ends_when_its_longest_time_is_over_however_it_is_used(desk: Desk, clock: Clock) -> None:
    await add(desk, "an")
    browser = Browser(desk)
    await browser.sign_in("an")
    for _ in range(23):
        clock.advance(minutes=31)
        assert (await browser.get("/account")).status == 200
    clock.advance(minutes=8)
    assert (await browser.get("/account")).status == 303


async def test_commands_about_nobody_say_so(desk: Desk) -> None:
    for work in (changes.end_account, changes.reopen_account):
        with pytest.raises(NoAccountError) as error:
            await work(desk.hub.engine, "khong-co", who="test")
        assert error.value.sentence
    with pytest.raises(NoAccountError):
        await end_all_sessions(desk.hub.engine, "khong-co", who="test")
