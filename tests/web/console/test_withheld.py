"""What a screen holds is nobody's business but the duty officer's: no page shows it to others, by no way around."""

import pytest

from hub.app import Hub
from hub.commands.edit import edit
from hub.commands.release_hold import reject_hold
from hub.commands.return_edition import return_edition
from hub.rules.editing import Changes
from hub.store import restricting
from hub.store.deciding import DecisionRefusedError
from tests.province import row
from tests.web.desk import Desk
from tests.web.forms import typed_form
from tests.web.press import Press, id_of, news

#: What the pages ask the database, tests of queries ask on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HIDDEN = "Tiền trợ cấp của bà Tư"
TEXT = {"title": HIDDEN, "content_html": f"<p>{HIDDEN}</p>"}
ITEM = id_of("1")


async def withhold(hub: Hub, revision: int) -> None:
    """A screen holds this edition from now on."""
    async with hub.engine.store.unit() as unit:
        assert await restricting.restrict(unit, str(ITEM), revision, rules=("identity",), fingerprint="f")


async def wanted(hub: Hub, state: str, revision: int = 1) -> None:
    """A destination waits for an edition of the item."""
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("INSERT INTO destination (name, connector, state) VALUES ('cong', 'portal', 'active')")
        await unit.tx.execute(
            "INSERT INTO delivery (content_id, destination, wanted_revision, sent_revision, state, wanted_at, due_at)"
            " VALUES (?, 'cong', ?, 0, ?, 0, 0)",
            str(ITEM), revision, state,
        )  # fmt: skip


@pytest.fixture
async def corrected(press: Press, hub: Hub) -> None:
    """A public item of which a screen holds the correction."""
    await press.publish(news("1", title="Tin mở"))
    await press.publish(news("1", **TEXT), held=True)
    await withhold(hub, 2)


@pytest.mark.parametrize("state", ["ready", "held", "refused", "parked"])
async def test_queues_of_destinations_do_not_name_it(desk: Desk, hub: Hub, corrected: None, state: str) -> None:
    await wanted(hub, state)
    everybody = [await desk.person(role, role) for role in ("chief_editor", "technician")]
    for person in everybody:
        for path in (
            "/", "/queue", "/items", "/posts", "/posts/unconfirmed", "/late", "/tasks", "/aside", "/destinations/cong",
            "/items?q=trợ cấp", *(f"/items/{ITEM}{part}" for part in ("", "/versions", "/trace", "/deliveries")),
            f"/queue/{ITEM}/1", f"/queue/{ITEM}/2",
        ):  # fmt: skip
            answer = await person.get(path)
            assert answer.status in (200, 403), path
            assert "bà Tư" not in answer.text, path


async def test_a_persons_edit_that_waits_beside_it_lends_it_no_name(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1", title="Tin mở"))
    await edit(hub.engine, ITEM, Changes(title="Tin biên tập"), seen=1, who="binh")
    await press.publish(news("1", **TEXT), held=True)
    await withhold(hub, 3)
    person = await desk.person("an", "chief_editor")
    queue = await person.get("/queue")
    assert f"/queue/{ITEM}/2" in queue.text
    assert HIDDEN not in queue.text
    assert f"/queue/{ITEM}/2" not in (await person.get("/queue?words=trợ cấp")).text


async def test_an_edit_that_is_held_is_no_text_to_go_on_with(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1", title="Tin mở"))
    await edit(hub.engine, ITEM, Changes(title=TEXT["title"], content_html=TEXT["content_html"]), seen=1, who="binh")
    await withhold(hub, 2)
    await press.publish(news("1", title="Tin mới của nguồn"), held=True)
    person = await desk.person("an", "chief_editor")
    for path in (f"/items/{ITEM}/edit", f"/items/{ITEM}", f"/queue/{ITEM}/3", "/queue", "/items"):
        answer = await person.get(path)
        assert (answer.status, HIDDEN in answer.text) == (200, False), path
    form = typed_form(await person.get(f"/items/{ITEM}/edit"))
    assert form["title"] == "Tin mới của nguồn"
    assert (await person.post(f"/queue/{ITEM}/3/reject", why="sai")).status == 303
    for path in ("/items", "/queue", f"/items/{ITEM}"):
        assert HIDDEN not in (await person.get(path)).text, path


async def test_only_the_duty_officer_sends_it_back(hub: Hub, corrected: None) -> None:
    with pytest.raises(DecisionRefusedError, match="screen"):
        await return_edition(hub.engine, ITEM, remark="sửa lại", who="an")
    assert (await row(hub, "edition", content_id=str(ITEM), revision=2))["state"] == "held"


async def test_a_rejected_hold_gives_the_item_its_public_name_back(desk: Desk, hub: Hub, corrected: None) -> None:
    await reject_hold(hub.engine, ITEM, who="truc", why="lộ dữ liệu")
    person = await desk.person("an", "chief_editor")
    listed = await person.get("/items")
    assert "Tin mở" in listed.words
    assert HIDDEN not in listed.text
    form = await person.get(f"/items/{ITEM}/edit")
    assert (form.status, HIDDEN in form.text) == (200, False)
    assert typed_form(form)["title"] == "Tin mở"


async def test_a_contribution_that_is_held_is_its_authors(desk: Desk, hub: Hub) -> None:
    author, editor = await desk.person("an", "contributor", "H52.30"), await desk.person("binh", "chief_editor")
    typed = typed_form(await author.get("/drafts/new")) | {
        "title": HIDDEN, "content": "Nguyễn Văn An, số CCCD 001085012345, tài khoản 0451000123456 tại Vietcombank.",
        "do": "send",
    }  # fmt: skip
    path = (await author.post("/drafts/new", **typed)).location.removeprefix("/console").partition("?")[0]
    assert (await row(hub, "edition"))["restricted"] == 1
    assert HIDDEN in (await author.get(path)).text
    assert (await editor.get(path)).status == 404
    assert HIDDEN not in (await editor.get("/drafts")).text
