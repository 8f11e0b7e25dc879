"""`hub discover` as people and machines meet it: what is printed can be pasted, and nothing is stored."""

from pathlib import Path

import pytest

from tests.cli.test_at_work import hub
from tests.fakes.site import Site

HTML = "text/html; charset=utf-8"


@pytest.fixture
def settings(tmp_path: Path, site: Site) -> Path:
    """A province with one member, whose site may be dialled."""
    file = tmp_path / "settings.toml"
    file.write_text(
        '[hub]\nname = "Tỉnh Mẫu"\n[fetch]\npage_pause = 0.001\n'
        f'allow_private = ["127.0.0.1:{site.port}"]\n[[member]]\ncode = "H52.12"\nname = "Sở Y tế"\n',
        "utf-8",
    )
    return file


@pytest.fixture
def home(site: Site) -> str:
    """A home page with a list of five."""
    rows = "".join(
        f'<li class="tin"><a href="/bai/{n}">Bài viết khá dài số {n}</a> <b>{n}/11/2026 08:30</b></li>'
        for n in range(1, 6)
    )
    body = f"<!doctype html><html><head><title>Sở Y tế</title></head><body><ul>{rows}</ul></body></html>"
    return site.serve("/", body.encode(), content_type=HTML)


async def test_what_is_printed_can_be_pasted_and_checked(settings: Path, home: str) -> None:
    before = sorted(settings.parent.iterdir())
    done = await hub(settings, "discover", home)
    assert (done.code, done.err) == (0, "")
    assert "1. listing · news · 5 mục" in done.out
    assert "05/11/2026 08:30  Bài viết khá dài số 5" in done.out
    assert sorted(settings.parent.iterdir()) == before
    entry = done.out[done.out.index("[[source]]") :]
    with settings.open("a", encoding="utf-8") as file:
        file.write(f"\n{entry}\n")
    checked = await hub(settings, "check", "--json")
    assert (checked.code, checked.document["sources"]) == (0, 1), checked.err
    looked_at = await hub(settings, "preview", "so-y-te-tin-tuc", "--json")
    assert len(looked_at.document["items"]) == 5, looked_at.err


async def test_machines_get_every_proposal_with_its_entry(settings: Path, home: str, site: Site) -> None:
    done = await hub(settings, "discover", home, "--json", "--member", "H52.12")
    assert done.code == 0, done.err
    [proposal] = done.document["proposals"]
    assert (proposal["connector"], proposal["worth"], len(proposal["items"])) == ("listing", "listing", 5)
    assert proposal["settings"].startswith("[[source]]")
    assert done.document["asked"][0].keys() == {"url", "vi", "en"}
    shown = await hub(settings, "discover", home, "--all")
    assert "[[source]]" in shown.out


async def test_nothing_found_is_said_with_what_to_do_and_ends_with_one(settings: Path, site: Site) -> None:
    site.serve("/", b"<!doctype html><title>x</title><p>Trang dang xay dung, moi quay lai sau.</p>", content_type=HTML)
    done = await hub(settings, "discover", site.origin)
    assert done.code == 1
    assert "Không tìm thấy nguồn tin nào" in done.out
    absent = await hub(settings, "discover", f"{site.origin}/khong-co", "--json")
    assert (absent.code, absent.document["error"]) == (1, "not_found")
