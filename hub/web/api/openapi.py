"""The OpenAPI 3.1 document of the API, made of the operations that answer it: `python -m hub.web.api.openapi`.

It is served at /api/v1/openapi.json and kept in docs/reference/openapi.json, where a test holds it fresh.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from hub.rules.access import Permission
from hub.web.api.models import Problem
from hub.web.api.operation import Operation, Text
from hub.web.api.problems import PROBLEM, meaning_of, status_of
from hub.web.api.repeating import HEADER as REPEAT
from hub.web.routes import Open

PAGE: Final = Path("docs/reference/openapi.json")
_TEMPLATE: Final = "#/components/schemas/{model}"
_TITLE: Final = "Provincial hub"
_ABOUT: Final = """\
What a province's members publish, approved by the editorial board: items, procedures, documents, and every change of
them in order. Reading is free; a key has a quota of its own. Times are RFC 3339, texts Vietnamese, HTML sanitised.
Refusals are problem details (RFC 9457) with a stable `code`. Cursors are opaque and end with a restore of the hub."""
_TAGS: Final = {
    "items": "What members publish, of any kind",
    "procedures": "Administrative procedures (thủ tục hành chính)",
    "documents": "Legal and directive documents (văn bản)",
    "search": "Everything public, by words",
    "changes": "Every public change in its order",
    "members": "The organisations of the province; what each sends by itself",
    "sources": "Where items come from",
    "lists": "Kinds and topics",
    "admin": "What the editorial board and technicians do; for keys that were granted a role, and the console",
    "about": "This description",
}
#: Codes that any operation may answer.
_EVER: Final = ("address_too_long", "quota_spent", "out_of_order", "unavailable", "bad_key")


def document(operations: Sequence[Operation], *, version: str = "1") -> dict[str, Any]:
    """The whole document."""
    schemas, components = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        path = re.sub(r"\{(\w+)(?::[^{}]*)?\}", r"{\1}", each.path)
        paths.setdefault(path, {})[each.method.lower()] = _operation(each, schemas)
    used = {each.tag for each in operations}
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE, "version": version, "description": _ABOUT},
        "servers": [{"url": "/api/v1"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items() if name in used],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "a key of the hub: hub_…"},
                "session": {
                    "type": "apiKey", "in": "cookie", "name": "__Host-hub",
                    "description": "a person at the console; changes also need X-CSRF-Token",
                },
            },
        },
    }  # fmt: skip


#: Schemas by model and mode.
Named = dict[tuple[type[BaseModel], JsonSchemaMode], dict[str, Any]]


def _schemas(operations: Iterable[Operation]) -> tuple[Named, dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for each in operations:
        for answer in each.answers.values():
            if not isinstance(answer, Text):
                wanted[answer, "serialization"] = None
    made, definitions = models_json_schema(list(wanted), ref_template=_TEMPLATE)
    named: Named = {key: made[key] for key in wanted}
    components: dict[str, Any] = dict(definitions.get("$defs", {}))
    for each in operations:
        if each.body is not None:
            _, taken = _body(each.body)
            components |= taken
    return named, {name: components[name] for name in sorted(components)}


def _body(shape: TypeAdapter[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    schema = shape.json_schema(ref_template=_TEMPLATE, mode="validation")
    taken = schema.pop("$defs", {})
    # What is sent and what is answered differ: answers always have what may be left out.
    renamed = {name: f"{name}In" for name in taken}
    return _renamed(schema, renamed), {renamed[name]: _renamed(each, renamed) for name, each in taken.items()}


def _renamed(schema: Any, names: dict[str, str]) -> Any:
    match schema:
        case dict():
            return {key: _renamed(value, names) for key, value in schema.items()}
        case list():
            return [_renamed(each, names) for each in schema]
        case str() if schema.startswith("#/components/schemas/"):
            return _TEMPLATE.format(model=names.get(schema.rpartition("/")[2], schema.rpartition("/")[2]))
    return schema


def _operation(each: Operation, schemas: Named) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": each.name, "tags": [each.tag], "summary": each.summary,
        "description": _paragraph(each.description or (each.handler.__doc__ or "")),
        "security": _security(each),
    }  # fmt: skip
    if parameters := list(_parameters(each)):
        told["parameters"] = parameters
    if each.body is not None:
        told["requestBody"] = {
            "required": True, "content": {"application/json": {"schema": _body(each.body)[0]}}
        }  # fmt: skip
    told["responses"] = dict(sorted(_responses(each, schemas)))
    return told


def _security(each: Operation) -> list[dict[str, list[str]]]:
    if each.demand is Open.PUBLIC:
        return [{}, {"key": []}]
    return [{"key": []}, {"session": []}] if isinstance(each.demand, Permission) else [{"key": []}]


def _parameters(each: Operation) -> Iterator[dict[str, Any]]:
    for model, place in ((each.at, "path"), (each.query, "query")):
        schema = _flat(model)
        for name, field in schema["properties"].items():
            told = {"name": name, "in": place, "required": place == "path" or name in schema.get("required", ())}
            description = field.pop("description", "")
            if description:
                told["description"] = description
            yield told | {"schema": field}
    if each.method == "POST" and each.demand is not Open.PUBLIC:
        yield {
            "name": REPEAT, "in": "header", "required": False, "schema": {"type": "string", "minLength": 1,
            "maxLength": 200, "pattern": "^[!-~]+$"},
            "description": "the same request with the same key is answered as the first time, for 24 hours",
        }  # fmt: skip
    if each.conditional:
        yield {
            "name": "If-Match", "in": "header", "required": False,
            "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
            "description": 'the revision that is to be replaced, like "3"; "0": there is none yet',
        }  # fmt: skip


def _flat(model: type[BaseModel]) -> dict[str, Any]:
    """The fields of a model without references, as parameters have none; an optional one is simply not required."""
    schema = model.model_json_schema(mode="validation")
    taken = schema.get("$defs", {})
    fields = {}
    for name, field in schema.get("properties", {}).items():
        told = {key: value for key, value in field.items() if key not in ("title", "anyOf", "$ref", "allOf")}
        for part in [field, *(one for one in field.get("anyOf", ()) if one.get("type") != "null")]:
            told |= {key: value for key, value in part.items() if key not in ("title", "anyOf", "$ref", "default")}
            if "$ref" in part:
                told |= {
                    key: value for key, value in taken[part["$ref"].rpartition("/")[2]].items()
                    if key not in ("title", "description")
                }  # fmt: skip
        if told.get("default", 0) is None:
            del told["default"]
        # Bounds that stand behind a validator of ours keep pydantic's own names.
        told = {{"ge": "minimum", "le": "maximum"}.get(key, key): value for key, value in told.items()}
        fields[name] = told
    return {"properties": fields, "required": schema.get("required", [])}


def refusals_of(each: Operation) -> list[str]:
    """The codes with which an operation may refuse, those that follow from its kind included."""
    codes = [*each.refusals, *_EVER]
    if each.query.model_fields or each.method == "POST":
        codes.append("bad_parameter")
    if each.at.model_fields:
        codes.append("not_found")
    if each.demand is not Open.PUBLIC:
        codes += ["key_needed", "not_permitted"]
    if isinstance(each.demand, Permission) and each.method != "GET":
        codes.append("not_meant")
    if each.method == "POST":
        codes += ["repeat_in_progress", "repeat_differs"]
    if each.body is not None:
        codes += ["bad_json", "bad_body", "not_json", "body_too_large"]
    if each.conditional:
        codes.append("revision_differs")
    return list(dict.fromkeys(codes))


def _responses(each: Operation, schemas: Named) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, answer in each.answers.items():
        if isinstance(answer, Text):
            kind = "object" if answer.media_type == "application/json" else "string"
            content = {answer.media_type: {"schema": {"type": kind}}}
            yield str(status), {"description": answer.description, "content": content}
        else:
            schema = schemas[answer, "serialization"]
            told = _paragraph(answer.__doc__ or "").partition("\n")[0]
            yield str(status), {"description": told, "content": {"application/json": {"schema": schema}}}
    if each.method == "GET" and each.demand is not Open.MEMBER:
        yield "304", {"description": "what the caller has is still right (If-None-Match, If-Modified-Since)"}
    by_status: dict[int, list[str]] = {}
    for code in refusals_of(each):
        by_status.setdefault(status_of(code), []).append(code)
    for status, extra in ((409, "or the code of the command"), (422, "or the code of the command")):
        if isinstance(each.demand, Permission) and each.method == "POST":
            by_status.setdefault(status, [])
            by_status[status].append(extra)
    for status, codes in by_status.items():
        told = "; ".join(f"`{code}`: {meaning_of(code)[1]}" if " " not in code else code for code in codes)
        problem = {"$ref": _TEMPLATE.format(model="Problem")}
        yield str(status), {"description": told, "content": {PROBLEM: {"schema": problem}}}


def _paragraph(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


@cache
def written() -> bytes:
    """The document as it is served and kept."""
    from hub.web.api.app import operations

    return orjson.dumps(document(operations()), option=orjson.OPT_INDENT_2) + b"\n"


def main() -> None:
    """Write the file that is kept."""
    PAGE.write_bytes(written())
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
