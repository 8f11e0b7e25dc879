"""JMESPath of the settings: compiled with the place of what is wrong, and harmless on whatever a site sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parse.data.jmes import compiled, is_null_there, search


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("", "an empty expression"),
        ("a[", "wrong at character 3"),
        ("a.b.", "wrong at character 5"),
        ("a.-b", "wrong at character 3"),
        ("tiêu đề", "wrong at character 3"),
        ("'x", "wrong at character 1"),
        ("doc('x')", "no function of JMESPath: doc()"),
        ("a[?exec(@)]", "no function of JMESPath: exec()"),
        ("length()", "length() has 0, and takes 1"),
        ("length(a, b)", "length() has 2, and takes 1"),
        ("(" * 490 + "a" + ")" * 490, "nested too deep"),
        ("a" * 1_001, "longer than 1000"),
    ],
)
def test_what_does_not_compile_is_refused_with_the_place(expression: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"(?s).*") as refused:
        compiled(expression)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "expression", ['"Tiêu đề".x', "not_null(a, b, c)", "join('-', [a, b])", "a[?b == `1`].c | [0]"]
)
def test_what_the_language_knows_compiles(expression: str) -> None:
    assert compiled(expression) is compiled(expression)


@given(
    st.sampled_from([
        "sort_by(@, &x)", "max_by(a, &b)", "join('-', a)", "sum(a)", "avg(a)", "to_number(a)", "a[*].b[]", "length(@)",
        "merge(a, b)", "contains(a, 'x')", "a > b", "map(&x, a)", "keys(a)", "reverse(a)", "ends_with(a, b)", "[::0]",
    ]),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=4),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abx"), inner, max_size=3),
    ),
)  # fmt: skip
def test_an_expression_that_meets_something_else_finds_nothing(expression: str, document: object) -> None:
    search(expression, document)  # whatever it is, it is no error


@pytest.mark.parametrize(
    ("expression", "document", "empty"),
    [
        ("items", {"items": None}, True),
        ("data.items", {"data": {"items": None}}, True),
        ("data.items", {"data": None}, True),
        ('"dữ liệu".items', {"dữ liệu": None}, True),
        ("data.items", {"data": {}}, False),
        ("data.items", {"error": "x"}, False),
        ("data.items", {"data": 5}, False),
        ("data.items", [], False),
        ("data.items", {"data": {"items": []}}, False),
        ("items[?x]", {"items": None}, False),
    ],
)
def test_a_null_that_is_written_down_is_an_empty_list(expression: str, document: object, empty: bool) -> None:
    assert is_null_there(expression, document) is empty
