"""Writes the JSON Schema of every kind of item to schemas/json: `python -m schemas.json_schema`.

The files are made from the types and are checked in, so that partners can read them without Python and so that a change
of the format shows in a review. A test fails when they are stale.
"""

import json
from pathlib import Path
from typing import Final

from schemas.item import ITEM_TYPES

FOLDER: Final = Path(__file__).resolve().parent / "json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def texts() -> dict[str, str]:
    """The text of each file by its name."""
    made = {}
    for kind, model in ITEM_TYPES.items():
        schema = {"$schema": DIALECT, **model.model_json_schema()}
        made[f"{kind.value}.json"] = json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return made


def write(folder: Path = FOLDER) -> list[Path]:
    """Write the files; what is there beside them stays."""
    folder.mkdir(exist_ok=True)
    paths = []
    for name, text in texts().items():
        path = folder / name
        path.write_text(text, "utf-8")
        paths.append(path)
    return paths


if __name__ == "__main__":
    for path in write():
        print(f"wrote {path.relative_to(FOLDER.parent.parent)}")
