"""edit, return: an editor's text is an edition of its own, fenced by what the editor saw; nobody's text is lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from hub.app import Hub
from hub.commands.approve import approve
from hub.commands.edit import EditConflictError, edit
from hub.commands.reject import reject
from hub.commands.return_edition import return_edition
from hub.commands.withdraw import withdraw
from hub.queries.conflicts import conflicts, texts
from hub.rules.access import EVERYWHERE, NOWHERE
from hub.rules.editing import Changes
from hub.rules.two_persons import Matter
from hub.store.deciding import DecisionRefusedError, SecondPersonNeededError
from schemas.edition import EditionState, UpdateType
from schemas.item import ITEM, ItemBase
from tests.province import Province, events, row, rows, rss, story

WHO = "bien-tap"


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """One story that is public at the portal."""
    province.source("tin", rss(story(1, text="Khám bệnh cho 50 người dân.")))
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
        yield hub


async def content_id(hub: Hub) -> UUID:
    return UUID((await row(hub, "item"))["content_id"])


async def states(hub: Hub) -> list[tuple[int, str, str]]:
    return [(e["revision"], e["state"], e["origin"]) for e in await rows(hub, "edition")]


async def item(hub: Hub, revision: int) -> ItemBase:
    return ITEM.validate_json((await row(hub, "edition", revision=revision))["body"])


async def test_a_change_waits_for_approval_with_its_author_and_reason(hub: Hub) -> None:
    identity = await content_id(hub)
    made = await edit(hub.engine, identity, Changes(title="Khám bệnh miễn phí"), seen=1, who=WHO, why="rõ nghĩa hơn")
    assert (made.revision, made.state) == (2, EditionState.HELD)
    assert await states(hub) == [(1, "approved", "source"), (2, "held", "person")]
    edition = await row(hub, "edition", revision=2)
    assert (edition["author"], edition["update_type"]) == (WHO, "major")
    assert '"rõ nghĩa hơn"' in edition["why"]
    assert (await item(hub, 2)).title == "Khám bệnh miễn phí"
    assert (await item(hub, 2)).guid == "tin-1"
    assert (await rows(hub, "event"))[-1]["what"] == "edited"
    assert "Khám bệnh" not in (await rows(hub, "event"))[-1]["why"], "the account holds no text"


async def test_an_editor_who_may_approve_publishes_at_once(province: Province, hub: Hub) -> None:
    identity = await content_id(hub)
    made = await edit(
        hub.engine, identity, Changes(title="Khám bệnh miễn phí"), seen=1, approve=True,
        update_type=UpdateType.MINOR, who=WHO,
    )  # fmt: skip
    await hub.once()
    assert made.state is EditionState.APPROVED
    assert province.portal.shown() == {str(identity): 2}
    assert (await row(hub, "edition", revision=2))["update_type"] == "minor"
    assert (await events(hub))[-3:-1] == ["edited", "approved"]


async def test_the_rule_proposes_how_much_changed_for_readers(hub: Hub) -> None:
    identity = await content_id(hub)
    made = await edit(hub.engine, identity, Changes(tags=("Y tế", " y tế ", "")), seen=1, who=WHO)
    assert made.update_type is UpdateType.MINOR
    assert (await item(hub, 2)).tags == ("Y tế", "y tế")


async def test_what_an_editor_pastes_is_cleaned(hub: Hub) -> None:
    identity = await content_id(hub)
    pasted = '<p onclick="x()">Đoạn <b>một</b></p><script>alert(1)</script><a href="javascript:x">liên kết</a>'
    await edit(hub.engine, identity, Changes(content_html=pasted, summary=" Tóm\x00 tắt \n\n hai "), seen=1, who=WHO)
    made = await item(hub, 2)
    assert made.content_html.startswith("<p>Đoạn <b>một</b></p>")
    assert "script" not in made.content_html
    assert made.summary == "Tóm tắt\nhai"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "word"),
    [
        (Changes(title=" "), "Tiêu đề"),
        (Changes(title="a" * 2_001), "2000"),
        (Changes(image="ảnh.jpg"), "Địa chỉ ảnh"),
        (Changes(details={"guid": "khác"}), "Trường này"),
        (Changes(tags=tuple(map(str, range(60)))), "thẻ"),
        (Changes(title="Tin thứ 1 của Sở Y tế"), "chưa thay đổi gì"),
    ],
    ids=["no title", "long title", "no address", "a field of ours", "too many tags", "nothing new"],
)
async def test_what_cannot_be_an_item_is_refused_with_a_sentence(hub: Hub, changes: Changes, word: str) -> None:
    with pytest.raises(DecisionRefusedError) as refused:
        await edit(hub.engine, await content_id(hub), changes, seen=1, who=WHO)
    assert word in refused.value.sentence
    assert len(await states(hub)) == 1


async def test_of_two_editors_at_once_one_wins_and_the_other_sees_what_changed(hub: Hub) -> None:
    identity = await content_id(hub)
    both = await asyncio.gather(
        edit(hub.engine, identity, Changes(title="Bản của An"), seen=1, who="an"),
        edit(hub.engine, identity, Changes(title="Bản của Bình"), seen=1, who="binh"),
        return_exceptions=True,
    )
    [conflict] = [each for each in both if isinstance(each, EditConflictError)]
    [winner] = await rows(hub, "edition", revision=2)
    assert conflict.by == winner["author"]
    assert [(d.field, d.before, d.after) for d in conflict.differences] == [
        ("title", "Tin thứ 1 của Sở Y tế", (await item(hub, 2)).title)
    ]
    assert "Chưa có gì bị ghi đè" in conflict.sentence


async def test_a_form_that_comes_twice_changes_nothing_more(hub: Hub) -> None:
    identity = await content_id(hub)
    first = await edit(hub.engine, identity, Changes(title="Tiêu đề mới"), seen=1, who=WHO)
    again = await edit(hub.engine, identity, Changes(title="Tiêu đề mới"), seen=1, who=WHO)
    assert again == first
    assert len(await states(hub)) == 2


async def test_the_source_that_speaks_while_somebody_types_is_told_as_a_conflict(province: Province, hub: Hub) -> None:
    identity = await content_id(hub)
    province.site.serve("/tin.rss", rss(story(1, text="Khám bệnh cho 80 người dân.")))
    await hub.once(everything=True)
    with pytest.raises(EditConflictError) as conflict:
        await edit(hub.engine, identity, Changes(title="Tiêu đề mới"), seen=1, who=WHO)
    [difference] = conflict.value.differences
    assert ("50" in difference.before, "80" in difference.after) == (True, True)
    assert "nguồn vừa đăng" in conflict.value.sentence


async def test_what_is_gone_is_not_edited(hub: Hub) -> None:
    identity = await content_id(hub)
    await withdraw(hub.engine, identity, who=WHO)
    with pytest.raises(DecisionRefusedError, match="withdrawn"):
        await edit(hub.engine, identity, Changes(title="Tiêu đề mới"), seen=2, who=WHO)


async def test_who_wrote_a_text_does_not_approve_it_where_two_are_wanted(hub: Hub) -> None:
    engine = replace(hub.engine, two_persons=frozenset({Matter.EDITS}))
    identity = await content_id(hub)
    with pytest.raises(SecondPersonNeededError):
        await edit(engine, identity, Changes(title="Tiêu đề mới"), seen=1, approve=True, who="an")
    assert len(await states(hub)) == 1, "nothing was stored"
    await edit(engine, identity, Changes(title="Tiêu đề mới"), seen=1, who="an")
    with pytest.raises(SecondPersonNeededError):
        await approve(engine, identity, who="An")
    assert await approve(engine, identity, who="binh") == 2


async def test_a_returned_edition_keeps_its_remark_and_the_public_text_stays(province: Province, hub: Hub) -> None:
    identity = await content_id(hub)
    await edit(hub.engine, identity, Changes(title="Tiêu đề mới"), seen=1, who="an")
    with pytest.raises(DecisionRefusedError, match="no remark"):
        await return_edition(hub.engine, identity, remark="  ", who=WHO)
    assert await return_edition(hub.engine, identity, remark="Sai tên xã.", who=WHO) == 2
    edition = await row(hub, "edition", revision=2)
    assert (edition["state"], edition["remark"], edition["decided_by"]) == ("rejected", "Sai tên xã.", WHO)
    assert (await row(hub, "item"))["title"] == "Tin thứ 1 của Sở Y tế", "lists call it by what stands"
    assert (await events(hub))[-1] == "returned"
    assert province.portal.shown() == {str(identity): 1}


async def test_texts_stand_side_by_side_until_a_person_chooses(province: Province, hub: Hub) -> None:
    identity = await content_id(hub)
    await edit(hub.engine, identity, Changes(title="Bản của ta"), seen=1, approve=True, who=WHO)
    province.site.serve("/tin.rss", rss(story(1, text="Khám bệnh cho 80 người dân.")))
    await hub.once(everything=True)
    known = await texts(hub.engine.store, identity)
    assert known.in_conflict
    assert known.theirs is not None
    assert (known.ours.revision, known.theirs.revision, known.revision) == (2, 3, 3)
    [conflict] = await conflicts(hub.engine.store, EVERYWHERE)
    assert [d.field for d in conflict.differences] == ["summary"]
    assert await conflicts(hub.engine.store, NOWHERE) == []
    await reject(hub.engine, identity, who=WHO, why="giữ bản của ta")
    assert await conflicts(hub.engine.store, EVERYWHERE) == []
    assert (await row(hub, "item"))["title"] == "Bản của ta"
