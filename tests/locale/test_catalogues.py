"""Every text of the console in both languages: used texts have their Vietnamese, and none is there in vain."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract
from jinja2.ext import babel_extract

import hub
from hub.locale import parts, texts_in

ROOT = Path(hub.__file__).parent


def used() -> dict[str, set[str]]:
    """Texts in use, with where they stand."""
    found: dict[str, set[str]] = {}
    for path in sorted(ROOT.rglob("*.py")):
        with path.open("rb") as file:
            for _, message, _, _ in extract("python", file, keywords={"N_": None, "texts": None, "many": (1, 2)}):
                note(found, message, path)
    for path in sorted((ROOT / "web" / "console" / "templates").rglob("*.html")):
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(file, ("_", "gettext", "ngettext"), (), {"trim_blocks": "true"}):
                note(found, message, path)
    return found


def note(found: dict[str, set[str]], message: object, path: Path) -> None:
    for text in message if isinstance(message, tuple) else (message,):
        if isinstance(text, str) and text:
            found.setdefault(text, set()).add(path.name)


def vietnamese() -> dict[str, str]:
    translated: dict[str, str] = {}
    for part in parts():
        for message in part:
            for text in message.id if isinstance(message.id, tuple) else (message.id,):
                if text:
                    value = message.string if isinstance(message.string, str) else message.string[0]
                    assert translated.setdefault(text, value) == value, f"two translations of {text!r}"
    return translated


def test_every_text_in_use_has_its_vietnamese() -> None:
    translated = vietnamese()
    missing = {text: places for text, places in used().items() if not translated.get(text)}
    assert not missing


def test_no_translation_is_there_in_vain() -> None:
    in_use = used()
    assert not {text for text in vietnamese() if text not in in_use}


def test_both_languages_fill_in_the_same_values() -> None:
    values = re.compile(r"%\(\w+\)s")
    unlike = {text for text, told in vietnamese().items() if set(values.findall(text)) - set(values.findall(told))}
    assert not unlike


@pytest.mark.parametrize("path", sorted((ROOT / "web" / "console" / "templates").rglob("*.html")), ids=lambda p: p.name)
def test_no_text_stands_in_a_template_itself(path: Path) -> None:
    """What a person reads goes through the catalogues: between tags only signs may stand."""
    text = re.sub(
        r"{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}|{[{%#].*?[}%#]}", "", path.read_text("utf-8"), flags=re.DOTALL
    )
    words = re.findall(r"[^\W\d_]{2,}", re.sub(r"<!.*?>|<[^>]*>", " ", text, flags=re.DOTALL))
    assert [word for word in words if word.upper() not in NAMES] == []


#: Proper names and units that both languages write alike.
NAMES = {"RSS", "JSON", "XML", "DOCX", "PDF", "URL", "API", "OK", "ID"}


def test_a_text_without_a_language_is_vietnamese() -> None:
    assert texts_in("fr").language == "vi"
    assert texts_in("en")("Today") == "Today"


def test_the_marks_are_plain_texts() -> None:
    """N_() around anything but a text would be looked for in vain."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
                assert all(isinstance(each, ast.Constant) for each in node.args), path
