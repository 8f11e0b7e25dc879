"""The form of a page, as a browser would send it back: what stands in its fields."""

from lxml import html

from tests.web.desk import Answer


def typed_form(answer: Answer) -> dict[str, str]:
    """The fields of the form that people type in (`data-typed`), without the token and without buttons."""
    [form] = html.fromstring(answer.text).cssselect("form[data-typed]")
    return {name: value or "" for name, value in form.form_values() if name not in ("csrf", "photo")}
