"""`hub user …` and `hub audit …`, as a person types them."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main

PASSWORD = "con mèo ngồi trên mái ngói\n"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text('[hub]\nname = "Tỉnh Mẫu"\n', "utf-8")
    return file


@pytest.fixture
def hub(settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command; returns its exit code, and what it said as JSON."""

    def run(*words: str, typed: str = "") -> tuple[int, Any]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as end:
            main([*words, "--json", "--settings", str(settings)])
        return int(end.value.code or 0), json.loads(capsys.readouterr().out)

    return run


def test_the_first_administrator_is_made_on_the_command_line_and_stays(hub: Any) -> None:
    words = ("user", "add", "chu", "--name", "Chủ", "--role", "administrator", "--password-stdin")
    assert hub(*words, typed=PASSWORD)[0] == 0
    code, refused = hub(*words, typed=PASSWORD)
    assert (code, refused["error"]) == (1, "login_taken")
    code, refused = hub("user", "end", "chu")
    assert (code, refused["error"]) == (1, "last_administrator")
    [account] = hub("user", "list")[1]
    assert account["login"] == "chu"
    assert account["grants"] == [{"role": "administrator", "member": ""}]
    assert "password" not in account


def test_a_weak_password_makes_no_account(hub: Any) -> None:
    code, refused = hub("user", "add", "chu", "--role", "viewer", "--password-stdin", typed="matkhau123456\n")
    assert (code, refused["error"]) == (1, "weak_password")
    hub("user", "add", "an", "--role", "viewer", "--password-stdin", typed=PASSWORD)
    assert [each["login"] for each in hub("user", "list")[1]] == ["an"]


def test_a_persons_course_through_the_office(hub: Any) -> None:
    for login, role in (("chu", "administrator"), ("an", "viewer")):
        hub("user", "add", login, "--role", role, "--password-stdin", typed=PASSWORD)
    for words in (
        ("grant", "an", "--role", "editor"), ("revoke", "an", "--role", "viewer"), ("end", "an", "--why", "nghỉ"),
        ("reopen", "an"), ("sessions", "an", "--end"),
    ):  # fmt: skip
        assert hub("user", *words)[0] == 0, words
    assert hub("user", "password", "an", "--password-stdin", typed="cây bàng trước ngõ rụng lá\n")[0] == 0
    assert hub("user", "sessions", "an")[1] == []
    assert hub("user", "reset-code", "an")[1]["error"] == "account_unchanged"
    told = [each["what"] for each in reversed(hub("audit", "list")[1])]
    assert told == [
        "account_added", "account_added", "account_granted", "account_revoked", "account_ended", "account_reopened",
        "account_password_reset",
    ]  # fmt: skip
    assert hub("audit", "list", "--what", "account_ended")[1][0]["why"] == {"login": "an", "reason": "nghỉ"}


def test_what_was_left_out_of_the_account_is_said_and_can_be_asked_for(
    hub: Any, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for login in ("an", "binh", "chi"):
        hub("user", "add", login, "--role", "viewer", "--password-stdin", typed=PASSWORD)

    def lines(*words: str) -> list[str]:
        with pytest.raises(SystemExit):
            main(["audit", "list", *words, "--settings", str(settings)])
        return capsys.readouterr().out.splitlines()

    ids = [each["id"] for each in hub("audit", "list")[1]]
    cut = lines("--limit", "2")
    assert len(cut) == 3
    assert f"--before {ids[1]} " in cut[-1]
    assert [each["id"] for each in hub("audit", "list", "--limit", "2", "--before", str(ids[1]))[1]] == ids[2:]
    assert len(lines("--limit", "3")) == 3


def test_the_chain_is_checked_and_a_link_that_is_gone_is_missed(hub: Any) -> None:
    hub("user", "add", "chu", "--role", "administrator", "--password-stdin", typed=PASSWORD)
    code, found = hub("audit", "verify")
    assert (code, found["ok"], found["unsealed"]) == (0, True, 1)
    assert hub("audit", "verify", "--expect", "1:abc")[0] == 1
