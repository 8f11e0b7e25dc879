"""What can be listed by code is in the docs, and what the docs show works: commands, codes, queues, events."""

import ast
import asyncio
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

import connectors
import hub
from connectors.base import Capture, Normalised, SourceContext
from connectors.errors import HubError, RejectedError
from connectors.outcomes import CameBack, Purpose, error_for
from hub.broker.base import DEAD, HARVEST, NORMALISE, deliver_queue
from hub.broker.events import EXCHANGE
from hub.cli import main, make_app
from hub.queries.status import Status, Trouble
from hub.rules.review import first_state
from hub.stages.deliver import OVERTAKEN, _texts
from hub.store.states import EndpointState
from schemas.edition import PublishedItem
from schemas.item import Kind

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
DECISIONS = sorted((DOCS / "adr").glob("*.md"))
#: pages whose settings a reader copies
SHOWING_SETTINGS = [ROOT / "README.md", DOCS / "huong-dan.md", *sorted((DOCS / "howto").glob("*.md"))]


def relative(page: Path) -> str:
    """How a page is called in a test's name."""
    return page.relative_to(ROOT).as_posix()


def text(page: Path) -> str:
    """The page."""
    return page.read_text(encoding="utf-8")


def rows(page: Path, heading: str = "") -> Iterator[list[str]]:
    """Cells of every table row of a page, or of one section of it."""
    part = re.split(rf"^## {heading}$", text(page), flags=re.M)[1].split("\n## ")[0] if heading else text(page)
    for line in part.splitlines():
        if line.startswith("| ") and not set(line) <= set("|- "):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def named(page: Path, heading: str = "") -> set[str]:
    """Names in code type in the first cells of a page's tables."""
    return {name for cells in rows(page, heading) for name in re.findall(r"`([^`]+)`", cells[0])}


def blocks(page: Path, language: str) -> list[str]:
    """Code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text(page), flags=re.M | re.S)


@cache
def parsed() -> dict[str, ast.Module]:
    """Our program, but for the sample province, by path."""
    files = [path for package in ("hub", "connectors") for path in sorted((ROOT / package).rglob("*.py"))]
    return {relative(f): ast.parse(text(f)) for f in files if "sample" not in f.parts}


def walked(*paths: str) -> Iterator[ast.AST]:
    """Every node of these files, or of all."""
    for path, tree in parsed().items():
        if not paths or path in paths:
            yield from ast.walk(tree)


def texts(node: ast.AST) -> set[str]:
    """The text constants in a piece of code."""
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """A package's modules, imported; its main programs and migrations are left out."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not re.search(r"\.(sample|migrations)\b|__main__", found.name):
            yield importlib.import_module(found.name)


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


def error_classes() -> set[type[HubError]]:
    """HubError and everything below it, but for what tests define."""
    for package in (connectors, hub):
        list(modules(package))

    def below(kind: type[HubError]) -> Iterator[type[HubError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    return {kind for kind in below(HubError) if not kind.__module__.startswith("tests")}


def given_codes() -> set[str]:
    """Codes that are written down where an error, a fall or a hold is made."""
    found: set[str] = {OVERTAKEN}
    functions = [n for n in walked() if isinstance(n, ast.FunctionDef)]
    places = {f.name: [argument.arg for argument in f.args.args] for f in functions}
    takers = {name: arguments.index("code") for name, arguments in places.items() if "code" in arguments}
    for node in walked():
        match node:
            case ast.keyword(arg="code", value=ast.Constant(value=str(code))):
                found.add(code)
            case ast.Call(func=ast.Name(id=name), args=args) if takers.get(name, len(args)) < len(args):
                found |= texts(args[takers[name]])
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                found |= {v.value for k, v in pairs if _is(k, "error") and isinstance(v, ast.Constant)}
            case ast.AnnAssign(target=ast.Name(id="_REFUSALS"), value=ast.Dict(keys=keys)):
                found |= {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
            case ast.Call(func=ast.Attribute(value=ast.Name(id="remarks"), attr="append"), args=[argument]):
                found |= texts(argument)
            case ast.Constant(value=str(code)) if re.fullmatch(r"database-[a-z]+", code):
                found.add(code)
    code_like = re.compile(r"[a-z]+(?:_[a-z]+)+|flood")
    found |= {code for node in walked("hub/rules/guard.py") for code in texts(node) if code_like.fullmatch(code)}
    found |= {code for node in walked("hub/rules/review.py") for code in _reasons_to_hold(node)}
    return found


def _is(node: ast.AST | None, value: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


def _reasons_to_hold(node: ast.AST) -> set[str]:
    """`_held("a", …)`, `_held("a" if … else "b", …)` and `reason="c"`."""
    match node:
        case ast.Call(func=ast.Name(id="_held"), args=[ast.Constant(value=str(code)), *_]):
            return {code}
        case ast.Call(func=ast.Name(id="_held"), args=[ast.IfExp(body=one, orelse=other), *_]):
            return texts(one) | texts(other)
        case ast.keyword(arg="reason", value=ast.Constant(value=str(code))):
            return {code}
    return set()


def error_codes() -> set[str]:
    """Every code that an error, a fault, a rejection or a held edition may carry."""
    classes = {kind.code for kind in error_classes()}
    ours = {_texts(error)[0] for error in (asyncio.CancelledError(), ValueError())}
    return classes | set(CameBack) | given_codes() | ours


def test_every_error_class_is_in_errors_md() -> None:
    assert named(REFERENCE / "errors.md", "Classes") == {kind.__name__ for kind in error_classes()}


def test_every_code_is_in_errors_md_and_every_code_there_exists() -> None:
    assert first_state.__module__ == "hub.rules.review"  # the file that is read above
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


#: what fills the braces of event names that are put together; a state that cannot occur there is left out
FILLINGS = {
    "edition_{}": {"approved", "held"},
    "capture_{}": {"held", "rejected", "dead"},
    "delivery_{}": {"refused", "parked"},
    "{}_removed": {"source", "destination"},
    "{}_{}": {f"{place}_{state}" for place in ("source", "destination")
              for state in (EndpointState.PAUSED, EndpointState.ACTIVE)},
}  # fmt: skip


def event_names() -> set[str]:
    """The first argument of every `unit.tell`, followed to where it is written down."""
    found: set[str] = set()
    for tree in parsed().values():
        for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)):
            for call in ast.walk(function):
                match call:
                    case ast.Call(func=ast.Attribute(attr="tell"), args=[what, *_]):
                        found |= _spelled(what, function, tree)
    return found


def _spelled(what: ast.AST, function: ast.FunctionDef | ast.AsyncFunctionDef, tree: ast.Module) -> set[str]:
    match what:
        case ast.Constant(value=str(name)):
            return {name}
        case ast.IfExp(body=one, orelse=other):
            return _spelled(one, function, tree) | _spelled(other, function, tree)
        case ast.JoinedStr(values=parts):
            template = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in parts)
            filling = FILLINGS[template]  # a new template wants an entry there
            return {each if template == "{}_{}" else template.format(each) for each in filling}
        case ast.Name(id=name):
            return _named(name, function, tree)
    raise AssertionError(f"test_docs cannot follow {ast.unparse(what)}")


def _named(name: str, function: ast.FunctionDef | ast.AsyncFunctionDef, tree: ast.Module) -> set[str]:
    """A variable: assigned in the function, handed in by callers in the same file, or listed by the normalise stage."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                return _spelled(value, function, tree)
            case ast.For(iter=ast.Attribute(attr="events")):
                return _listed_by_the_stage()
    place = [argument.arg for argument in function.args.args].index(name)
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == function.name]
    assert calls, f"nobody calls {function.name}"
    return {name for call in calls for name in _spelled(call.args[place], function, tree)}


def _listed_by_the_stage() -> set[str]:
    [listing] = [n for n in walked("hub/stages/normalise.py") if isinstance(n, ast.FunctionDef) and n.name == "_events"]
    tuples = [n for n in ast.walk(listing) if isinstance(n, ast.Tuple) and isinstance(n.ctx, ast.Load)]
    return {
        first.value for n in tuples if isinstance(first := n.elts[0], ast.Constant) and isinstance(first.value, str)
    }


def test_every_event_is_in_events_md_and_every_event_there_is_told() -> None:
    names = event_names()
    assert {"captured", "edition_held", "withdrawn_at", "identity_degraded", "run_released"} <= names
    assert named(REFERENCE / "events.md", "The account") == names


def test_every_address_of_the_web_role_is_in_events_md() -> None:
    page = text(REFERENCE / "events.md").split("## What others pull")[1]
    calls = [n for n in walked("hub/web/server.py") if isinstance(n, ast.Call) and ast.unparse(n.func) == "web.get"]
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
    [example] = blocks(page, "json")
    assert PublishedItem.model_validate_json(example).title
    assert names_in(json.loads(example)) == set(PublishedItem.model_fields)
    assert set(PublishedItem.model_fields) <= named(page, "The item")


@pytest.mark.parametrize("page", SHOWING_SETTINGS, ids=relative)
def test_settings_that_a_page_shows_have_no_fault(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, block in enumerate(blocks(page, "toml")):
        addresses = {
            "HUB_DATABASE_URL": "postgres://hub:p@db.example/hub",
            "HUB_BROKER_URL": "amqp://hub:p@mq.example/hub",
        }
        for name in re.findall(r'env = "(\w+)"', block):
            monkeypatch.setenv(name, addresses.get(name, "a-secret-for-the-test"))
        for name in re.findall(r'file = "([^"]+)"', block):
            secret = tmp_path / Path(name).name
            secret.write_text("a-secret-for-the-test")
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
    linked = {(DOCS / link).resolve() for link in re.findall(r"\]\(([^)#\s]+)\)", text(DOCS / "README.md"))}
    assert set(DOCS.rglob("*.md")) - {DOCS / "README.md"} <= linked


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


# ------------------------------------------------------------------------- the connector that the how-to shows


@pytest.fixture
def shown(tmp_path: Path) -> ModuleType:
    """The module in write-a-connector.md."""
    [block] = blocks(DOCS / "howto" / "write-a-connector.md", "python")
    module = ModuleType("shown")
    exec(compile(block, "write-a-connector.md", "exec"), module.__dict__)
    return module


def captured(body: bytes) -> Capture:
    return Capture(
        url="https://snv.tinhmau.gov.vn/api/thong-bao", content_type="application/json", body=body,
        fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
    )  # fmt: skip


def read(module: ModuleType, body: bytes, known: frozenset[bytes] = frozenset()) -> tuple[Any, list[Normalised]]:
    source = module.Connector(SourceContext(name="snv", kind=Kind.NOTICE, url=captured(b"").url), module.Config())
    capture = captured(body)
    split = source.split(capture, known, capture.fetched_at)
    return split, [source.normalise(record, capture) for record in split.records]


ROW = {"id": 7, "tieu_de": "Thi tuyển <b>công chức</b>", "duong_dan": "/tb/7", "ngay": "20/11/2026 08:30",
       "noi_dung": "<p onclick=x()>Hồ sơ nộp trước 30/11.</p><script>x()</script>"}  # fmt: skip


def test_the_connector_that_the_how_to_shows_makes_clean_items(shown: ModuleType) -> None:
    _, [made] = read(shown, json.dumps([ROW]).encode())
    item = made.item
    assert (item.guid, item.url, item.title) == ("7", "https://snv.tinhmau.gov.vn/tb/7", "Thi tuyển công chức")
    assert item.content_html == "<p>Hồ sơ nộp trước 30/11.</p>"
    assert item.published is not None
    assert item.published.isoformat() == "2026-11-20T08:30:00+07:00"
    assert made.remarks == ()


def test_the_connector_that_the_how_to_shows_leaves_known_pieces_out_and_refuses_what_is_not_its_format(
    shown: ModuleType,
) -> None:
    body = json.dumps([ROW]).encode()
    split, _ = read(shown, body)
    again, items = read(shown, body, frozenset(split.fingerprints))
    assert (again.fingerprints, items) == (split.fingerprints, [])
    for wrong in (b"<html>", b"{}", b"[1]"):
        with pytest.raises(RejectedError) as refused:
            read(shown, wrong)
        assert refused.value.code == "bad_json"
    with pytest.raises(RejectedError) as refused:
        read(shown, json.dumps([ROW | {"tieu_de": ""}]).encode())
    assert refused.value.code == "no_identity"
