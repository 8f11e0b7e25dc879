"""What a source says of an item that a person has edited: held and shown, never put over the editor's text."""

from uuid import UUID

import pytest

from hub.app import Hub
from hub.commands.approve import approve
from hub.commands.edit import edit
from hub.commands.reject import reject
from hub.commands.replay import replay
from hub.rules.editing import Changes
from hub.stages.normalise import Normalise
from tests.province import Province, atom, events, row, rows, rss, story, turn

WHO = "bien-tap"
OURS = Changes(title="Tiêu đề do ban biên tập đặt")


async def show(province: Province, hub: Hub, body: bytes) -> None:
    """The site shows this from now on; the hub polls it, reads and delivers."""
    province.site.serve("/tin.rss", body)
    province.clock.advance(minutes=20)
    await hub.once(everything=True)


async def edited(province: Province, hub: Hub, *, public: bool = True) -> UUID:
    """A public story, changed by an editor."""
    await show(province, hub, rss(story(1, text="Khám bệnh cho 50 người.")))
    identity = UUID((await row(hub, "item"))["content_id"])
    await edit(hub.engine, identity, OURS, seen=1, approve=public, who=WHO)
    return identity


async def states(hub: Hub) -> list[tuple[int, str]]:
    return [(e["revision"], e["state"]) for e in await rows(hub, "edition")]


async def reason(hub: Hub, revision: int) -> str:
    return str((await row(hub, "edition", revision=revision))["why"])


async def test_a_source_that_repeats_itself_changes_nothing(province: Province, hub: Hub) -> None:
    identity = await edited(province, hub)
    await show(province, hub, rss(story(2), story(1, text="Khám bệnh cho 50 người.")))
    await replay(hub.engine, who=WHO)
    while await turn(Normalise(hub.engine)):
        continue
    assert [e["revision"] for e in await rows(hub, "edition", content_id=str(identity))] == [1, 2]


async def test_a_new_text_of_the_source_is_held_beside_ours(province: Province, hub: Hub) -> None:
    identity = await edited(province, hub)
    await show(province, hub, rss(story(1, text="Khám bệnh cho 80 người.")))
    assert await states(hub) == [(1, "superseded"), (2, "approved"), (3, "held")]
    assert '"edited_by_person"' in await reason(hub, 3)
    assert province.portal.shown() == {str(identity): 2}
    await show(province, hub, rss(story(1, text="Khám bệnh cho 90 người.")))
    assert await states(hub) == [(1, "superseded"), (2, "approved"), (3, "superseded"), (4, "held")]
    assert province.portal.shown() == {str(identity): 2}


async def test_how_much_a_source_changed_is_measured_against_its_own_last_word(province: Province, hub: Hub) -> None:
    await edited(province, hub)
    await show(province, hub, rss(story(1, text="Khám bệnh cho 50 người!")))
    assert (await row(hub, "edition", revision=3))["update_type"] == "minor", "our title is no change of the source"


async def test_an_edit_that_still_waits_is_not_pushed_aside_by_the_source(province: Province, hub: Hub) -> None:
    identity = await edited(province, hub, public=False)
    await show(province, hub, rss(story(1, text="Khám bệnh cho 80 người.")))
    assert await states(hub) == [(1, "approved"), (2, "held"), (3, "held")]
    assert province.portal.shown() == {str(identity): 1}
    assert await approve(hub.engine, identity, revision=2, who="truong") == 2
    await hub.once()
    assert province.portal.shown() == {str(identity): 2}
    assert await states(hub) == [(1, "superseded"), (2, "approved"), (3, "held")]


async def test_taking_the_sources_text_ends_the_edit(province: Province, hub: Hub) -> None:
    identity = await edited(province, hub)
    await show(province, hub, rss(story(1, text="Khám bệnh cho 80 người.")))
    await approve(hub.engine, identity, who=WHO)
    await hub.once()
    assert province.portal.shown() == {str(identity): 3}
    await show(province, hub, rss(story(1, text="Khám bệnh cho 90 người.")))
    assert await states(hub) == [(1, "superseded"), (2, "superseded"), (3, "superseded"), (4, "approved")]


async def test_keeping_ours_leaves_the_source_to_be_asked_again_only_when_it_says_something_new(
    province: Province, hub: Hub
) -> None:
    await edited(province, hub)
    await show(province, hub, rss(story(1, text="Khám bệnh cho 80 người.")))
    await reject(hub.engine, UUID((await row(hub, "item"))["content_id"]), who=WHO)
    await show(province, hub, rss(story(1, text="Khám bệnh cho 80 người.")))
    assert len(await rows(hub, "edition")) == 3
    await show(province, hub, rss(story(1, text="Khám bệnh cho 90 người.")))
    assert '"edited_by_person"' in await reason(hub, 4)


async def test_merging_by_editing_decides_about_both(province: Province, hub: Hub) -> None:
    identity = await edited(province, hub)
    await show(province, hub, rss(story(1, text="Khám bệnh cho 80 người.")))
    await edit(hub.engine, identity, Changes(summary="Khám bệnh cho 80 người."), seen=3, approve=True, who=WHO)
    await hub.once()
    assert await states(hub) == [(1, "superseded"), (2, "superseded"), (3, "superseded"), (4, "approved")]
    assert province.portal.shown() == {str(identity): 4}
    assert OURS.title == (await row(hub, "item"))["title"]


async def test_an_edited_story_is_known_again_by_what_its_source_calls_it(province: Province, hub: Hub) -> None:
    await edited(province, hub)
    await show(province, hub, rss(story(1, guid="tin-1-ma-moi", text="Khám bệnh cho 50 người.")))
    assert len(await rows(hub, "item")) == 1


@pytest.mark.parametrize("public", [True, False], ids=["public", "held"])
async def test_a_source_that_takes_it_back_takes_the_edit_back_too(
    province: Province, hub: Hub, *, public: bool
) -> None:
    await show(province, hub, atom(story(1), story(2)))
    identity = (await row(hub, "item", guid="tin-1"))["content_id"]
    await edit(hub.engine, UUID(identity), OURS, seen=1, approve=public, who=WHO)
    await show(province, hub, atom(story(2), gone=["tin-1"], at="2026-03-02T01:30:00Z"))
    assert identity not in province.portal.shown()
    assert (await row(hub, "item", guid="tin-1"))["state"] == "withdrawn"
    [told] = await rows(hub, "event", what="withdrawn")
    assert '"edited":true' in told["why"]
    assert "edited" in await events(hub)
