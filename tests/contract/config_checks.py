"""What every source promises about its settings: closed, described, refused with the place where they are wrong."""

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tests.contract.subjects import Case, Subject, secrets_of

_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
#: What compiles in no language of expressions.
_BROKEN = "((]["
_PLACE = re.compile(r"character \d+|position \d+|at \d+:\d+", re.IGNORECASE)


def unknown_keys_are_refused(subject: Subject, case: Case) -> None:
    config = case.expected.get("config", {})
    for changed in _with_unknown_key(config):
        error = fault(subject, changed)
        assert error is not None, f"an unknown key passes: {changed}"
        assert "khong_co" in str(error), "the error names the key"


def fault(subject: Subject, config: dict[str, Any]) -> ValidationError | None:
    """What is wrong with these settings."""
    try:
        subject.Config(**config)
    except ValidationError as error:
        return error
    return None


def _with_unknown_key(config: Any) -> Iterator[dict[str, Any]]:
    """The settings with one more key: at the top, and in each table below it."""
    yield {**config, "khong_co": 1}
    for key, value in config.items():
        if isinstance(value, dict) and key != "namespaces":
            yield {**config, key: {**value, "khong_co": 1}}


def settings_are_closed_frozen_and_quote_no_input(subject: Subject, case: Case) -> None:
    for model in models_of(subject.Config):
        for name, wanted in (("extra", "forbid"), ("frozen", True), ("hide_input_in_errors", True)):
            assert model.model_config.get(name) == wanted, f"{model.__qualname__}: {name} is not {wanted}"
    config = subject.Config(**case.expected.get("config", {}))
    for secret in secrets_of(config):
        assert secret not in repr(config), "a secret stands in the repr"
        assert secret not in str(config), "a secret stands in the text"


def models_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and those in its fields."""
    yield model
    for field in model.model_fields.values():
        for one in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(one, type) and issubclass(one, BaseModel):
                yield from models_of(one)


def every_key_stands_in_the_reference(subject: Subject, case: Case) -> None:
    text = _PAGE.read_text("utf-8")
    _, found, rest = text.partition(f'## `[[source]] with connector = "{subject.name}"`')
    assert found, f"{subject.name} is not in {_PAGE.name}: run `python -m hub.settings.reference`"
    section = rest.partition("\n## ")[0]
    for name, field in subject.Config.model_fields.items():
        name = field.alias or name
        row = re.search(rf"^\| `{name}` \| ([^|]*) \| [^|]* \| (.*) \|$", section.replace("\\|", "/"), re.MULTILINE)
        assert row, f"{name} is not in the reference"
        assert row[1].strip(), f"{name} has no description"
        assert row[2].strip(), f"{name} does not say what it allows"


def expressions_that_do_not_compile_are_refused_with_the_place(subject: Subject, case: Case) -> None:
    config = case.expected.get("config", {})
    refused = 0
    for path in _texts(config):
        changed = copy.deepcopy(config)
        holder = changed
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = _BROKEN
        if (error := fault(subject, changed)) is not None:
            told = [one for one in error.errors() if one["loc"][: len(path)] == tuple(path)] or error.errors()
            text = "; ".join(str(one["msg"]) for one in told)
            if "expression" in text or "selector" in text or "CSS" in text:
                refused += 1
                assert _PLACE.search(text), f"{'.'.join(map(str, path))}: the error says no place: {text}"
    fields = {name for model in models_of(subject.Config) for name, field in model.model_fields.items()
              if any(_is_language(mark) for mark in field.metadata)}  # fmt: skip
    assert refused or not fields or not set(_names(config)) & fields, "a broken expression passes"


def _is_language(mark: Any) -> bool:
    text = str(getattr(mark, "text", ""))
    return "XPath" in text or "CSS" in text


def _names(config: Any) -> Iterator[str]:
    for key, value in config.items():
        yield key
        if isinstance(value, dict):
            yield from _names(value)


def _texts(config: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in config.items():
        if isinstance(value, dict):
            yield from _texts(value, (*path, key))
        elif isinstance(value, str):
            yield (*path, key)
