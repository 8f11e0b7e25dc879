"""JMESPath of the settings over JSON: refused with the place when it does not compile, and never a reason to fail.

What a site sends meets expressions that were written for something else: whatever goes wrong while one is evaluated
(a number where a text was meant) means that it finds nothing.
"""

import re
from functools import cache
from typing import Any, Final

from jmespath import exceptions, functions, parser  # type: ignore[import-untyped]  # ships no types

from connectors.parse.data.mapping import EXPRESSION_LIMIT
from connectors.parse.data.nodata import refuse_data

#: name -> arguments, and whether there may be more (https://jmespath.org/specification.html#built-in-functions)
_FUNCTIONS: Final = {
    name: (len(known["signature"]), any(one.get("variadic") for one in known["signature"]))
    for name, known in functions.Functions.FUNCTION_TABLE.items()
}
#: A path of plain and quoted names, such as `data.items`, in which each step can be told from the next.
_PATH: Final = re.compile(r'(?:[A-Za-z_]\w*|"[^"\\]+")(?:\.(?:[A-Za-z_]\w*|"[^"\\]+"))*')
_STEP: Final = re.compile(r'[A-Za-z_]\w*|"[^"\\]+"')


@cache
def compiled(expression: str) -> Any:
    """The expression ready for use. Raises ValueError that says what is wrong and at which character."""
    if len(expression) > EXPRESSION_LIMIT:
        raise ValueError(f"an expression longer than {EXPRESSION_LIMIT} characters")
    try:
        made = parser.Parser().parse(expression)
        _check_functions(made.parsed)
    except exceptions.EmptyExpressionError:
        raise ValueError("an empty expression") from None
    except (exceptions.ParseError, exceptions.LexerError) as error:
        place = min(error.lex_position + 1, len(expression) + 1)
        raise ValueError(f"no JMESPath expression: wrong at character {place}") from None
    except RecursionError:
        raise ValueError("no JMESPath expression that is read: nested too deep") from None
    return made


def _check_functions(node: Any) -> None:
    """The parser takes any name for a function, and any number of arguments; evaluating it would fail each time."""
    if node["type"] == "function_expression":
        name, given = node["value"], len(node["children"])
        if name not in _FUNCTIONS:
            raise ValueError(f"no function of JMESPath: {name}()")
        wanted, more = _FUNCTIONS[name]
        if given < wanted or (given > wanted and not more):
            raise ValueError(f"wrong number of arguments: {name}() has {given}, and takes {wanted}")
    for child in node["children"]:
        if isinstance(child, dict):
            _check_functions(child)


def search(expression: str, document: Any) -> Any:
    """What an expression finds; None where it finds nothing. Raises RejectedError(code="too_deep")."""
    try:
        return compiled(expression).search(document)
    except RecursionError as error:
        raise refuse_data("too_deep") from error
    except (exceptions.JMESPathError, ArithmeticError, TypeError, ValueError, AttributeError, LookupError):
        return None


def is_null_there(expression: str, document: Any) -> bool:
    """Whether a path ends at a null that is written down: an empty list, as many servers say it.

    A name that is not there at all is no empty list: the body is another one, such as an error in JSON.
    """
    if not _PATH.fullmatch(expression):
        return False
    for step in _STEP.findall(expression):
        if not isinstance(document, dict) or step.strip('"') not in document:
            return False
        document = document[step.strip('"')]
        if document is None:
            return True
    return False
