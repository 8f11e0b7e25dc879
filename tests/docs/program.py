"""What the program has that the documents must list: error classes, codes, events, read from its code."""

import ast
import asyncio
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType

import connectors
import hub
from connectors.botapi import rows as telegram_rows
from connectors.errors import HubError
from connectors.graph import rows as graph_rows
from connectors.outcomes import CameBack
from connectors.parse.announcements import UNREAD
from connectors.zaloapi import rows as zalo_rows
from hub.rules.counters import CounterFault
from hub.rules.review import SECRECY_BEFORE
from hub.rules.wholeness import ELSEWHERE, GONE, POORER
from hub.stages.deliver import OVERTAKEN, QUIET, _texts
from hub.stages.enrich import PAGE_FOR_FILE
from hub.stages.normalise import UNREADABLE
from hub.store.keys import KEY_TAKEN
from hub.store.posting import BRAKED, NOT_APPROVED
from hub.store.restored import RESTORED
from hub.store.states import EndpointState
from hub.visits.reading import REFUSALS
from tests.docs.pages import ROOT, relative, text


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


def error_classes() -> set[type[HubError]]:
    """HubError and everything below it, but for what tests define."""
    for package in (connectors, hub):
        list(modules(package))

    def below(kind: type[HubError]) -> Iterator[type[HubError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    return {kind for kind in below(HubError) if not kind.__module__.startswith("tests")}


def _name(call: ast.Call) -> str:
    """What a call calls, where that is a plain name."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def given_codes() -> set[str]:
    """Codes that are written down where an error, a fall or a hold is made."""
    found: set[str] = {OVERTAKEN, GONE, ELSEWHERE, POORER, PAGE_FOR_FILE, UNREADABLE, UNREAD, QUIET}
    found |= {BRAKED, KEY_TAKEN, NOT_APPROVED, RESTORED, SECRECY_BEFORE, "screen:RULE"}  # the rules: howto/screen.md
    found |= {row.name for row in (*graph_rows(), *telegram_rows(), *zalo_rows().values())}
    found |= {*REFUSALS, *CounterFault}
    enriching = [
        node for node in walked("hub/stages/enrich.py") if isinstance(node, ast.keyword) and node.arg == "note"
    ]
    found |= {code for node in enriching for code in texts(node.value)}
    functions = [n for n in walked() if isinstance(n, ast.FunctionDef)]
    places = {f.name: [argument.arg for argument in f.args.args] for f in functions}
    takers = {name: arguments.index("code") for name, arguments in places.items() if "code" in arguments}
    calls = [node for node in walked() if isinstance(node, ast.Call)]
    of_numbers = {id(keyword) for call in calls if _name(call) == "Number" for keyword in call.keywords}  # of reports
    for node in walked():
        match node:
            case ast.keyword(arg="code", value=ast.Constant(value=str(code))) if id(node) not in of_numbers:
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
            case ast.Call(func=ast.Name(id="CodeError"), args=[_, ast.Constant(value=str(code))]):
                found.add(code)
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


#: what fills the braces of event names that are put together; a state that cannot occur there is left out
FILLINGS = {
    "edition_{}": {"approved", "held"},
    "capture_{}": {"held", "rejected", "dead", "purged"},
    "delivery_{}": {"refused", "parked"},
    "difference_{}": {"accepted", "settled"},
    "task_{}": {"done", "dropped"},
    "proposal_{}": {"confirmed", "declined", "void"},
    "reminder_{}": {"stopped", "settled"},
    "mail_{}": {"refused", "unknown", "parked", "dropped"},
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
                    case ast.Call(func=ast.Attribute(value=ast.Name(id="unit"), attr="tell"), args=[what, *_]):
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
    [listing] = [n for n in walked("hub/stages/thinking.py") if isinstance(n, ast.FunctionDef) and n.name == "_events"]
    tuples = [n for n in ast.walk(listing) if isinstance(n, ast.Tuple) and isinstance(n.ctx, ast.Load)]
    return {
        first.value for n in tuples if isinstance(first := n.elts[0], ast.Constant) and isinstance(first.value, str)
    }
