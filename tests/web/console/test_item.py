"""Items: the list, text, versions, trace and deliveries of one; taking it back, sending it again; tasks and posts."""

import pytest

from hub.app import Hub
from schemas.edition import WithdrawalKind
from tests.web.desk import Desk
from tests.web.press import Press, id_of, news

OTHER = "xa-ha-lieu-tin"


async def test_the_list_narrows_and_pages(desk: Desk, press: Press) -> None:
    await press.publish(*(news(f"{n:03}") for n in range(51)))
    await press.publish(news("xã", title="Tin của xã"), source=OTHER)
    await press.publish(news("chờ", title="Tin đang chờ"), held=True)
    await press.withdraw("000")
    person = await desk.person("an", "viewer")
    first = await person.get("/items")
    assert first.text.count('scope="row"') == 50
    older = first.text.partition('href="/console/items?after=')[2].partition('"')[0]
    assert (await person.get(f"/items?after={older}")).text.count('scope="row"') == 3
    for query, number in (
        ("state=withdrawn", 1), ("state=waiting", 1), ("member=H52.30", 1), ("kind=document", 0),
        ("state=nonsense", 50), ("begin=2999-01-01", 0), ("end=1999-01-01", 0), ("begin=nonsense", 50),
        ("after=nonsense", 50), ("end=9999-12-31&begin=0001-01-01", 50),
    ):  # fmt: skip
        assert (await person.get(f"/items?{query}")).text.count('scope="row"') == number, query


async def test_an_address_or_an_id_leads_to_its_item(desk: Desk, press: Press) -> None:
    await press.publish(news("1"))
    whole, other = await desk.person("an", "viewer"), await desk.person("binh", "viewer", "H52.30")
    for name in (str(id_of("1")), "http://soyte.example.vn/tin/1"):
        assert (await whole.get(f"/items?q={name}")).location == f"/console/items/{id_of('1')}"
        assert (await other.get(f"/items?q={name}")).location == "/console/items?done=unknown"
    assert (await whole.get("/items?q=http://soyte.example.vn/nowhere")).location == "/console/items?done=unknown"


async def test_the_whole_story_is_one_click_away(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1", content_html="<p>Câu thứ nhất.</p>"))
    await press.publish(news("1", content_html="<p>Câu thứ hai.</p>"))
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute(
            "INSERT INTO delivery (content_id, destination, wanted_revision, sent_revision, state, wanted_at, due_at,"
            " remote_id, receipt, error_sentence) VALUES (?, 'cong', 2, 1, 'refused', ?, ?, 'https://cong.vn/1',"
            " '{\"note\": \"đã nhận\", \"status\": 201}', 'Nơi nhận không nhận.')",
            str(id_of("1")), unit.at, unit.at,
        )  # fmt: skip
    person = await desk.person("an", "viewer")
    base = f"/items/{id_of('1')}"
    assert "Câu thứ hai." in (await person.get(base)).words
    versions = await person.get(f"{base}/versions")
    assert "Từ bản 1 đến bản 2" in versions.words
    assert "[bỏ: nhất hết] [thêm: hai hết]" in versions.words
    for bent in ("from=9&to=0", "from=x&to=-1", "from=2&to=1"):
        assert (await person.get(f"{base}/versions?{bent}")).status == 200
    assert "bản thu" in (await person.get(f"{base}/trace")).words
    deliveries = await person.get(f"{base}/deliveries")
    for said in ("Nơi nhận không nhận.", "đã nhận · 201", "Bị từ chối"):
        assert said in deliveries.words
    assert 'href="https://cong.vn/1"' in deliveries.text
    assert f"{base}/send" not in deliveries.text


async def test_versions_that_are_not_listed_are_counted_and_compared_by_their_numbers(
    desk: Desk, press: Press, hub: Hub
) -> None:
    await press.publish(news("1"))
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute(
            "INSERT INTO edition (content_id, revision, digest, update_type, state, body, why, seen_at)"
            " WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 260)"
            " SELECT e.content_id, n.i, 'd', 'minor', 'superseded', e.body, '{}', n.i FROM edition e CROSS JOIN n"
            " WHERE e.revision = 1"
        )
        await unit.tx.execute("UPDATE item SET revision = 260, approved_revision = 1")
    person, base = await desk.person("an", "viewer"), f"/items/{id_of('1')}/versions"
    versions = (await person.get(base)).words
    assert "Từ bản 259 đến bản 260" in versions
    assert "Còn 60 phiên bản cũ hơn" in versions
    assert "Từ bản 5 đến bản 9" in (await person.get(f"{base}?from=5&to=9")).words
    assert "Từ bản 8 đến bản 9" in (await person.get(f"{base}?to=9")).words


async def test_what_was_refused_is_sent_again_by_a_technician(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1"), news("2"))
    async with hub.engine.store.unit() as unit:
        for guid in "12":
            await unit.tx.execute(
                "INSERT INTO delivery (content_id, destination, wanted_revision, state, wanted_at, due_at)"
                " VALUES (?, 'cong', 1, 'refused', ?, ?)",
                str(id_of(guid)), unit.at, unit.at,
            )  # fmt: skip
    rows = await hub.engine.store.fetch("SELECT id, content_id FROM delivery")
    number = {row["content_id"]: str(row["id"]) for row in rows}
    path = f"/items/{id_of('1')}/send"
    editor, technician = await desk.person("an", "editor"), await desk.person("binh", "technician", "H52.12")
    assert (await editor.post(path, delivery=number[str(id_of("1"))])).status == 403
    assert (await technician.post(path, delivery=number[str(id_of("2"))])).status == 409
    assert (await technician.post(path, delivery=number[str(id_of("1"))])).status == 303
    states = await hub.engine.store.fetch("SELECT state FROM delivery ORDER BY id")
    assert sorted(row["state"] for row in states) == ["ready", "refused"]


@pytest.mark.parametrize("kind", list(WithdrawalKind))
async def test_an_item_is_taken_back_in_four_ways(desk: Desk, press: Press, hub: Hub, kind: WithdrawalKind) -> None:
    await press.publish(news("1"))
    base = f"/items/{id_of('1')}"
    chief, editor = await desk.person("an", "chief_editor"), await desk.person("binh", "editor")
    fields = {"kind": kind.value, "why": "Đưa tin sai", "redirect_to": "https://soyte.example.vn/dinh-chinh"}
    assert (await editor.post(f"{base}/withdraw", **fields)).status == 403
    assert f"{base}/withdraw" not in (await editor.get(base)).text
    assert (await chief.post(f"{base}/withdraw", **fields)).location == f"/console{base}?done=withdrawn"
    assert "Đưa tin sai" in (await chief.get(base)).words
    [row] = await hub.engine.store.fetch("SELECT withdrawal, decided_by FROM edition WHERE state = 'withdrawn'")
    assert row["decided_by"] == "an"
    assert f'"kind":"{kind.value}"' in row["withdrawal"]
    assert ("dinh-chinh" in row["withdrawal"]) is (kind is WithdrawalKind.REDIRECT)
    assert (await chief.post(f"{base}/withdraw", **fields)).status == 409


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "nonsense", "why": "x"}, "bốn cách gỡ"),
        ({"kind": "gone", "why": ""}, "lý do gỡ bài"),
        ({"kind": "redirect", "why": "x", "redirect_to": "javascript:alert(1)"}, "địa chỉ đầy đủ"),
    ],
    ids=["kind", "reason", "address"],
)
async def test_an_unfinished_form_takes_nothing_back(
    desk: Desk, press: Press, hub: Hub, fields: dict[str, str], said: str
) -> None:
    await press.publish(news("1"))
    answer = await (await desk.person("an", "chief_editor")).post(f"/items/{id_of('1')}/withdraw", **fields)
    assert answer.status == 422
    assert said in answer.words
    assert not await hub.engine.store.fetch("SELECT 1 FROM edition WHERE state = 'withdrawn'")


async def test_a_difference_is_decided_here(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1"))
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute(
            "INSERT INTO difference (destination, key, kind, reason, content_id, fields, digest, state, run, found_at)"
            " VALUES ('cong', 'k1', 'outdated', 'changed_there', ?, ?, '', 'open', 1, ?)",
            str(id_of("1")), '[{"field": "title", "ours": "Của ta", "theirs": "Của họ"}]', unit.at,
        )  # fmt: skip
    base = f"/items/{id_of('1')}"
    person = await desk.person("an", "technician")
    shown = (await person.get(f"{base}/deliveries")).words
    assert "Tiêu đề Của ta Của họ" in shown
    fields = {"destination": "cong", "key": "k1", "decision": "leave"}
    assert (await person.post(f"{base}/difference", **(fields | {"key": "k2"}))).status == 404
    assert (await person.post(f"{base}/difference", **fields)).status == 303
    [row] = await hub.engine.store.fetch("SELECT state, decided_by FROM difference")
    assert (row["state"], row["decided_by"]) == ("settled", "an")


@pytest.mark.parametrize("path", ["", "/versions", "/trace", "/deliveries"])
async def test_another_units_item_is_not_there(desk: Desk, press: Press, path: str) -> None:
    await press.publish(news("1"))
    other = await desk.person("an", "editor", "H52.30")
    assert (await other.get(f"/items/{id_of('1')}{path}")).status == 404
    assert (await other.get(f"/items/nonsense{path}")).status == 404
    assert (await other.get("/items")).text.count('scope="row"') == 0


async def test_tasks_are_closed_by_who_did_them(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1"))
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute(
            "INSERT INTO task (what, destination, subject, title, content_id, revision, state, opened_at)"
            " VALUES ('enter', 'cong', '1.2', 'Nhập thủ tục', ?, 1, 'open', ?)",
            str(id_of("1")), unit.at,
        )  # fmt: skip
    [task] = await hub.engine.store.fetch("SELECT id FROM task")
    person, viewer = await desk.person("an", "technician"), await desk.person("binh", "viewer", "H52.30")
    assert "Nhập mới: Nhập thủ tục" in (await person.get("/tasks")).words
    assert "Không có việc nào đang chờ." in (await viewer.get("/tasks")).words
    assert (await person.get(f"/tasks/{task['id']}/package.docx")).status == 404
    assert (await person.get("/tasks/x/package.docx")).status == 404
    assert (await viewer.post(f"/tasks/{task['id']}/done")).status == 403
    assert (await person.post(f"/tasks/{task['id']}/done")).status == 303
    assert (await person.post(f"/tasks/{task['id']}/done")).status == 409
    [row] = await hub.engine.store.fetch("SELECT state, closed_by FROM task")
    assert (row["state"], row["closed_by"]) == ("done", "an")


async def test_posts_are_decided_by_those_who_may(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1"), news("2"), news("3"))
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("INSERT INTO destination (name, connector, state) VALUES ('trang', 'facebook', 'active')")
        for guid, state, code in (("1", "held", ""), ("2", "held", ""), ("3", "parked", "untold")):
            await unit.tx.execute(
                "INSERT INTO delivery (content_id, destination, wanted_revision, state, wanted_at, due_at, error_code)"
                " VALUES (?, 'trang', 1, ?, ?, ?, ?)",
                str(id_of(guid)), state, unit.at, unit.at, code,
            )  # fmt: skip
    chief, editor = await desk.person("an", "chief_editor"), await desk.person("binh", "editor")

    def form(guid: str) -> dict[str, str]:
        return {"content_id": str(id_of(guid)), "destination": "trang", "revision": "1"}

    assert (await editor.post("/posts/approve", **form("1"))).status == 403
    assert (await chief.post("/posts/approve", **form("1"))).status == 303
    assert (await chief.post("/posts/approve", **form("1"))).status == 409
    assert (await chief.post("/posts/refuse", **form("2"), why="Không hợp")).status == 303
    assert (await chief.post("/posts/confirm", **form("3"), remote_id="77")).status == 303
    assert (await chief.post("/posts/again", **form("3"))).status == 409
    assert (await chief.post("/posts/approve", content_id="x")).status == 400
    rows = await hub.engine.store.fetch("SELECT state, remote_id FROM delivery ORDER BY id")
    assert [(row["state"], row["remote_id"]) for row in rows] == [("ready", ""), ("refused", ""), ("done", "77")]


async def test_a_post_is_found_however_many_wait_beside_it(desk: Desk, press: Press, hub: Hub) -> None:
    """It went wrong: of more than a thousand only the oldest were looked at; the others did not wait, it said."""
    await press.insert_many(1_001)
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("INSERT INTO destination (name, connector, state) VALUES ('trang', 'facebook', 'active')")
        await unit.tx.execute(
            "INSERT INTO delivery (content_id, destination, wanted_revision, state, wanted_at, due_at, error_code)"
            " SELECT content_id, 'trang', 1, 'parked', ?, ?, 'untold' FROM item ORDER BY guid",
            unit.at, unit.at,
        )  # fmt: skip
    [last] = await hub.engine.store.fetch("SELECT content_id FROM delivery ORDER BY id DESC LIMIT 1")
    chief = await desk.person("an", "chief_editor")
    answer = await chief.post("/posts/again", content_id=last["content_id"], destination="trang", revision="1")
    assert answer.location.endswith("done=again"), answer.words
