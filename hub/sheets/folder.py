"""Packages as folders on a disk, and the list of a destination's open tasks that leads to them.

FOLDER/danh-sach.csv                         one line per task: what, by when, which folder, what is lacking
FOLDER/thu-tuc-1.004194.000.00.00.H52/...    hub/sheets/package.py
"""

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from connectors.errors import ConfigError
from hub.sheets.cells import harmless
from hub.sheets.package import Package

INDEX: Final = "danh-sach.csv"


def write(folder: Path, package: Package, name: str = "") -> Path:
    """Write a package below `folder`, over an older one of its name. `name` stands in for its own name.

    Raises ConfigError: `folder_refused`.
    """
    path = folder / (name or package.name)
    for file, body in package.files.items():
        _put(path / file, body)
    return path


def write_index(folder: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """Write the list; the keys of the first row are its heads. Raises ConfigError: `folder_refused`."""
    listed = list(rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for number, row in enumerate(listed):
        if number == 0:
            writer.writerow(row)
        writer.writerow(harmless(each) if isinstance(each, str) else each for each in row.values())
    _put(folder / INDEX, text.getvalue().encode("utf-8-sig"))  # Excel knows UTF-8 by its mark
    return folder / INDEX


def _put(path: Path, body: bytes) -> None:
    """All of a file or nothing: who reads the folder meanwhile never meets half of one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            file.write(body)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror or error}", code="folder_refused",
            sentence=f"Không ghi được tệp {path.name} vào thư mục {path.parent}. Hãy kiểm tra quyền ghi và dung lượng"
            " còn trống, hoặc chọn thư mục khác.",
        ) from error  # fmt: skip
