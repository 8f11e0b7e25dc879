"""The lists that come with the program, in force until a board loads its own."""

from functools import cache
from importlib import resources

from connectors.parse.documentwords import TYPES_FILE
from hub.codes.reading import ReadList, read
from hub.codes.rows import CodeFile


@cache
def shipped(name: str) -> ReadList | None:
    """A list of hub/data/codes, or of connectors/data where connectors read it too; None where there is none."""
    in_connectors = f"{name}.csv" == TYPES_FILE
    folder = resources.files("connectors.data") if in_connectors else resources.files("hub").joinpath("data", "codes")
    file = folder.joinpath(f"{name}.csv")
    if not file.is_file():
        return None
    [found] = read([CodeFile(name=f"{name}.csv", body=file.read_bytes())], name)
    return found
