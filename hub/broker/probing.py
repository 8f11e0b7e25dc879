"""Does the message server let us in, and are its queues as we need them? For `hub doctor`, which does not wait."""

from enum import StrEnum

from aio_pika.exceptions import AMQPConnectionError, AuthenticationError, ProbableAuthenticationError

from connectors.errors import ConfigError
from hub.broker.base import HARVEST, NORMALISE, WAITING_LIMIT
from hub.broker.link import OUTAGES, open_connection, shut
from hub.broker.topology import declare_queues

#: How the server says no to an account, in the answer that closes a connection.
_REFUSALS = ("ACCESS_REFUSED", "NOT_ALLOWED")


class Verdict(StrEnum):
    """What came of knocking."""

    WELL = ""
    AWAY = "broker_away"
    REFUSED = "broker_refused"
    QUEUES = "broker_queues"


async def knock(url: str) -> tuple[Verdict, str]:
    """Connect once and declare two queues as the hub does at its start. Returns the verdict and what the server said.

    Raises nothing for the server's sake.
    """
    try:
        connection = await open_connection(url, "doctor")
    except (AuthenticationError, ProbableAuthenticationError):
        return Verdict.REFUSED, ""
    except AMQPConnectionError as error:
        return (Verdict.REFUSED if any(word in repr(error) for word in _REFUSALS) else Verdict.AWAY), ""
    except OUTAGES:
        return Verdict.AWAY, ""
    try:
        await declare_queues(connection, [HARVEST, NORMALISE], WAITING_LIMIT)
    except ConfigError as error:
        return Verdict.QUEUES, error.sentence
    except OUTAGES:
        return Verdict.AWAY, ""
    finally:
        await shut(connection)
    return Verdict.WELL, ""
