"""The lists that come with the program, in force until a board loads its own."""

from functools import cache
from importlib import resources

from hub.codes.reading import ReadList, read
from hub.codes.rows import CodeFile


@cache
def shipped(name: str) -> ReadList | None:
    """A list of hub/data/codes; None where there is none."""
    file = resources.files("hub").joinpath("data", "codes", f"{name}.csv")
    if not file.is_file():
        return None
    [found] = read([CodeFile(name=f"{name}.csv", body=file.read_bytes())], name)
    return found
