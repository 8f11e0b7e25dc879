"""What every command of `hub` is given: the settings file, how to answer, and how to fail."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from connectors.errors import HubError
    from hub.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One call of the command line; `context.obj` of every command."""

    settings: Path  #: the settings file
    json: bool  #: answer for machines

    def load_settings(self) -> "Settings":
        """The settings; when they are wrong, prints every fault and ends with 1."""
        from hub.settings import load_settings

        with self.failing():
            return load_settings(self.settings)

    def answer(self, document: Any, lines: Callable[[], Iterable[str]]) -> None:
        """Print a document as JSON, or its lines for a person."""
        if self.json:
            typer.echo(json.dumps(document, ensure_ascii=False, default=str))
        else:
            for line in lines():
                typer.echo(line)

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Turn an error of the tree into one message and exit code 1; a defect keeps its traceback."""
        from connectors.errors import HubError

        try:
            yield
        except HubError as error:
            if self.json:
                typer.echo(json.dumps(_as_document(error), ensure_ascii=False))
            else:
                print(error, *filter(None, [error.sentence]), sep="\n", file=sys.stderr)
            raise typer.Exit(1) from None


def _as_document(error: "HubError") -> dict[str, Any]:
    from hub.settings import ConfigErrors

    document: dict[str, Any] = {"error": error.code, "detail": str(error), "sentence": error.sentence}
    if isinstance(error, ConfigErrors):
        document["faults"] = [asdict(fault) for fault in error.faults]
    return document
