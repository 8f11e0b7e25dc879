"""A source connector for each way in which reading goes wrong; test_reading.py installs it like a third party's."""

import os
import signal
import time
from datetime import datetime
from typing import Any

from connectors.base import Capture, ConnectorConfig, Normalised, Record, SourceContext, Split
from connectors.errors import RejectedError

#: seconds that the job `nap` takes
NAP = 0.3


class Config(ConnectorConfig):
    """It has no keys."""


class Connector:
    """A source connector whose `split` does what its context's name says."""

    def __init__(self, context: SourceContext, config: Any) -> None:
        self._what = context.name

    def split(self, capture: Capture, known: Any, now: datetime) -> Split:
        match self._what:
            case "hang":
                while True:
                    pass
            case "sleep":
                signal.pause()
            case "nap":
                time.sleep(NAP)
            case "bomb":
                hoard = [bytearray(1024 * 1024) for _ in range(4_000)]
                return Split(format=str(len(hoard)))
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "talk":
                print("a library has something to say", flush=True)
                os.write(1, b"\0" * 64)
            case "deep":
                return self.split(capture, known, now)
            case "defect":
                raise ZeroDivisionError("the text of a record")
            case "refuse":
                raise RejectedError("no feed", pointer="line 1", code="not_a_feed")
        return Split(format="quiet")

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        raise AssertionError("nothing was split")
