"""A day at the office, done by people in a real browser: each task in at most five steps (tests/e2e/person.py).

What a task came to is asked of the database, of the portal and of the account of events, not of the page alone.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.conftest import DESK, TELEPHONE, Sits
from tests.e2e.morning import (
    APPROVED,
    BETTER,
    BY_KEYS,
    CANARY,
    COMMUNE,
    EDITED,
    HOSTILE,
    LOOKED_UP,
    NOTED,
    NUMBERED,
    NUMBERS,
    OF_THE_COMMUNE,
    PERSONAL,
    PLANNED,
    READ,
    REFUSED,
    REJECTED,
    REPLACED,
    RETURNED,
    SECRET,
    SITE,
    UNPLANNED,
    WITHDRAWN,
)
from tests.e2e.office import Office
from tests.e2e.person import Person
from tests.fakes.server import Fault
from tests.province import TOKEN
from tests.web.console.test_drafts import picture

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIZES = pytest.mark.parametrize(("place", "size"), [(0, DESK), (1, TELEPHONE)], ids=["desk", "telephone"])
#: With scripts at both sizes, and at a desk without.
WAYS = pytest.mark.parametrize(
    ("size", "scripts"), [(DESK, True), (TELEPHONE, True), (DESK, False)], ids=["desk", "telephone", "no-scripts"]
)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PASSWORD = "con trâu đi trước cái cày 48"
STATE = "SELECT state FROM edition WHERE content_id = ? ORDER BY revision DESC"


# --------------------------------------------------------------------------------------------------- the way in and out


async def test_somebody_signs_in_with_a_password_and_out_again(sits: Sits, office: Office) -> None:
    await office.command("user", "add", "nguyen-van-an", "--role", "viewer", "--password-stdin", typed=f"{PASSWORD}\n")
    sessions = "SELECT count(*) FROM session s JOIN account a ON a.id = s.account WHERE a.login = 'nguyen-van-an'"
    an = await sits("")
    await an.begin()
    assert an.page.url.partition("?")[0].endswith("/login")
    await an.fill("Login", "nguyen-van-an")
    await an.fill("Password", PASSWORD)
    await an.press("Sign in")
    assert an.page.url == f"{office.url}/console/"
    assert office.value(sessions) == 1
    await an.page.locator("details.person summary").click()
    await an.press("Sign out")
    assert office.value(sessions) == 0
    await an.open("/queue")
    assert await an.page.get_by_label("Mật khẩu").is_visible()


async def test_somebody_reads_in_english_and_in_vietnamese_again(sits: Sits, office: Office) -> None:
    reader = await sits("xem")
    for language, name, today in (("en", "English", "Today"), ("vi", "Tiếng Việt", "Hôm nay")):
        await reader.open("/account")
        await reader.page.locator("select[name=language]").select_option(language)
        await reader.press("Save")
        reader.speaks(language)
        await reader.begin()
        assert await reader.page.locator("html").get_attribute("lang") == language, name
        assert (await reader.page.locator("h1").inner_text()).startswith(today)
    assert office.value("SELECT language FROM account WHERE login = 'xem'") == "vi"


# ----------------------------------------------------------------------------------------------------- the review queue


async def waiting(desk: Person, title: str) -> None:
    """From Today to one that waits."""
    await desk.begin()
    await desk.follow("Waiting for review", whole=False)
    await desk.follow(title, translate=False, whole=False)


@WAYS
async def test_today_leads_to_the_queue_of_the_length_it_says(
    sits: Sits, office: Office, size: tuple[int, int], scripts: bool
) -> None:
    desk = await sits("bien-tap", size=size, scripts=scripts)
    await desk.begin()
    needs = desk.page.locator(".needs a").filter(has_text=desk.texts("Waiting for review"))
    said = int(await needs.last.locator(".many").inner_text())
    await needs.last.click()
    assert await desk.page.locator("tbody tr").count() == said
    assert said == office.value("SELECT count(*) FROM edition WHERE state = 'held' AND restricted = 0")


@SIZES
async def test_what_is_approved_is_at_the_portal(sits: Sits, office: Office, place: int, size: tuple[int, int]) -> None:
    desk, item = await sits("bien-tap", size=size), office.item(APPROVED[place])
    await waiting(desk, APPROVED[place])
    await desk.press("Approve")
    await office.delivered(item)
    assert office.portal.held[item].body["title"] == APPROVED[place]
    assert office.events("bien-tap", content_id=item) == ["approved"]


async def test_the_queue_is_decided_about_with_keys_alone(sits: Sits, office: Office) -> None:
    desk = await sits("bien-tap")
    await desk.page.mouse.move(0, 0)
    await desk.open("/queue?words=Tuy%C3%AAn%20d%C6%B0%C6%A1ng")
    await desk.page.keyboard.press("Tab")
    assert await desk.page.evaluate("document.activeElement.className") == "skip"
    for verb, state in (("a", "approved"), ("t", "rejected"), ("r", "rejected")):
        desk.steps = 0
        if verb == "a":
            await desk.key("j")
        title = await desk.page.locator("h1").inner_text()
        if verb == "a":
            await desk.key("a")
        else:
            await desk.key(verb, leads=False)
            await desk.page.keyboard.type("Chưa nêu rõ đơn vị khen thưởng.")
            await desk.page.keyboard.press("Tab")
            await desk.key("Enter")
        assert office.value(STATE, office.item(title)) == state
    assert await desk.page.get_by_text(desk.texts("Rejected. Nothing more waits here.")).is_visible()
    done = [office.events("bien-tap", content_id=office.item(title)) for title in BY_KEYS]
    assert done == [["approved"], ["returned"], ["rejected"]]


@SIZES
async def test_an_item_is_rejected_with_its_reason(
    sits: Sits, office: Office, place: int, size: tuple[int, int]
) -> None:
    desk, item = await sits("bien-tap", size=size), office.item(REJECTED[place])
    await waiting(desk, REJECTED[place])
    await desk.unfold("Reject")
    await desk.fill("Why is it rejected?", "Quảng cáo, không phải tin của đơn vị.")
    await desk.press("Reject")
    assert office.value(STATE, item) == "rejected"
    assert "Quảng cáo" in office.value("SELECT why FROM event WHERE content_id = ? AND what = 'rejected'", item)


async def test_an_item_is_returned_with_a_remark(sits: Sits, office: Office) -> None:
    desk, item = await sits("bien-tap"), office.item(RETURNED)
    await waiting(desk, RETURNED)
    await desk.unfold("Return")
    await desk.fill("What has to be mended?", "Thiếu số liệu của hai xã.")
    await desk.press("Return")
    assert office.value("SELECT remark FROM edition WHERE content_id = ?", item) == "Thiếu số liệu của hai xã."


async def test_a_text_is_mended_and_approved_at_once(sits: Sits, office: Office) -> None:
    desk, item = await sits("bien-tap"), office.item(EDITED)
    await waiting(desk, EDITED)
    await desk.follow("Edit")
    await desk.fill("Title", EDITED.replace("thánng", "tháng"))
    await desk.tick("Approve at once: readers see it now")
    await desk.press("Save as a new edition")
    await office.delivered(item)
    assert office.portal.held[item].body["title"] == EDITED.replace("thánng", "tháng")
    [edition] = office.query("SELECT origin, author, state FROM edition WHERE content_id = ? AND revision = 2", item)
    assert edition == ("person", "bien-tap", "approved")


async def test_an_approval_is_planned_for_half_past_seven_tomorrow(sits: Sits, office: Office) -> None:
    desk, item = await sits("bien-tap"), office.item(PLANNED)
    at = (datetime.now(ZONE) + timedelta(days=1)).replace(hour=7, minute=30, second=0, microsecond=0)
    await waiting(desk, PLANNED)
    await desk.unfold("Approve at a time")
    await desk.fill("Day and hour (Vietnam time)", f"{at:%Y-%m-%dT%H:%M}")
    await desk.press("Plan")
    [plan] = office.query("SELECT at, who, state FROM planned WHERE content_id = ?", item)
    assert plan == (int(at.timestamp() * 1_000_000), "bien-tap", "waiting")
    assert office.value(STATE, item) == "held"


async def test_a_plan_is_taken_away(sits: Sits, office: Office) -> None:
    desk, item = await sits("bien-tap"), office.item(UNPLANNED)
    await waiting(desk, UNPLANNED)
    await desk.press("Take the plan away")
    assert office.value("SELECT state FROM planned WHERE content_id = ?", item) == "cancelled"
    assert office.value(STATE, item) == "held"


# ------------------------------------------------------------------------------------------------- finding and reading


@pytest.mark.parametrize(
    ("words", "title", "size", "scripts"),
    [
        ("tiem chung mo rong", BETTER, DESK, True), ("tiem chung mo rong", BETTER, TELEPHONE, False),
        ("15/2024/qd-ubnd", NUMBERED, DESK, False), ("15/2024/qd-ubnd", NUMBERED, TELEPHONE, True),
    ],
    ids=["words-desk", "words-telephone", "number-desk", "number-telephone"],
)  # fmt: skip
async def test_an_item_is_found_by_words_without_marks_and_by_a_number(
    sits: Sits, words: str, title: str, size: tuple[int, int], scripts: bool
) -> None:
    desk = await sits("xem", size=size, scripts=scripts)
    await desk.begin()
    await desk.go("Items")
    await desk.fill("Words, number, address or id", words)
    await desk.key("Enter")
    assert await desk.page.locator("tbody th mark").count() > 0
    await desk.page.locator("tbody th a").first.click()
    assert await desk.page.locator("h1").inner_text() == title


@WAYS
async def test_the_trace_says_why_an_item_waits(
    sits: Sits, office: Office, size: tuple[int, int], scripts: bool
) -> None:
    desk = await sits("xem", size=size, scripts=scripts)
    await desk.begin()
    await desk.go("Items")
    await desk.follow(LOOKED_UP, translate=False)
    await desk.follow("Trace")
    words = await desk.page.inner_text("main")
    [(why,)] = office.query("SELECT json_extract(why, '$.review.sentence') FROM edition WHERE content_id = ?",
                            office.item(LOOKED_UP))  # fmt: skip
    assert why
    assert why in words
    assert desk.texts("New edition, waits for review") in words


async def test_two_versions_are_compared(sits: Sits) -> None:
    desk = await sits("xem")
    await desk.begin()
    await desk.go("Items")
    await desk.follow(BETTER, translate=False)
    await desk.follow("Versions")
    changed = desk.page.locator(".diff").first
    assert "2" in await changed.locator("del").inner_text()
    assert "3" in await changed.locator("ins").inner_text()
    await desk.page.locator("select[name=from]").select_option("2")
    await desk.page.locator("select[name=to]").select_option("1")
    await desk.press("Compare")
    assert "2" in await changed.locator("ins").inner_text()


@SIZES
async def test_an_item_is_withdrawn_with_a_notice(
    sits: Sits, office: Office, place: int, size: tuple[int, int]
) -> None:
    desk, item = await sits("truong-ban", size=size), office.item(WITHDRAWN[place])
    await office.delivered(item)
    await desk.begin()
    await desk.go("Items")
    await desk.follow(WITHDRAWN[place], translate=False)
    await desk.unfold("Withdraw …")
    await desk.fill("Reason; readers see it where a notice is left", "Nội dung chưa chính xác.")
    await desk.press("Withdraw")
    await office.delivered(item, gone=True)
    public = await desk.page.request.get(f"{office.url}/items/{item}")
    assert "Nội dung chưa chính xác." in await public.text()


async def test_an_item_is_replaced_by_another_address(sits: Sits, office: Office) -> None:
    desk, item = await sits("truong-ban"), office.item(REPLACED)
    await office.delivered(item)
    await desk.begin()
    await desk.go("Items")
    await desk.follow(REPLACED, translate=False)
    await desk.unfold("Withdraw …")
    await desk.tick("Replaced by another address")
    await desk.fill("Address that replaces it (only for this choice)", "https://syt.tinhmau.gov.vn/lich-moi")
    await desk.fill("Reason; readers see it where a notice is left", "Đã có lịch mới.")
    await desk.press("Withdraw")
    await office.delivered(item, gone=True)
    withdrawal = office.value("SELECT withdrawal FROM edition WHERE content_id = ? AND state = 'withdrawn'", item)
    assert "https://syt.tinhmau.gov.vn/lich-moi" in withdrawal


# ----------------------------------------------------------------------------------------------------- contributions


@SIZES
async def test_a_contribution_with_a_photo_goes_to_the_board_and_to_the_public(
    sits: Sits, office: Office, place: int, size: tuple[int, int]
) -> None:
    title = ("Trạm y tế khám cho học sinh", "Bếp ăn mới của bệnh viện")[place]
    writer, desk = await sits("cong-tac-vien", size=size), await sits("bien-tap")
    await writer.begin()
    await writer.go("Contributions")
    await writer.follow("Write an article")
    await writer.fill("Title", title)
    await writer.fill("Text", "Sáng nay, 120 học sinh đã được khám.\n\n[ảnh 1]")
    await writer.page.locator("input[type=file]").set_input_files(
        [{"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": picture()}]
    )
    await writer.press("Save")
    await writer.page.get_by_label(writer.texts("What photo %(place)s shows", place=1)).fill("Bác sĩ khám cho học sinh")
    await writer.press("Save and send")
    [(draft, item, state)] = office.query("SELECT id, content_id, state FROM draft WHERE title = ?", title)
    assert state == "sent"
    assert office.value("SELECT count(*) FROM draft_photo WHERE draft = ?", draft) == 1
    await waiting(desk, title)
    await desk.press("Approve")
    await office.delivered(item)
    assert office.value("SELECT state FROM draft WHERE id = ?", draft) == "taken"


# ------------------------------------------------------------------------------------------- sources and destinations


@SIZES
async def test_a_source_is_paused_and_goes_on(sits: Sits, office: Office, place: int, size: tuple[int, int]) -> None:
    name = ("so-y-te-la", "so-y-te-van-ban")[place]
    desk = await sits("ky-thuat", size=size)
    await desk.begin()
    await desk.go("Sources")
    await desk.follow(name, translate=False)
    await desk.unfold("Pause")
    await desk.fill("Why?", "Đơn vị đang chuyển trang.")
    await desk.press("Pause the source")
    assert office.value("SELECT state FROM source WHERE name = ?", name) == "paused"
    await desk.press("Resume")
    assert office.value("SELECT state FROM source WHERE name = ?", name) == "active"
    assert {"source_paused", "source_active"} <= set(office.events("ky-thuat", source=name))


async def test_today_says_why_a_source_is_silent_and_whose_turn_it_is(sits: Sits) -> None:
    desk = await sits("ky-thuat")
    await desk.begin()
    row = desk.page.locator("tr").filter(has_text="trang-hong")
    assert desk.texts("The unit's side") in await row.inner_text()
    sentence = await row.locator("td").nth(1).inner_text()
    await desk.follow("trang-hong")
    assert sentence in await desk.page.inner_text("main")
    assert "hỏi đơn vị" in sentence


async def test_what_is_kept_of_a_source_is_read_again(sits: Sits, office: Office) -> None:
    desk = await sits("ky-thuat")
    await desk.begin()
    await desk.go("Sources")
    await desk.follow("so-y-te-tin", translate=False)
    await desk.press("Read all again")
    assert "replayed" in office.events("ky-thuat", source="so-y-te-tin")
    await office.until("SELECT count(*) = 0 FROM capture WHERE source = 'so-y-te-tin' AND state IN ('new', 'working')")


async def test_a_source_is_added_from_an_address(sits: Sits, office: Office) -> None:
    desk = await sits("ky-thuat")
    await desk.begin()
    await desk.go("Sources")
    await desk.follow("Add a source")
    await desk.fill("Address", office.site.origin + SITE)
    await desk.press("Look")
    found = desk.page.locator("select[name=member]:visible")
    await found.wait_for(timeout=60_000)  # the page itself speaks of up to a minute
    await found.select_option(COMMUNE)
    await desk.page.locator("input[name=name]:visible").fill("xa-moi-tin")
    await desk.press("Add the source")
    assert office.events("ky-thuat", source="xa-moi-tin") == ["source_added"]
    await office.until("SELECT count(*) = 2 FROM item WHERE source = 'xa-moi-tin'")


async def test_a_refused_delivery_is_sent_again(sits: Sits, office: Office) -> None:
    board, desk, item = await sits("bien-tap"), await sits("ky-thuat"), office.item(REFUSED)
    office.portal.fail_next(Fault(status=422))
    await waiting(board, REFUSED)
    await board.press("Approve")
    await office.until("SELECT 1 FROM delivery WHERE content_id = ? AND state = 'refused'", item)
    await desk.begin()
    await desk.follow("Deliveries that were refused or set aside", whole=False)
    await desk.page.locator("label.tick").filter(has_text=REFUSED).locator("input").check()
    await desk.press("Send again what is ticked")
    await office.delivered(item)


async def test_a_destination_is_paused_goes_on_and_is_compared(sits: Sits, office: Office) -> None:
    desk = await sits("ky-thuat")
    await desk.begin()
    await desk.go("Destinations")
    await desk.follow("cong-tinh", translate=False)
    await desk.unfold("Pause")
    await desk.fill("Why?", "Cổng bảo trì.")
    await desk.press("Pause the destination")
    assert office.value("SELECT state FROM destination WHERE name = 'cong-tinh'") == "paused"
    await desk.press("Resume")
    assert office.value("SELECT state FROM destination WHERE name = 'cong-tinh'") == "active"
    await desk.begin()
    await desk.go("Destinations")
    await desk.follow("cong-tinh", translate=False)
    await desk.press("Compare now")
    await office.until("SELECT 1 FROM reconciliation WHERE destination = 'cong-tinh' AND state = 'done'")


# ------------------------------------------------------------------------------------------ people, screens, programs


async def test_somebody_with_a_role_for_one_unit_sees_that_unit_alone(sits: Sits, office: Office) -> None:
    desk, member = await sits("quan-tri"), await sits("")
    await desk.begin()
    await desk.go("Accounts")
    await desk.unfold("Add an account")
    await desk.fill("Login", "tran-thi-lien")
    await desk.fill("Name", "Trần Thị Liên")
    await desk.choose("Role", "editor")
    await desk.choose("Where it holds", COMMUNE)
    await desk.press("Add an account")
    password = await desk.page.locator("main code.start").inner_text()
    assert ("editor", COMMUNE) in office.query(
        "SELECT role, member FROM account_grant g JOIN account a ON a.id = g.account WHERE a.login = 'tran-thi-lien'"
    )
    await member.begin()
    await member.fill("Login", "tran-thi-lien")
    await member.fill("Password", password)
    await member.press("Sign in")
    await member.fill("Present password", password)
    await member.fill("New password", PASSWORD)
    await member.fill("New password once more", PASSWORD)
    await member.press("Change the password")
    await member.begin()
    await member.go("Items")
    words = await member.page.inner_text("main")
    assert OF_THE_COMMUNE in words
    assert READ not in words
    assert LOOKED_UP not in words
    assert await member.open(f"/items/{office.item(LOOKED_UP)}") in (403, 404)


async def test_the_duty_officer_releases_a_hold_that_nobody_else_could_read(sits: Sits, office: Office) -> None:
    desk, board, item = await sits("truc-ban"), await sits("bien-tap"), office.item(PERSONAL)
    await board.open(f"/items/{item}")
    assert PERSONAL not in await board.page.content()
    await desk.begin()
    await desk.follow("Held by the screens", whole=False)
    await desk.page.locator(f"a[href*='{item}']").click()
    page = await desk.page.content()
    assert PERSONAL in page
    assert not any(number in page for number in NUMBERS)
    await desk.unfold("Let it go on")
    await desk.fill("Why may it go on?", "Các hộ đã đồng ý công khai.")
    await desk.press("Let it go on")
    assert office.value("SELECT restricted FROM item WHERE content_id = ?", item) == 0
    await board.open(f"/items/{item}")
    assert PERSONAL in await board.page.content()


async def test_the_duty_officer_sees_the_alarm_and_nobody_the_text(sits: Sits, office: Office) -> None:
    desk = await sits("truc-ban")
    await desk.begin()
    await desk.follow("Secrecy alarms that nobody has confirmed", whole=False)
    assert SECRET not in await desk.page.content()
    await desk.press("I have seen it")
    assert office.value("SELECT seen_by FROM alarm") == "truc-ban"
    assert "alarm_seen" in office.events("truc-ban")
    assert not any(word in line for line in office.lines for word in (SECRET, CANARY))
    for file in office.folder.glob("hub.db*"):
        assert CANARY.encode() not in file.read_bytes(), file.name


async def test_a_program_gets_a_key_and_uses_it(sits: Sits, office: Office) -> None:
    desk = await sits("quan-tri")
    await desk.begin()
    await desk.go("API keys")
    await desk.fill("Name of the program", "bao-tinh")
    await desk.press("Make key")
    key = await desk.page.locator(".notice code").inner_text()
    for sent, status in ((key, 200), (f"{key}x", 401)):
        answer = await desk.page.request.get(
            f"{office.url}/api/v1/items", headers={"Authorization": f"Bearer {sent}", "Cookie": ""}
        )
        assert answer.status == status
    assert office.query("SELECT name, state FROM consumer") == [("bao-tinh", "active")]
    await desk.open("/keys")
    assert key not in await desk.page.content()


async def test_the_audit_log_shows_what_was_just_done(sits: Sits, office: Office) -> None:
    desk, item = await sits("truong-ban"), office.item(NOTED)
    await waiting(desk, NOTED)
    await desk.press("Approve")
    await desk.begin()
    await desk.go("Audit log")
    await desk.fill("Who", "truong-ban")
    await desk.choose("What", "approved")
    await desk.press("Show")
    assert item[:8] in await desk.page.locator("tbody tr").first.inner_text()


async def test_the_settings_in_force_are_shown_without_secrets(sits: Sits) -> None:
    desk = await sits("ky-thuat")
    await desk.begin()
    await desk.go("Settings")
    words = await desk.page.content()
    assert "Tỉnh Mẫu" in words
    assert TOKEN not in words
    assert await desk.page.locator(".badge", has_text=desk.texts("is set")).count() > 0


# ------------------------------------------------------------------------------------------------------ hostile texts


@pytest.mark.parametrize("kind", HOSTILE, ids=["markup", "quotes", "marks"])
async def test_a_hostile_text_runs_nowhere_and_makes_no_page_wider(sits: Sits, office: Office, kind: str) -> None:
    desk = await sits("bien-tap")
    [(item, title)] = office.query("SELECT content_id, title FROM item WHERE title LIKE ?", f"{kind}%")
    shared = ("/", "/queue", "/items") if kind == next(iter(HOSTILE)) else ()
    own = [f"/queue/{item}/1"] + [f"/items/{item}{part}" for part in ("", "/versions", "/trace", "/edit", "/schedule")]
    for path in (*shared, *own):
        assert await desk.open(path) == 200, path
        assert not await desk.page.query_selector("main script, main [onerror], main [onclick], main [onmouseover]")
        for size in (TELEPHONE, DESK):
            await desk.page.set_viewport_size({"width": size[0], "height": size[1]})
            assert await desk.narrow(), (path, size)
        assert await desk.page.title() not in ("chạy", "1")
    await desk.open(f"/queue/{item}/1")
    assert (await desk.page.locator("h1").inner_text()).split()[:2] == title.split()[:2]
