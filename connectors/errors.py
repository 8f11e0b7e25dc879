"""Errors named by what happens next; the worker asks the class, never the text.

    HubError
     ├─ ConfigError        settings cannot work                      refuse to start, name the key
     ├─ TransientError     nothing happened, may work later          retry with backoff
     │   └─ ThrottledError we were asked to slow down                wait as told, no attempt counted
     ├─ RejectedError      this record or payload will never do      set it aside with its reason
     ├─ BlockedError       this endpoint refuses us                  pause the endpoint, raise an alarm
     └─ UnconfirmedError   sent, no answer: it may have happened     look it up before sending again

Every error has two texts: `str(error)` is the technical cause for us, `sentence` the Vietnamese sentence for a clerk
(what happened, whose fault it is, what to do). Neither ever quotes the body of a source: it may hold a marked text.
"""

from enum import StrEnum


class Fault(StrEnum):
    """Whose fault it is; shown beside every failing source and destination."""

    MEMBER = "member"  #: the member site or destination
    HUB = "hub"  #: our connector or settings
    NETWORK = "network"  #: the way between us


class HubError(Exception):
    """Something did not work."""

    #: stable code for logs, tests and the locale catalogue
    code: str = "error"
    fault: Fault = Fault.HUB
    #: of a delivery of several calls: one before this was taken, so something may come of it though this one failed
    begun: bool = False

    def __init__(
        self, message: str | None = None, *, code: str | None = None, fault: Fault | None = None, sentence: str = ""
    ) -> None:
        super().__init__(message or (self.__doc__ or "").strip().splitlines()[0])
        self.code = code or type(self).code
        self.fault = fault or type(self).fault
        self.sentence = sentence


class ConfigError(HubError):
    """The settings cannot work."""

    code = "config"


class TransientError(HubError):
    """Nothing happened; it may work later."""

    code = "transient"
    fault = Fault.NETWORK


class ThrottledError(TransientError):
    """We were asked to slow down."""

    code = "throttled"
    fault = Fault.MEMBER

    def __init__(self, message: str | None = None, *, retry_after: float | None = None, sentence: str = "") -> None:
        super().__init__(message, sentence=sentence)
        #: seconds to wait as told; None when the other side named no time
        self.retry_after = retry_after


class RejectedError(HubError):
    """This record or payload will never be accepted."""

    code = "rejected"
    fault = Fault.MEMBER

    def __init__(
        self, message: str | None = None, *, pointer: str = "", code: str | None = None, fault: Fault | None = None,
        sentence: str = "",
    ) -> None:  # fmt: skip
        super().__init__(message, code=code, fault=fault, sentence=sentence)
        #: where in the capture or payload, in words a person can follow: `entry 3`, `channel/item[7]/link`
        self.pointer = pointer


class BlockedError(HubError):
    """This endpoint refuses us."""

    code = "blocked"
    fault = Fault.MEMBER


class UnconfirmedError(HubError):
    """Sent, and no answer: it may have happened."""

    code = "unconfirmed"
    fault = Fault.NETWORK
