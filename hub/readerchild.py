"""One of the children that read: takes jobs from one pipe, puts answers into the other, ends when it takes too long.

It imports what reading a feed needs and no more: a hub that starts waits for it.
"""

import gc
import os
import pickle
import resource
import signal
import sys
from typing import Any, BinaryIO, Final

from connectors.errors import HubError
from hub.reading import AnyJob, Job, ReadingTooHardError, perform

#: seconds that a capture may take by the clock for each of processor time: our own machine may be busy
PATIENCE: Final = 3.0
#: bytes of a message's length in the pipe
LENGTH: Final = 8
#: what a child says when it waits for jobs
READY: Final = None


def serve(memory_mb: int, seconds: float) -> None:
    """The child: read jobs until the pipe ends. Whatever a library prints goes to the log, not into the pipe.

    A job that takes too long ends the child by its own alarms: nobody else would, were the parent killed meanwhile.
    """
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit = _data_bytes() + memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    gc.freeze()  # what was imported stays: no collection has to walk over it
    _say(answers, READY)
    while len(size := jobs.read(LENGTH)) == LENGTH:
        job = pickle.loads(jobs.read(int.from_bytes(size)))
        _alarms(seconds)
        answer = _answer(job)
        _alarms(0)
        _say(answers, answer)


def _say(answers: BinaryIO, answer: Any) -> None:
    message = pickle.dumps(answer)
    answers.write(len(message).to_bytes(LENGTH) + message)
    answers.flush()


def _alarms(seconds: float) -> None:
    """Let this process end after so much processor time, and some time after the parent gave it up; 0 = no alarm."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, (PATIENCE + 1) * seconds)


def _answer(job: AnyJob) -> Any:
    try:
        return perform(job)
    except HubError as error:
        return error
    except (MemoryError, RecursionError) as error:
        return ReadingTooHardError(f"{type(error).__name__} while reading")
    except Exception as error:
        import structlog  # and all that it brings: hardly any child ever needs it

        structlog.get_logger(__name__).exception(
            "defect while reading", of=job.context.name if isinstance(job, Job) else type(job).__name__
        )
        return RuntimeError(f"{type(error).__name__} while reading")


def _data_bytes() -> int:
    """Size of this process's private data now, in bytes (proc(5), statm, field 6)."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[5]) * resource.getpagesize()


if __name__ == "__main__":
    serve(int(sys.argv[1]), float(sys.argv[2]))
