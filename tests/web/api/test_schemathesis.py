"""The API against its own document, by schemathesis: no defect, and no answer that the document does not have."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import data
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.control import SkipTest
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hub.app import open_hub
from hub.rules.access import Role
from hub.web.api import openapi
from hub.web.server import application
from tests.clock import Clock
from tests.web.api.reader import Programs, with_api
from tests.web.conftest import settings_in
from tests.web.press import Press, news

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
LONG = os.environ.get("HUB_JOURNEYS") == "long"
EXAMPLES = 60 if LONG else 2


def schema_of(mode: GenerationMode) -> Any:
    import orjson

    schema = schemathesis.openapi.from_dict(orjson.loads(openapi.written()))
    schema.config.generation.update(modes=[mode])
    return schema


def operations_of(mode: GenerationMode) -> Iterator[Any]:
    for found in schema_of(mode).get_all_operations():
        operation = found.ok()
        if operation.path != "/changes/stream":  # it has no end; test_changes.py listens to it
            yield operation


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["positive", "negative"])
async def test_every_answer_is_one_that_the_document_has(mode: GenerationMode, tmp_path: Path, clock: Clock) -> None:
    """Of the embedded hub: what the other tests here ask runs on both databases."""
    async with open_hub(settings_in(tmp_path, f"sqlite://{tmp_path / 'hub.db'}"), clock=clock) as hub:
        press = Press(hub, clock)
        await press.publish(news("a", tags=("Y tế",)), news("b"))
        await press.publish(news("c"), held=True)
        async with TestServer(application(hub.engine, with_api(hub.settings))) as server:
            programs = Programs(hub, None)  # type: ignore[arg-type]
            chief = await programs.new("chief", Role.CHIEF_EDITOR, Role.TECHNICIAN, member="H52.12", per_minute=10**6)
            keys = (chief.key, "") if LONG else (chief.key,)
            await asyncio.to_thread(_try, mode, str(server.make_url("/api/v1")), keys)


def _try(mode: GenerationMode, base: str, keys: tuple[str, ...]) -> None:
    for operation in operations_of(mode):
        with suppress(SkipTest):  # there is nothing about it that could be wrong
            _attempt(operation, mode, base, keys)


def _attempt(operation: Any, mode: GenerationMode, base: str, keys: tuple[str, ...]) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(source=data())
    def attempt(source: Any) -> None:
        case = source.draw(operation.as_strategy(generation_mode=mode))
        if isinstance(case.query, dict):
            case.query.pop("wait", None)  # nobody has the time
        for key in keys:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            response = case.call(base_url=base, headers=headers)
            case.validate_response(response, checks=CHECKS, headers=headers)

    attempt()
