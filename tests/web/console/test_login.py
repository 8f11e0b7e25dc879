"""The way in: passwords, delays, the second step, cookies, where it leads, and out again."""

import asyncio
from http.cookies import SimpleCookie
from urllib.parse import quote

from hub.rules.access import Role
from hub.store import accounts
from tests.clock import Clock
from tests.web.console.people import PASSWORD, Browser, add, code_of
from tests.web.desk import Desk


async def set_up_code(browser: Browser) -> tuple[str, list[str]]:
    """Set up a second factor in a browser that is signed in; returns the secret and the codes on paper."""
    token = (await browser.get("/account/second-factor")).text.partition('name="csrf" value="')[2].partition('"')[0]
    await browser.post("/account/second-factor/begin", csrf=token, password=PASSWORD)
    shown = (await browser.get("/account/second-factor")).text
    secret = shown.partition("<code>")[2].partition("</code>")[0]
    done = await browser.post("/account/second-factor", csrf=token, code=code_of(secret, browser.desk))
    assert done.status == 200
    return secret, [part.partition("<")[0] for part in done.text.split("<li><code>")[1:]]


async def test_a_right_password_leads_where_the_person_wanted_to_go(desk: Desk) -> None:
    await add(desk, "an")
    browser = Browser(desk)
    asked = await browser.get("/account")
    page = await browser.get(asked.location)
    assert 'name="next" value="/console/account"' in page.text
    answer = await browser.sign_in(" An ", after="/console/account")
    assert (answer.status, answer.location) == (303, "/console/account")
    assert "Người dùng an" in (await browser.get("/account")).words
    assert (await browser.get("/login")).location == "/console/"


async def test_what_is_wrong_gives_the_same_answer_for_everybody(desk: Desk) -> None:
    await add(desk, "an")
    await add(desk, "cu")
    async with desk.hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE account SET state = 'ended' WHERE login = 'cu'")
    wrong = [
        await Browser(desk).sign_in("an", "sai mật khẩu rồi"), await Browser(desk).sign_in("khong-co", PASSWORD),
        await Browser(desk).sign_in("cu", PASSWORD), await Browser(desk).sign_in("", ""),
    ]  # fmt: skip
    assert {answer.status for answer in wrong} == {422}
    assert len({answer.text.replace('value="an"', "").replace('value="cu"', "").replace('value="khong-co"', "")
                .replace('value=""', "").replace(" autofocus", "") for answer in wrong}) == 1  # fmt: skip
    assert not any("Set-Cookie" in answer.headers for answer in wrong)


async def test_the_account_keeps_who_came_and_who_guessed_but_never_what_was_typed(desk: Desk) -> None:
    await add(desk, "an")
    await Browser(desk).sign_in("an", "mật khẩu sai của an")
    await Browser(desk).sign_in("mật khẩu gõ nhầm ô", "x")
    await Browser(desk).sign_in("an")
    rows = await desk.hub.engine.store.fetch("SELECT who, what, why FROM event WHERE what LIKE 'login%' ORDER BY id")
    assert [(row["who"], row["what"]) for row in rows] == [
        ("nobody", "login_failed"), ("nobody", "login_failed"), ("an", "login_ok"),
    ]  # fmt: skip
    delays = await desk.hub.engine.store.fetch("SELECT key FROM login_delay")
    assert "mật khẩu" not in str(rows) + str(delays)


async def test_guesses_wait_longer_each_time_whether_there_is_such_a_login_or_not(desk: Desk, clock: Clock) -> None:
    await add(desk, "an")
    for login in ("an", "khong-co"):
        for _ in range(3):
            assert (await Browser(desk).sign_in(login, "đoán thử lần này")).status == 422
        refused = await Browser(desk).sign_in(login, PASSWORD)  # right or not: it is not evaluated
        assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
        assert "thử lại sau 1 phút" in refused.words
    clock.advance(seconds=31)
    assert (await Browser(desk).sign_in("an", PASSWORD)).status == 303


async def test_a_hundred_guesses_at_once_are_not_all_evaluated(desk: Desk) -> None:
    await add(desk, "an")
    answers = await asyncio.gather(*(Browser(desk).sign_in("an", f"đoán thử lần thứ {n}") for n in range(30)))
    assert [answer.status for answer in answers].count(422) == 3


async def test_whoever_guesses_elsewhere_does_not_keep_the_owner_out(desk: Desk) -> None:
    await add(desk, "an")
    owner = Browser(desk)
    await owner.sign_in("an")
    await owner.send("/logout")
    for _ in range(6):
        await Browser(desk).sign_in("an", "kẻ lạ đoán thử")
    assert (await Browser(desk).sign_in("an")).status == 429
    assert (await owner.sign_in("an")).status == 303


async def test_a_login_gives_a_new_token_and_ends_the_session_before_it(desk: Desk) -> None:
    await add(desk, "an")
    browser = Browser(desk, cookies={"__Host-hub": "x" * 43})
    await browser.sign_in("an")
    first = browser.session
    assert first != "x" * 43
    await browser.sign_in("an")
    assert browser.session != first
    assert (await Browser(desk, cookies={"__Host-hub": first}).get("/account")).status == 303


async def test_cookies_are_for_this_server_alone(desk: Desk) -> None:
    await add(desk, "an")
    answer = await Browser(desk).sign_in("an")
    morsels = [m for line in answer.headers.getall("Set-Cookie") for m in SimpleCookie(line).values()]
    kept = {m.key: m for m in morsels if m["max-age"] != "0"}
    assert set(kept) == {"__Host-hub", "__Host-hub-device", "__Host-language"}
    for morsel in kept.values():
        assert morsel["httponly"]
        assert morsel["secure"]
        assert (morsel["samesite"], morsel["path"], morsel["domain"]) == ("Lax", "/", "")
    assert kept["__Host-hub"]["max-age"] == ""


ELSEWHERE = (
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/console/",
    "https:evil.example",
    "/console/..//evil.example",
    "/console/../../",
    "/console/%2f%2fevil.example",
    "/console/%2e%2e/",
    "/console//evil.example",
    "/console\\evil.example",
    "/console/\u2025/x",
    "/console/．．/x",
    "/console。/x",
    "/consoles",
    "/console@evil.example",
    "javascript:alert(1)",
    "/console/login?next=/console/logout",
    "/console/logout",
    "/console/oidc?code=1",
    "/console/x\r\nSet-Cookie: a=b",
    "/console/" + "a" * 1_000,
    "/",
    "",
)


async def test_a_login_leads_nowhere_but_into_the_console(desk_on_sqlite: Desk) -> None:
    await add(desk_on_sqlite, "an")
    browser = Browser(desk_on_sqlite)
    for address in ELSEWHERE:
        page = await browser.get(f"/login?next={quote(address, safe='')}")
        assert 'name="next" value="/console/"' in page.text, address
    for address in ELSEWHERE[:4]:
        answer = await Browser(desk_on_sqlite).sign_in("an", after=address)
        assert (answer.status, answer.location) == (303, "/console/")


async def test_a_login_leads_back_to_a_page_with_its_question(desk_on_sqlite: Desk) -> None:
    await add(desk_on_sqlite, "an")
    for address in ("/console/items?q=c%C3%B4ng&before=12-3", "/console/queue", "/console/members/H52.12"):
        assert (await Browser(desk_on_sqlite).sign_in("an", after=address)).location == address


async def test_an_administrator_sets_up_a_second_factor_before_anything_else(desk: Desk) -> None:
    await add(desk, "chu", Role.ADMINISTRATOR)
    browser = Browser(desk)
    await browser.sign_in("chu")
    for path in ("/", "/accounts", "/account", "/account/password"):
        assert (await browser.get(path)).location == "/console/account/second-factor"
    page = await browser.get("/account/second-factor")
    assert "bắt buộc" in page.words
    _, on_paper = await set_up_code(browser)
    assert len(on_paper) == 8
    assert (await browser.get("/accounts")).status == 200


async def test_the_second_step_takes_each_code_once(desk: Desk, clock: Clock) -> None:
    await add(desk, "chu", Role.ADMINISTRATOR)
    browser = Browser(desk)
    await browser.sign_in("chu")
    secret, on_paper = await set_up_code(browser)
    clock.advance(minutes=2)
    other = Browser(desk)
    step = await other.sign_in("chu", after="/console/accounts")
    assert step.location == "/console/login/code?next=%2Fconsole%2Faccounts"
    assert not other.session
    assert (await other.get("/accounts")).status == 303
    assert (await other.post("/login/code", code="000000")).status == 422
    code = code_of(secret, desk)
    entered = await other.post("/login/code", code=code, next="/console/accounts")
    assert (entered.status, entered.location) == (303, "/console/accounts")
    third = Browser(desk)
    await third.sign_in("chu")
    assert (await third.post("/login/code", code=code)).status == 422
    assert (await third.post("/login/code", code=on_paper[0].lower())).status == 303
    fourth = Browser(desk)
    await fourth.sign_in("chu")
    assert (await fourth.post("/login/code", code=on_paper[0])).status in (422, 429)


async def test_the_second_step_is_nothing_without_the_first(desk: Desk, clock: Clock) -> None:
    account = await add(desk, "chu", Role.ADMINISTRATOR)
    browser = Browser(desk)
    assert (await browser.get("/login/code")).location.startswith("/console/login")
    await browser.sign_in("chu")
    secret, _ = await set_up_code(browser)
    clock.advance(minutes=2)
    late = Browser(desk)
    await late.sign_in("chu")
    clock.advance(minutes=11)
    assert (await late.post("/login/code", code=code_of(secret, desk))).location.startswith("/console/login")
    changed = Browser(desk)
    await changed.sign_in("chu")
    async with desk.hub.engine.store.unit() as unit:
        await accounts.set_password(unit, account, "another hash", at=unit.now)
    assert (await changed.post("/login/code", code=code_of(secret, desk))).status == 422


async def test_a_first_password_is_changed_before_anything_else_and_is_over_after_three_days(
    desk: Desk, clock: Clock
) -> None:
    now = clock.now()
    until = clock.advance(days=3)
    clock.advance(days=-3)
    assert clock.now() == now
    await add(desk, "moi", password_at=None, password_until=until)
    browser = Browser(desk)
    await browser.sign_in("moi")
    page = await browser.get("/account")
    assert page.location == "/console/account/password"
    token = (await browser.get("/account/password")).text.partition('name="csrf" value="')[2].partition('"')[0]
    before = browser.session
    for new, again in (("ngắn", "ngắn"), ("một câu của riêng tôi", "một câu khác hẳn"), (PASSWORD, PASSWORD)):
        refused = await browser.post("/account/password", csrf=token, old=PASSWORD, new=new, again=again)
        assert refused.status == 422
    new = "cây bàng trước ngõ rụng lá"
    assert (await browser.post("/account/password", csrf=token, old=PASSWORD, new=new, again=new)).status == 303
    assert browser.session != before
    assert (await browser.get("/account")).status == 200
    await add(desk, "cham", password_at=None, password_until=until)
    clock.advance(days=4)
    assert (await Browser(desk).sign_in("cham")).status == 422
    assert (await Browser(desk).sign_in("moi", new)).status == 303


async def test_signing_out_ends_the_session_itself(desk: Desk) -> None:
    await add(desk, "an")
    browser = Browser(desk)
    await browser.sign_in("an")
    stolen = Browser(desk, cookies=dict(browser.cookies))
    left = await browser.send("/logout")
    assert left.location == "/console/login?done=out"
    assert left.headers["Clear-Site-Data"] == '"storage"'
    assert not browser.session
    assert "Đã đăng xuất" in (await browser.get(left.location)).words
    assert (await stolen.get("/account")).status == 303


async def test_pages_of_the_login_are_kept_by_nobody_and_load_nothing_foreign(desk: Desk) -> None:
    page = await Browser(desk).get("/login")
    assert page.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "style=" not in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
