"""The page that shows the API to people, made of the same OpenAPI document that programs read."""

from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.web.api.openapi import written
from hub.web.api.problems import CODES, meaning_of, status_of
from hub.web.files import versioned
from hub.web.site import Site

_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


@cache
def _content() -> dict[str, Any]:
    """What the template shows, whatever the hub is called."""
    document = orjson.loads(written())
    routes: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            routes.setdefault(route["tags"][0], []).append(_route(method, path, route))
    schemas = document["components"]["schemas"]
    return {
        "about": document["info"]["description"].split("\n\n"),
        "groups": [{**tag, "routes": routes[tag["name"]]} for tag in document["tags"]],
        "schemas": [_schema(name, schema) for name, schema in schemas.items() if not name.endswith("In")],
        "problems": [
            {"code": code, "status": status_of(code), "vietnamese": meaning_of(code)[0], "english": meaning_of(code)[1]}
            for code in sorted(CODES)
        ],
    }


def page(site: Site) -> bytes:
    """The page of one hub."""
    template = _ENVIRONMENT.get_template("reference.html")
    return template.render(site=site, sheet=site.root + versioned("hub.css"), **_content()).encode()


def _route(method: str, path: str, route: dict[str, Any]) -> dict[str, Any]:
    ways = [next(iter(way), "") for way in route["security"]]
    who = "" if "" in ways else "Needs a key" + (" with a role, or a session." if "session" in ways else ".")
    return {
        "name": route["operationId"], "method": method.upper(), "path": path, "summary": route["summary"],
        "description": route["description"], "who": who,
        "parameters": [
            {"name": one["name"], "place": one["in"], "required": one["required"], "type": _type(one["schema"]),
             "description": one.get("description", "")}
            for one in route.get("parameters", ())
        ],
        "body": _type(route["requestBody"]["content"]["application/json"]["schema"]) if "requestBody" in route else "",
        "answers": [_answer(status, answer) for status, answer in route["responses"].items()],
    }  # fmt: skip


def _answer(status: str, answer: dict[str, Any]) -> dict[str, str]:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return {"status": status, "description": answer["description"], "schema": _name(schema)}


def _schema(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name, "description": schema.get("description", ""), "choices": schema.get("enum", []),
        "fields": [
            {"name": field, "type": _type(told), "description": told.get("description", "")}
            for field, told in schema.get("properties", {}).items()
        ],
    }  # fmt: skip


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if name := _name(schema):
        return name
    if "const" in schema:
        return f'"{schema["const"]}"'
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(_type(each) for each in schema[union])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    told = schema.get("format") or schema.get("type") or "anything"
    bounds = [f"{word} {schema[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in schema]
    return " ".join([str(told), *bounds])


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]
