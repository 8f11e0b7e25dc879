"""What can be listed by code is in the docs, and what the docs show works: commands, codes, queues, events."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from connectors.outcomes import CameBack, Purpose, error_for
from hub.broker.base import DEAD, HARVEST, NORMALISE, deliver_queue
from hub.broker.events import EXCHANGE
from hub.cli import main, make_app
from hub.queries.status import Status, Trouble
from schemas.edition import PublishedItem, own_fields
from schemas.item import ITEM_TYPES, Kind
from tests.docs.pages import (
    DECISIONS,
    DOCS,
    PAGES,
    REFERENCE,
    ROOT,
    SHOWING_SETTINGS,
    blocks,
    named,
    relative,
    rows,
    text,
)  # fmt: skip
from tests.docs.program import error_classes, error_codes, event_names, texts, walked
from tests.fakes.officekeys import certificate_for, pem_of, rsa_key

# ---------------------------------------------------------------------------------------------------- commands


def commands() -> dict[str, Any]:
    """Every command by its words, `export editions`, with what the command line made of it."""

    def below(group: Any, *words: str) -> Iterator[tuple[str, Any]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from below(command, *words, name)
            else:
                yield " ".join((*words, name)), command

    return dict(below(typer.main.get_command(make_app())))


def options(command: Any) -> set[str]:
    """`--limit`, `--json` …"""
    return {option for parameter in command.params for option in parameter.opts if option.startswith("--")}


def section(command: str) -> str:
    """What cli.md says of one command."""
    parts = re.split(r"^### `hub (.+)`$", text(REFERENCE / "cli.md"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True)).get(command, "").split("\n## ")[0]


def test_every_command_and_option_is_in_cli_md() -> None:
    assert all(f"`{option}`" in text(REFERENCE / "cli.md") for option in options(typer.main.get_command(make_app())))
    for name, command in commands().items():
        assert section(name), f"cli.md has no section for `hub {name}`"
        for option in options(command):
            assert f"`{option}`" in section(name), f"cli.md: `hub {name}` has {option}, which its section does not name"


def test_cli_md_names_no_command_and_no_option_that_does_not_exist() -> None:
    known = commands()
    everywhere = options(typer.main.get_command(make_app())) | {"--help"}
    for name in re.findall(r"^### `hub (.+)`$", text(REFERENCE / "cli.md"), flags=re.M):
        assert name in known
        mentioned = set(re.findall(r"^\| `(--[a-z-]+)`", section(name), flags=re.M))
        assert mentioned <= options(known[name]) | everywhere, name


def written_commands(page: Path) -> Iterator[str]:
    """`hub …` as the page shows it: in code blocks, and in running text."""
    for block in blocks(page, "sh"):
        for line in block.splitlines():
            yield from (part.strip() for part in re.findall(r"(?:^|SETTINGS )(hub [a-z][^|#]*)", line))
    yield from re.findall(r"`(hub [a-z][^`]*)`", text(page))


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_command_that_a_page_shows_exists_with_its_options(page: Path) -> None:
    known = commands()
    groups = [name.split()[:-1] for name in known if " " in name]
    everywhere = options(typer.main.get_command(make_app()))
    for written in written_commands(page):
        words = [word for word in written.split()[1:] if word not in everywhere]
        name = next((n for n in (" ".join(words[:2]), words[0]) if n in known), None)
        if name is None and words in groups:
            continue
        assert name, f"{relative(page)}: `{written}` is no command"
        for option in re.findall(r"(?<!\S)(--[a-z-]+)", written):
            assert option in options(known[name]) | everywhere, f"{relative(page)}: `{written}`"


def test_every_field_of_the_status_is_in_cli_md() -> None:
    page = named(REFERENCE / "cli.md")
    assert set(Status.__dataclass_fields__) <= page
    for field in Trouble.__dataclass_fields__:
        assert f"`{field}`" in section("status"), field


# ------------------------------------------------------------------------------------------------------ errors


def test_every_error_class_is_in_errors_md() -> None:
    assert named(REFERENCE / "errors.md", "Classes") == {kind.__name__ for kind in error_classes()}


def test_every_code_is_in_errors_md_and_every_code_there_exists() -> None:
    codes = error_codes()
    page = named(REFERENCE / "errors.md") - named(REFERENCE / "errors.md", "Classes")
    assert codes - page == set(), "not in errors.md"
    assert page - codes == set(), "in errors.md only"


@pytest.mark.parametrize("what", CameBack)
def test_the_table_of_what_came_back_says_what_the_code_does(what: CameBack) -> None:
    [cells] = [cells for cells in rows(REFERENCE / "errors.md", "What came back") if cells[0] == f"`{what}`"]
    purposes = (Purpose.FETCH, Purpose.READ, Purpose.SEND)
    assert cells[2:] == [f"`{type(error_for(what, purpose, '')).__name__}`" for purpose in purposes]
    assert type(error_for(what, Purpose.SEND_ONCE, "")) is type(error_for(what, Purpose.SEND, ""))


# ------------------------------------------------------------------------------------------- queues and events


def test_every_queue_and_the_exchange_are_in_queues_md() -> None:
    page = text(REFERENCE / "queues.md")
    for name in (HARVEST, NORMALISE, DEAD, deliver_queue("<destination>"), deliver_queue("events"), EXCHANGE):
        assert f"`{name}`" in page


def test_every_event_is_in_events_md_and_every_event_there_is_told() -> None:
    names = event_names()
    assert {"captured", "edition_held", "withdrawn_at", "identity_degraded", "run_released"} <= names
    assert named(REFERENCE / "events.md", "The account") == names


def test_every_address_of_the_web_role_is_in_events_md() -> None:
    page = text(REFERENCE / "events.md").split("## What others pull")[1]
    calls = [n for n in walked("hub/web/server.py") if isinstance(n, ast.Call) and ast.unparse(n.func) == "get"]
    starts = {re.split(r"[{:]", "".join(sorted(texts(call.args[0]), key=len)[-1:]))[0] for call in calls}
    assert len(starts) > 5
    for start in starts:
        assert f"`{start}" in page, f"events.md does not name {start}"


# ----------------------------------------------------------------------------------------- what the pages show


def names_in(item: object) -> set[str]:
    """Keys of a JSON object, those of objects in it left out."""
    assert isinstance(item, dict)
    return set(item)


def test_the_portal_protocol_shows_the_published_item_as_it_is() -> None:
    page = REFERENCE / "portal-protocol.md"
    example, document, procedure = blocks(page, "json")
    assert PublishedItem.model_validate_json(example).title
    for kind, details in ((Kind.DOCUMENT, json.loads(document)), (Kind.PROCEDURE, json.loads(procedure))):
        item = ITEM_TYPES[kind].model_validate({"guid": "g", "title": "t", **details})
        assert own_fields(item) == details, kind
    assert names_in(json.loads(example)) == set(PublishedItem.model_fields)
    assert set(PublishedItem.model_fields) <= named(page, "The item")


_SECRET = "a-secret-for-the-test-as-long-as-keys-have-to-be"


@cache
def _signing() -> dict[str, str]:
    """What lies in the files of the page that shows how messages are signed."""
    key = rsa_key()
    return {"truc-khoa.pem": pem_of(key, _SECRET), "truc-chung-thu.pem": certificate_for(key)}


@pytest.mark.parametrize("page", SHOWING_SETTINGS, ids=relative)
def test_settings_that_a_page_shows_have_no_fault(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, block in enumerate(blocks(page, "toml")):
        addresses = {
            "HUB_DATABASE_URL": "postgres://hub:p@db.example/hub",
            "HUB_BROKER_URL": "amqp://hub:p@mq.example/hub",
            "TELEGRAM_TOKEN": "110201543:a-secret-for-the-test",
        }
        for name in re.findall(r'env = "(\w+)"', block):
            monkeypatch.setenv(name, addresses.get(name, _SECRET))
        for name in re.findall(r'file = "([^"]+)"', block):
            secret = tmp_path / Path(name).name
            secret.write_text(_signing().get(secret.name, _SECRET), encoding="utf-8")
            block = block.replace(name, str(secret))
        settings = tmp_path / f"{number}.toml"
        settings.write_text(block, encoding="utf-8")
        with pytest.raises(SystemExit) as end:
            main(["check", "--settings", str(settings)])
        assert not end.value.code, f"{relative(page)}, block {number + 1}"


def test_the_readme_has_a_settings_file_that_would_work() -> None:
    [block] = blocks(ROOT / "README.md", "toml")
    assert {"[hub]", "[[member]]", "[[source]]", "[[destination]]", "[[route]]"} <= set(block.splitlines())


def test_make_targets_that_the_readme_names_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), flags=re.M))
    assert {"run", "test"} <= set(re.findall(r"\bmake ([a-z]+)", text(ROOT / "README.md"))) <= targets


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as they are made by what shows Markdown."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text(page), flags=re.M | re.S), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{relative(page)}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{relative(page)}: {link}"


def test_every_page_is_in_the_index() -> None:
    linked = {DOCS / "README.md"}
    for index in (DOCS / "README.md", DOCS / "proof" / "README.md"):
        linked |= {(index.parent / link).resolve() for link in re.findall(r"\]\(([^)#\s]+)\)", text(index))}
    assert set(DOCS.rglob("*.md")) <= linked


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_file_of_ours_that_a_page_names_exists(page: Path) -> None:
    for name in re.findall(r"`((?:hub|connectors|schemas|tests|docs)/[\w./-]+)`", text(page)):
        assert (ROOT / name).exists(), f"{relative(page)}: {name}"


@pytest.mark.parametrize("page", DECISIONS, ids=relative)
def test_a_decision_has_its_sections_in_order(page: Path) -> None:
    wanted = ["Context", "Options", "Decision", "Consequences"]
    headings = re.findall(r"^## (.+)$", text(page), flags=re.M)
    assert headings in (wanted, [*wanted, "Left out"])
    assert re.match(rf"# {page.name[:3]}[.:] ", text(page))


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:3]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
