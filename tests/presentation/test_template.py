"""Templates: what settings may say, and what is refused with a reason that a person understands."""

import tomllib
from pathlib import Path
from time import perf_counter

import pytest
from pydantic import BaseModel, ValidationError

from connectors.errors import RejectedError
from connectors.presentation.template import NAMES, HtmlTemplate, Template, TextTemplate, template_of
from schemas.item import Kind

EMPTY = dict.fromkeys(NAMES, "") | {"hashtags": ()}
SHIPPED = tomllib.loads(Path("connectors/data/posts.toml").read_text("utf-8"))


class Settings(BaseModel):
    text: TextTemplate = "{{ agency }} {{ link }}"
    html: HtmlTemplate = ""


@pytest.mark.parametrize("form", ["text", "html"])
def test_every_shipped_template_would_pass_as_a_setting(form: str) -> None:
    for source in SHIPPED[form].values():
        Settings.model_validate({form: source})


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_template_that_shows_agency_and_link(kind: Kind) -> None:
    for html in (False, True):
        shown = template_of(kind, {}, html=html).render(EMPTY | {"agency": "Sở Y tế", "link": "https://a.vn/1"})
        assert "Sở Y tế" in shown
        assert "https://a.vn/1" in shown


def test_a_template_of_the_settings_takes_the_place_of_the_shipped_one() -> None:
    own = {Kind.NOTICE: "{{ agency }}: {{ link }}"}
    assert template_of(Kind.NOTICE, own).source == "{{ agency }}: {{ link }}"
    assert template_of(Kind.NEWS, own).source != "{{ agency }}: {{ link }}"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ titel }}", "unknown name 'titel'; there are title"),
        ("{{ title }", "line 1: "),
        ("a\n{% if title %}", "line 2: "),
        ("{{ title|tojson }}", "No filter named 'tojson'"),
        ("{{ title is callable }}", "No test named 'callable'"),
        ("{{ title.__class__ }}", "Getattr is not allowed"),
        ("{{ title['x'] }}", "Getitem is not allowed"),
        ("{{ title.upper() }}", "is not allowed"),
        ("{{ lipsum() }}", "is not allowed"),
        ("{{ title * 1000000000 }}", "Mul is not allowed"),
        ("{% set title = title ~ title %}", "Assign is not allowed"),
        ("{% include 'settings.toml' %}", "Include is not allowed"),
        ("{% import 'a' as b %}", "Import is not allowed"),
        ("{% macro a() %}{% endmacro %}", "Macro is not allowed"),
        ("{% for a in text %}{% endfor %}", "a loop goes over `hashtags`"),
        ("{% for a in hashtags %}{% for b in hashtags %}{% endfor %}{% endfor %}", "loop inside a loop"),
        ("x" * 5_000, "longer than 4000 characters"),
        ("{{ " + "(" * 1_500 + "title" + ")" * 1_500 + " }}", "nested too deeply"),
        ("{{ hashtags|join(1) ~ hashtags|first|first|join(hashtags) }}{{ title|truncate('x') }}", "cannot be filled"),
    ],
)
def test_what_a_template_may_not_say_is_refused_with_the_reason(source: str, reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"html": source})
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ title }} {{ link }}", "must always show {{ agency }}"),
        ("{{ title }}", "{{ agency }} and {{ link }}"),
        ("{% if code == 'x' %}{{ agency }} {{ link }}{% endif %}", "must always show"),
    ],
)
def test_a_post_that_would_hide_its_agency_or_link_is_refused(source: str, reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"text": source})
    assert reason in str(caught.value)


def test_values_of_html_are_escaped_and_those_of_text_are_not() -> None:
    hostile = EMPTY | {"title": '<script>"&{{ link }}'}
    assert Template("{{ title }}", html=True).render(hostile) == "&lt;script&gt;&#34;&amp;{{ link }}"
    assert Template("{{ title }}").render(hostile) == '<script>"&{{ link }}'


def test_blank_lines_that_an_empty_value_leaves_are_gone() -> None:
    assert (
        Template("{{ title }}\n\n{{ summary }}  \n\n{{ link }}\n").render(EMPTY | {"title": "A", "link": "B"})
        == "A\n\nB"
    )


def test_a_text_without_end_is_stopped_soon() -> None:
    began = perf_counter()
    with pytest.raises(RejectedError) as caught:
        Template("{{ text ~ text }}{{ text }}" * 20).render(EMPTY | {"text": "x" * 100_000})
    assert caught.value.code == "post_too_long"
    assert perf_counter() - began < 1
