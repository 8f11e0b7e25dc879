"""The promises of connectors/base.py:Destination, over every destination module there is.

A new destination is found by itself and fails here until `PLACES` (receivers.py) has a server to try it against.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest
from pydantic import ValidationError

from connectors.base import Receipt, Remembering
from connectors.errors import (
    BlockedError,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from connectors.http import Http
from connectors.registry import ConnectorModule, destination_connector, known
from schemas.edition import PublishedItem, Withdrawal
from tests.clock import Clock
from tests.contract.receivers import (
    ID,
    PLACES,
    SECRET,
    Place,
    withdrawal,
)
from tests.fakes.server import Fault


def _all() -> Iterable[str]:
    return [place for module in known().destinations for place in PLACES.get(module, {module: None})]


@pytest.fixture(params=_all())
async def place(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Place]:
    make = next((places[request.param] for places in PLACES.values() if request.param in places), None)
    assert make is not None, f"connectors/destinations/{request.param}.py has no entry in PLACES: give it a fake server"
    place = await make(clock)
    yield place
    await place.server.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def http(clock: Clock) -> AsyncIterator[Http]:
    async with Http(user_agent="provincial-hub/0.1 (+mailto:a@b.vn)", clock=clock.now) as http:
        yield http


async def deliver(place: Place, http: Http, what: PublishedItem | Withdrawal) -> Receipt:
    payload = place.present(what)
    call = place.connector.withdraw if isinstance(what, Withdrawal) else place.connector.send
    return await call(http, payload, key=place.key(what.revision), remote_id="")


async def failing(place: Place, http: Http, what: PublishedItem | Withdrawal) -> HubError:
    with pytest.raises(HubError) as caught:
        await deliver(place, http, what)
    return caught.value


async def test_what_is_sent_is_shown_and_the_receipt_says_so(place: Place, http: Http) -> None:
    receipt = await deliver(place, http, place.edition(3))
    assert place.shown() == {str(ID): 3}
    assert receipt.revision == 3
    assert place.is_named(receipt.remote_id)
    assert 200 <= receipt.status < 300


async def test_the_payload_is_the_published_item_and_the_same_each_time(place: Place) -> None:
    payload = place.present(place.edition(3))
    if place.item is not None:
        assert PublishedItem.model_validate(place.item(payload.body)) == place.edition(3)
    assert place.present(place.edition(3)) == payload
    assert (payload.content_id, payload.revision, payload.content_type) == (ID, 3, place.content_type)


async def test_the_same_key_twice_has_one_effect_where_repeating_is_promised(place: Place, http: Http) -> None:
    await deliver(place, http, place.edition(1))
    await deliver(place, http, place.edition(1))
    assert place.shown() == {str(ID): 1}
    if place.connector.repeatable:
        assert place.effects() == [("put", str(ID), 1)]


async def test_a_newer_revision_takes_the_place_of_the_older(place: Place, http: Http) -> None:
    for revision in (1, 2, 5):
        await deliver(place, http, place.edition(revision))
    assert place.shown() == {str(ID): 5}


async def test_an_older_revision_never_covers_a_newer_where_repeating_is_promised(place: Place, http: Http) -> None:
    if not place.connector.repeatable:
        assert place.connector.settling >= 0  # such a place needs one call in flight and a look: the stage's part
        return
    await deliver(place, http, place.edition(5))
    receipt = await deliver(place, http, place.edition(4))
    assert place.shown() == {str(ID): 5}
    assert receipt.note == "newer"
    assert receipt.revision >= 4


async def test_a_withdrawn_item_is_gone_and_withdrawing_again_is_success(place: Place, http: Http) -> None:
    await deliver(place, http, place.edition(1))
    await deliver(place, http, withdrawal(2))
    assert place.shown() == {}
    await deliver(place, http, withdrawal(2))
    assert place.effects() == [("put", str(ID), 1), ("delete", str(ID), 2 if place.tells_when else 0)]


async def test_withdrawing_what_was_never_there_is_success(place: Place, http: Http) -> None:
    await deliver(place, http, withdrawal(2))
    assert place.shown() == {}


async def test_a_late_edition_does_not_come_back_after_the_withdrawal(place: Place, http: Http) -> None:
    await deliver(place, http, place.edition(1))
    await deliver(place, http, withdrawal(3))
    if place.connector.repeatable:
        receipt = await deliver(place, http, place.edition(2))
        assert receipt.note == "newer"
    assert place.shown() == {}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(committed=True, reset=True),
        Fault(committed=True, status=500),
        Fault(committed=True, status=502, html=True),
        Fault(committed=True, hang=True),
        Fault(reset=True),
        Fault(status=503),
        Fault(hang=True),
    ],
    ids=repr,
)
async def test_after_an_unknown_outcome_the_item_is_there_once(place: Place, http: Http, fault: Fault) -> None:
    place.server.fail_next(fault)
    error = await failing(place, http, place.edition(1))
    assert type(error) is UnconfirmedError, "the call may have happened: nothing else lets the stage be careful"
    assert error.sentence
    if place.told_by_people:
        return await is_asked_about(place, http, there=fault.committed)
    found = await place.find(http)
    if place.connector.repeatable or found is None:
        await deliver(place, http, place.edition(1))
    assert place.shown() == {str(ID): 1}
    assert place.effects() == [("put", str(ID), 1)]


async def is_asked_about(place: Place, http: Http, *, there: bool) -> None:
    """Nobody but a person can tell; whoever says that it is not there has it sent again."""
    with pytest.raises(UnconfirmedError) as caught:
        await place.find(http)
    assert (caught.value.code, bool(caught.value.sentence)) == ("untold", True)
    assert len(place.effects()) == there
    if not there:
        await deliver(place, http, place.edition(1))
    assert place.shown() == {str(ID): 1}
    assert place.effects() == [("put", str(ID), 1)]


async def test_a_call_thought_dead_that_lands_late_is_found(place: Place, http: Http) -> None:
    late = asyncio.Event()
    place.server.fail_next(Fault(wait=late))
    assert type(await failing(place, http, place.edition(1))) is UnconfirmedError
    assert place.shown() == {}
    late.set()
    async with asyncio.timeout(5):
        while not place.effects():  # noqa: ASYNC110 - the server acts when nobody waits for it any more
            await asyncio.sleep(0.01)
    if place.told_by_people:
        return await is_asked_about(place, http, there=True)
    found = await place.find(http)
    assert (found is not None) == place.can_be_asked
    if found is not None:
        assert (place.is_named(found.remote_id), found.revision, found.withdrawn) == (True, 1, False)


async def test_find_tells_nothing_something_and_withdrawn_apart(place: Place, http: Http) -> None:
    assert await place.find(http) is None
    await deliver(place, http, place.edition(4))
    if not place.can_be_asked:
        assert await place.find(http) is None
        return
    found = await place.find(http, 4)
    assert found is not None
    assert (place.is_named(found.remote_id), found.revision, found.withdrawn) == (True, 4, False)
    await deliver(place, http, withdrawal(5))
    found = await place.find(http)
    assert found is None or found.withdrawn


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=400), RejectedError), (Fault(status=422), RejectedError), (Fault(status=413), RejectedError),
        (Fault(status=401), BlockedError), (Fault(status=403), BlockedError),
        (Fault(status=429, retry_after="30"), ThrottledError), (Fault(status=503, retry_after="30"), ThrottledError),
        (Fault(status=408), TransientError),
    ],
    ids=repr,
)  # fmt: skip
async def test_a_refusal_is_not_an_outage(place: Place, http: Http, fault: Fault, error: type[HubError]) -> None:
    place.server.fail_next(fault)
    caught = await failing(place, http, place.edition(1))
    assert type(caught) is error
    assert caught.sentence
    if isinstance(caught, ThrottledError):
        assert caught.retry_after == 30
    assert place.effects() == []


async def test_an_outage_is_transient_and_passes(place: Place, http: Http) -> None:
    await place.server.close()
    caught = await failing(place, http, place.edition(1))
    assert type(caught) is TransientError
    await place.server.start()
    await deliver(place, http, place.edition(1))
    assert place.shown() == {str(ID): 1}


async def test_a_place_inside_the_network_needs_its_allowance(place: Place, http: Http) -> None:
    config = place.config.model_copy(update={"allow_private": frozenset()})
    shut = type(place.connector)(place.name, config)
    if isinstance(place.connector, Remembering):
        shut.memory = place.connector.memory
    with pytest.raises(RejectedError) as caught:
        await shut.send(http, place.present(place.edition(1)), key=place.key(1))
    assert caught.value.code == "address_refused"
    assert place.effects() == []


async def test_secrets_stay_out_of_everything_that_is_printed(place: Place, http: Http) -> None:
    place.server.fail_next(Fault(status=401), Fault(reset=True), Fault(status=422, html=True))
    printed = [repr(place.config), str(place.config), repr(place.connector), repr(vars(place.connector))]
    for _ in range(3):
        error = await failing(place, http, place.edition(1))
        printed += [repr(error), str(error), error.sentence, repr(error.__cause__)]
    assert SECRET not in "".join(printed)


async def test_an_unknown_key_in_the_settings_is_an_error(place: Place) -> None:
    fields = place.config.model_dump() | {"bsae_url": "http://a.vn/"}
    with pytest.raises(ValidationError, match="bsae_url"):
        type(place.config)(**fields)


def test_every_destination_module_defines_the_two_names() -> None:
    for name in known().destinations:
        module: ConnectorModule = destination_connector(name)
        assert module.Connector.__name__ == "Connector"
        assert module.Config.model_config["extra"] == "forbid"
        assert module.Config.model_config["frozen"]
        assert set(PLACES) >= {name}, f"give {name} a place in this suite"
