"""Today: each line opens a list of its length, within what the viewer may see; and a day on which nothing waits."""

from datetime import timedelta

from hub.app import Hub
from hub.rules.retry import UNTOLD
from hub.store.instants import micros
from tests.clock import Clock
from tests.web.desk import Desk
from tests.web.press import Press, id_of, news

OTHER = "xa-ha-lieu-tin"


async def test_a_day_on_which_nothing_waits_is_called_good(desk: Desk) -> None:
    answer = await (await desk.person("an", "editor")).get("/")
    assert answer.status == 200
    assert "Hôm nay không có việc nào phải xử lý." in answer.words
    english = await (await desk.person("ann", "viewer", language="en")).get("/")
    assert "Nothing needs a person today." in english.words


async def test_each_line_says_how_long_its_list_is(desk: Desk, press: Press, clock: Clock) -> None:
    await press.publish(news("1"), news("2"), held=True)
    clock.advance(hours=30)
    await press.publish(news("3"), held=True)
    person = await desk.person("an", "editor")
    answer = await person.get("/")
    assert ">2</span> <span" in " ".join(answer.text.split())
    assert "2 Chờ duyệt quá một ngày" in answer.words
    assert "3 Bài chờ duyệt" in answer.words
    assert (await person.get("/queue")).text.count('name="pick"') == 3
    assert (await person.get("/queue?days=1")).text.count('name="pick"') == 2


async def test_the_scope_of_the_viewer_holds_for_all_of_it(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1"), held=True)
    await press.publish(news("2", title="Tin của xã"), source=OTHER, held=True)
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute(
            "UPDATE source SET fault_code = 'timeout', fault_side = 'network', fault_sentence = 'Chậm quá.',"
            " fault_since = ? WHERE name = 'so-y-te-tin'",
            unit.at,
        )
    whole, part = await desk.person("an", "viewer"), await desk.person("binh", "editor", "H52.30")
    answer = await whole.get("/")
    assert "2 Bài chờ duyệt" in answer.words
    assert "Chậm quá." in answer.words
    assert "Đường truyền" in answer.words
    answer = await part.get("/")
    assert "1 Bài chờ duyệt" in answer.words
    assert "Chậm quá." not in answer.words


async def test_what_the_screens_hold_is_the_duty_officers(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1", title="Tin bí ẩn"), held=True)
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE edition SET restricted = 1")
        await unit.tx.execute("UPDATE item SET restricted = 1")
    editor, officer = await desk.person("an", "chief_editor"), await desk.person("binh", "duty_officer")
    item, edition = f"/items/{id_of('1')}", f"/queue/{id_of('1')}/1"
    for path in ("/", "/queue", edition, "/items", item, f"{item}/versions", f"{item}/trace", f"{item}/deliveries"):
        answer = await editor.get(path)
        assert answer.status == 200
        assert "Tin bí ẩn" not in answer.text
    assert "Hôm nay không có việc nào" in (await editor.get("/")).words
    assert "1 Tạm giữ để kiểm tra nội dung" in (await officer.get("/")).words
    assert (await editor.post(f"{edition}/approve")).status == 403
    assert (await hub.engine.store.fetch("SELECT state FROM edition"))[0]["state"] == "held"


async def test_deliveries_posts_and_figures_are_counted(desk: Desk, press: Press, hub: Hub, clock: Clock) -> None:
    await press.publish(news("1"), news("2"), news("3"))
    now = hub.engine.store.now()
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("INSERT INTO destination (name, connector, state) VALUES ('trang', 'facebook', 'active')")
        for guid, state, code, since in (
            ("1", "held", "", now), ("2", "parked", UNTOLD, now), ("3", "ready", "", now - timedelta(minutes=16)),
        ):  # fmt: skip
            await unit.tx.execute(
                "INSERT INTO delivery (content_id, destination, wanted_revision, state, wanted_at, due_at, error_code)"
                " VALUES (?, 'trang', 1, ?, ?, ?, ?)",
                str(id_of(guid)), state, micros(since), unit.at, code,
            )  # fmt: skip
        await unit.tx.execute(
            "INSERT INTO attempt (delivery, revision, key, started_at, ended_at, outcome)"
            " SELECT id, 1, '', ?, ?, 'done' FROM delivery",
            unit.at, unit.at,
        )  # fmt: skip
    person = await desk.person("an", "chief_editor")
    answer = await person.get("/")
    for said in ("1 Bài chờ cho phép đăng", "1 Bài đăng chưa rõ đã lên hay chưa", "1 Bài lên chậm quá 15 phút",
                 "Bài mới 3", "Đã duyệt 3", "Đã lên nơi nhận 3", "Đã gỡ 0"):  # fmt: skip
        assert said in answer.words
    assert answer.text.count("<svg") == 4
    clock.advance(days=1)
    person = await desk.person("binh", "chief_editor")
    assert "Bài mới 0" in (await person.get("/")).words
    assert "Tin 3" in (await person.get("/late")).words
    assert "Tin 1" in (await person.get("/posts")).words
    assert "Tin 2" in (await person.get("/posts/unconfirmed")).words


async def test_a_day_begins_at_midnight_of_vietnam(desk: Desk, press: Press, clock: Clock) -> None:
    """An item that came at 23:59 local time is yesterday's a minute later."""
    clock.advance(hours=15, minutes=58)  # from 8 in the morning
    await press.publish(news("1"))
    person = await desk.person("an", "viewer")
    assert "Bài mới 1" in (await person.get("/")).words
    clock.advance(minutes=2)
    assert "Bài mới 0" in (await person.get("/")).words


async def test_what_is_noticed_early_is_told_by_scope(desk: Desk, hub: Hub) -> None:
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute_many(
            "INSERT INTO item (content_id, source, guid, kind, member, title, revision, digest, state, withdrawn_by,"
            " first_seen, changed_at) SELECT ?, name, ?, 'news', member, '', 1, '', 'withdrawn', 'source', ?, ?"
            " FROM source WHERE name = 'so-y-te-tin'",
            [(f"00000000-0000-5000-8000-{number:012}", str(number), unit.at, unit.at) for number in range(12)],
        )
    assert "Trong một ngày nguồn đã gỡ 12 mục" in (await (await desk.person("an", "viewer")).get("/")).words
    assert "Dấu hiệu sớm" not in (await (await desk.person("binh", "editor", "H52.30")).get("/")).words
