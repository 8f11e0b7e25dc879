"""What a request says, as its operation declares it: path, query and body become values, or the request is refused."""

import json
from collections.abc import Iterable
from typing import Any, Final, get_origin

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from hub.web.api.operation import Call, Operation
from hub.web.api.problems import Refused
from hub.web.bodies import Bodies, Unfit, UnfitBody

BODIES: Final = web.AppKey("BODIES", Bodies)
#: Faults of one request that are told.
_FAULTS: Final = 20
_UNFIT: Final = {
    Unfit.TOO_LARGE: "body_too_large", Unfit.BAD_CODING: "not_json", Unfit.CUT_OFF: "bad_json",
}  # fmt: skip


async def call_of(request: web.Request, operation: Operation) -> Call[Any, Any, Any]:
    """The request as the operation's handler takes it. Raises Refused."""
    try:
        at = operation.at.model_validate(dict(request.match_info))
    except ValidationError:
        raise Refused("not_found") from None  # no such place: what the path says can name nothing
    query = _query(request, operation.query)
    body = await _body(request, operation, operation.body) if operation.body is not None else None
    return Call(request, at, query, body)


def _query(request: web.Request, model: type[BaseModel]) -> BaseModel:
    given: dict[str, Any] = {}
    twice = []
    for name in dict.fromkeys(request.query):
        values = request.query.getall(name)
        field = model.model_fields.get(name)
        if field is not None and get_origin(field.annotation) is tuple:
            given[name] = tuple(values)
        else:
            given[name] = values[0]
            twice += [name] if len(values) > 1 else []
    if twice:
        raise Refused("bad_parameter", errors=[{"where": name[:100], "what": "given more than once"} for name in twice])
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Refused("bad_parameter", errors=_told(error)) from None


async def _body(request: web.Request, operation: Operation, shape: TypeAdapter[Any]) -> Any:
    if request.content_type != "application/json":
        raise Refused("not_json")
    bodies = request.app[BODIES]
    if (request.content_length or 0) > operation.body_limit:
        raise Refused("body_too_large")
    try:
        sent = await bodies.read(request)
        body = await bodies.decoded(request, sent)
    except UnfitBody as error:
        raise Refused(_UNFIT[error.why]) from error
    if len(body) > operation.body_limit:
        raise Refused("body_too_large")
    json_of(body)
    try:
        return shape.validate_json(body, strict=True)
    except ValidationError as error:
        raise Refused("bad_body", errors=_told(error)) from None


def json_of(body: bytes) -> Any:
    """A JSON document in which no object names a key twice. Raises Refused: `bad_json`.

    Of two values of one key one reader takes the first and another the last: what a person approved might not be what
    is shown.
    """
    try:
        return json.loads(body.decode(), object_pairs_hook=_object, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused("bad_json") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")


def _told(error: ValidationError) -> list[dict[str, str]]:
    """Where and what, never what was sent."""
    return [
        {"where": _place(each["loc"]), "what": each["msg"][:200]}
        for each in error.errors(include_url=False, include_context=False, include_input=False)[:_FAULTS]
    ]


def _place(steps: Iterable[int | str]) -> str:
    return ".".join(str(step) for step in steps)[:200]
