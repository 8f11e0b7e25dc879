"""`hub digest`, `hub mails`: what a person sees of mails, and decides."""

from pathlib import Path

import pytest

from tests.cli.test_at_work import hub
from tests.fakes.smtp import MailHost, Trouble
from tests.province import Province, rss
from tests.stages.mailing import OFFICE, PAPER, morning
from tests.stages.mailing import send as send_mails
from tests.stages.sending import show

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def doubtful(province: Province, post: MailHost) -> Path:
    """A hub of which one mail was refused and one left a doubt; its settings."""
    province.source("tin", rss())
    province.mails(post.port)
    province.digest("tin", PAPER, OFFICE)
    async with province.open() as opened:
        await show(province, opened, 1)
        await morning(province, opened)
        post.trouble(Trouble(at="rcpt", reply="550 5.1.1 no"), recipient=PAPER)
        post.trouble(Trouble(at="message", committed=True), recipient=OFFICE)
        await send_mails(opened)
    return province.write()


async def test_mails_that_want_a_person_are_listed_and_decided(province: Province) -> None:
    async with MailHost() as post:
        settings = await doubtful(province, post)
        listed = await hub(settings, "mails", "list", "--json")
        assert {(each["recipient"], each["state"]) for each in listed.document} == {
            (PAPER, "refused"), (OFFICE, "unknown"),
        }  # fmt: skip
        told = (await hub(settings, "mails", "list", "--digest", "tin")).out
        assert "không rõ đã tới hay chưa" in told
        assert "ngày 03/03/2026" in told
        numbers = {each["recipient"]: str(each["id"]) for each in listed.document}
        assert PAPER in (await hub(settings, "mails", "send", numbers[PAPER])).out
        assert OFFICE in (await hub(settings, "mails", "drop", numbers[OFFICE], "--why", "đã nhận")).out
        again = await hub(settings, "mails", "drop", numbers[OFFICE], "--json")
        assert (again.code, again.document["error"]) == (1, "decision_refused")
        left = await hub(settings, "mails", "list", "--json")
        assert [(each["recipient"], each["state"]) for each in left.document] == [(PAPER, "ready")]
        everything = await hub(settings, "mails", "list", "--all", "--json")
        assert len(everything.document) == 2


async def test_a_preview_says_what_would_be_sent_and_a_digest_is_made_by_hand(province: Province) -> None:
    async with MailHost() as post:
        settings = await doubtful(province, post)
        nothing = await hub(settings, "digest", "tin", "--preview")
        assert (nothing.code, nothing.out.strip()) == (0, "Chưa có nội dung mới nên không có thư nào được gửi.")
        shown = await hub(settings, "digest", "tin", "--preview", "--json")
        assert shown.document["letter"] is None
        made = await hub(settings, "digest", "tin", "--json")
        assert made.document == {"items": 0, "mails": 0}
        twice = await hub(settings, "digest", "tin", "--json")
        assert (twice.code, twice.document["error"]) == (1, "decision_refused")
        unknown = await hub(settings, "digest", "khong-co", "--preview", "--json")
        assert (unknown.code, unknown.document["error"]) == (1, "unknown_digest")
