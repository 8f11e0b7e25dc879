"""The checked-in JSON Schemas and the curated examples: fresh, valid, and of one mind with the types."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.base import ItemBase
from schemas.item import ITEM, ITEM_TYPES
from schemas.json_schema import FOLDER, texts, write
from schemas.procedure import Procedure

EXAMPLES = sorted((FOLDER.parent / "examples").glob("*.json"))


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_the_schemas_are_fresh() -> None:
    found = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    assert found == texts(), "run `python -m schemas.json_schema`"


def test_every_kind_has_a_schema_that_says_what_it_is(tmp_path: Path) -> None:
    assert {path.stem for path in write(tmp_path)} == {kind.value for kind in ITEM_TYPES}
    for kind, model in ITEM_TYPES.items():
        schema = read(tmp_path / f"{kind.value}.json")
        assert schema["properties"]["kind"]["const"] == kind.value
        assert schema["properties"].keys() == model.model_fields.keys()
        assert schema["additionalProperties"] is False


def test_every_field_of_a_procedure_is_described_or_described_by_its_type() -> None:
    schema = read(FOLDER / "procedure.json")
    bare = [
        f"{name}.{key}"
        for name, shape in schema["$defs"].items()
        if name not in ("Attachment", "Author")
        for key, said in shape.get("properties", {}).items()
        if "description" not in said and "items" not in said
    ]
    assert bare == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_an_item_and_comes_back_as_it_was(path: Path) -> None:
    example = read(path)
    assert ITEM.validate_python(example).model_dump(mode="json", exclude_unset=True) == example


def test_one_example_shows_nearly_every_field_of_a_procedure() -> None:
    shown = read(FOLDER.parent / "examples" / "procedure.json").keys()
    in_words = {"subjects_text", "executing_text", "competent_text", "description"}
    assert Procedure.model_fields.keys() - ItemBase.model_fields.keys() - shown == in_words | {
        "delegated_agencies", "connected",
    }  # fmt: skip


def test_every_schema_and_example_is_explained() -> None:
    page = (FOLDER.parents[1] / "docs" / "reference" / "schemas.md").read_text("utf-8")
    files = [path for path in FOLDER.parent.glob("*/*") if path.suffix in (".json", ".xsd")]
    assert len(files) >= 14
    assert [path.name for path in files if path.name not in page] == []
