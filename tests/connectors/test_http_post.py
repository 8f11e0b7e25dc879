"""Asking a service by POST: one question in a body, bounded like a fetch, never sent on."""

import json

import pytest

from connectors.errors import BlockedError, RejectedError, TransientError
from connectors.http import Http, Limits
from tests.fakes.site import Site

QUESTION = json.dumps({"service": "LayThuTuc"}).encode()


async def test_a_question_goes_out_as_post_and_its_answer_is_a_capture(http: Http, site: Site) -> None:
    url = site.serve("/hoi", b'{"error_code": 0}', content_type="application/json", etag='"1"')
    capture = await http.post(url, QUESTION, headers={"dstcode": "G22"})
    assert (capture.body, capture.content_type) == (b'{"error_code": 0}', "application/json")
    assert [(one.method, one.headers["dstcode"]) for one in site.asked] == [("POST", "G22")]
    assert int(site.asked[0].headers["Content-Length"]) == len(QUESTION)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_redirect_is_followed(http: Http, site: Site, status: int) -> None:
    url = site.serve("/hoi", status=status, to="/khac")
    with pytest.raises(TransientError) as caught:
        await http.post(url, QUESTION)
    assert caught.value.code == "moved"
    assert len(site.asked) == 1


@pytest.mark.parametrize(("status", "error"), [(401, BlockedError), (400, RejectedError), (500, TransientError)])
async def test_failures_are_those_of_a_fetch(http: Http, site: Site, status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        await http.post(site.serve("/hoi", status=status), QUESTION)


async def test_an_answer_is_bounded(http: Http, site: Site) -> None:
    url = site.serve("/hoi", b"x" * 5_000, endless=True)
    with pytest.raises(RejectedError) as caught:
        await http.post(url, QUESTION, limits=Limits(wire=20_000))
    assert caught.value.code == "too_large"
