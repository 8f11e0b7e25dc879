"""The own account: /account, its password, its second factor, its sessions.

Whatever matters is asked for with the password once more, so that a browser left open is not enough.
"""

from dataclasses import replace
from typing import Final

from aiohttp import web

from connectors.errors import HubError
from hub.access import codes
from hub.commands import credentials, sessions
from hub.commands.accounts import change_account
from hub.commands.sign_in import NotLetInError
from hub.locale import LANGUAGES, N_
from hub.rules.signing_in import Strength, demands_second_factor
from hub.store import accounts, people
from hub.store.accounts import Account, AccountRefusedError
from hub.web.console.browsers import browser_name
from hub.web.console.cookies import caller_of, let_in
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, page
from hub.web.console.roles import MAY, ROLES, STRENGTHS
from hub.web.console.viewer import VIEWER
from hub.web.routes import Open, get, post
from hub.web.site import SITE

NOTICES: Final = {
    "saved": N_("Saved."), "password": N_("The password is changed; all other sessions are ended."),
    "removed": N_("The second factor is switched off."), "ended": N_("The session is ended."),
    "all": N_("All other sessions are ended."),
}  # fmt: skip

WRONG_PASSWORD: Final = N_("The password is not right.")


async def account_page(request: web.Request) -> web.Response:
    """Who I am here, how I sign in, where I am signed in."""
    engine, viewer = request.app[SITE].engine, request[VIEWER]
    account = await _own(request)
    return page(
        request, "account.html", notices=NOTICES, account=account, languages=LANGUAGES, roles=ROLES, may=MAY,
        strengths=STRENGTHS, browser_name=browser_name, here_now=viewer.person.session,
        codes_left=await accounts.recovery_codes_left(engine.store, account.id),
        sessions=await people.sessions(engine.store, account.id, idle=engine.conditions.idle),
    )  # fmt: skip


async def save(request: web.Request) -> web.Response:
    """Name and language; the mail address is the administrator's to change, for it may open the account."""
    form, account = request[FORM], await _own(request)
    language = form.text("language")
    await change_account(
        request.app[SITE].engine, account, name=form.text("name"), email=account.email,
        language=language if language in LANGUAGES else account.language, who=account.login,
    )  # fmt: skip
    return back(request, "/account", done="saved")


async def password_page(request: web.Request) -> web.Response:
    """The form for a new password."""
    return await _password_form(request)


async def set_password(request: web.Request) -> web.Response:
    """A new password; the session gets a new token, all others end."""
    engine, viewer = request.app[SITE].engine, request[VIEWER]
    account, (new, again) = await _own(request), (_secret(request, "new"), _secret(request, "again"))
    try:
        if new != again:
            raise AccountRefusedError(
                "two different passwords", code="password_typo",
                sentence="Hai lần nhập mật khẩu mới không giống nhau. Hãy nhập lại.",
            )  # fmt: skip
        await credentials.prove_again(engine, account, _secret(request, "old"), caller_of(request).address)
        await credentials.set_own_password(engine, account, new, session=viewer.person.session)
    except HubError as error:
        return await _password_form(request, error)
    return await _renewed(request, account, Strength(viewer.person.strength), "password")


async def second_factor_page(request: web.Request) -> web.Response:
    """The state of the second factor, and the picture while one is set up."""
    return await _second_factor_form(request)


async def begin_second_factor(request: web.Request) -> web.Response:
    """Make a new secret; it is not in force before a code has proved it."""
    account = await _own(request)
    try:
        await credentials.prove_again(
            request.app[SITE].engine, account, _secret(request, "password"), caller_of(request).address
        )
        await credentials.begin_code(request.app[SITE].engine, account)
    except HubError as error:
        return await _second_factor_form(request, error)
    return back(request, "/account/second-factor")


async def picture(request: web.Request) -> web.Response:
    """The secret that is being set up, as a QR code."""
    site, account = request.app[SITE], await _own(request)
    secret = credentials.pending_secret(site.engine, account)
    if not secret:
        raise web.HTTPNotFound
    return web.Response(body=codes.picture(secret, account.login, site.name), content_type="image/svg+xml")


async def confirm_second_factor(request: web.Request) -> web.Response:
    """The code that the telephone shows; gives the codes for paper, shown once."""
    engine, viewer, account = request.app[SITE].engine, request[VIEWER], await _own(request)
    try:
        on_paper = await credentials.confirm_code(
            engine, account, request[FORM].text("code"), session=viewer.person.session
        )
    except HubError as error:
        return await _second_factor_form(request, error)
    entered = await sessions.renew_session(engine, account, caller_of(request), Strength.TOTP)
    renewed = await people.signed_in(engine.store, entered.token)
    if renewed is not None:  # the forms of this page carry the token of the new session
        request[VIEWER] = replace(viewer, person=renewed, owed=None)
    return let_in(request, page(request, "recovery_codes.html", codes=on_paper), entered)


async def new_recovery_codes(request: web.Request) -> web.Response:
    """New codes for paper in place of the old ones, shown once."""
    engine, account = request.app[SITE].engine, await _own(request)
    try:
        await credentials.prove_again(engine, account, _secret(request, "password"), caller_of(request).address)
        return page(
            request, "recovery_codes.html", codes=await credentials.new_recovery_codes(engine, account)
        )  # fmt: skip
    except HubError as error:
        return await _second_factor_form(request, error)


async def remove_second_factor(request: web.Request) -> web.Response:
    """Do without it, where no role demands one."""
    engine, viewer, account = request.app[SITE].engine, request[VIEWER], await _own(request)
    try:
        await credentials.prove_again(engine, account, _secret(request, "password"), caller_of(request).address)
        await credentials.remove_code(engine, account, session=viewer.person.session)
    except HubError as error:
        return await _second_factor_form(request, error)
    return await _renewed(request, account, Strength.PASSWORD, "removed")


async def end_session(request: web.Request) -> web.Response:
    """End one of the own sessions."""
    viewer = request[VIEWER]
    await sessions.end_session(request.app[SITE].engine, viewer.who, int(request.match_info["session"]), who=viewer.who)
    return back(request, "/account", done="ended")


async def end_other_sessions(request: web.Request) -> web.Response:
    """End all of the own sessions but this one."""
    viewer = request[VIEWER]
    await sessions.end_all_sessions(request.app[SITE].engine, viewer.who, but=viewer.person.session, who=viewer.who)
    return back(request, "/account", done="all")


async def _own(request: web.Request) -> Account:
    return await accounts.by_id(request.app[SITE].engine.store, request[VIEWER].person.account)


def _secret(request: web.Request, name: str) -> str:
    """A password as it was typed; spaces belong to it."""
    return next(iter(request[FORM].all(name)), "")


async def _renewed(request: web.Request, account: Account, strength: Strength, done: str) -> web.Response:
    entered = await sessions.renew_session(request.app[SITE].engine, account, caller_of(request), strength)
    return let_in(request, back(request, "/account", done=done), entered)


def _said(request: web.Request, error: HubError | None) -> str:
    if isinstance(error, NotLetInError):  # who it is is known here: only the password can be wrong
        return request[VIEWER].texts(WRONG_PASSWORD)
    return error.sentence if error else ""


async def _password_form(request: web.Request, error: HubError | None = None) -> web.Response:
    return page(
        request, "account_password.html", status=422 if error else 200, account=await _own(request),
        problem=_said(request, error), owed=request[VIEWER].owed,
    )  # fmt: skip


async def _second_factor_form(request: web.Request, error: HubError | None = None) -> web.Response:
    engine, viewer, account = request.app[SITE].engine, request[VIEWER], await _own(request)
    secret = credentials.pending_secret(engine, account)
    return page(
        request, "account_second_factor.html", status=422 if error else 200, account=account, owed=viewer.owed,
        problem=_said(request, error),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        demanded=demands_second_factor(account.grants, engine.conditions.two_factor_for),
        codes_left=await accounts.recovery_codes_left(engine.store, account.id),
    )  # fmt: skip


ROUTES: Final = (
    get("/account", account_page, Open.ACCOUNT),
    post("/account", save, Open.ACCOUNT),
    get("/account/password", password_page, Open.ACCOUNT),
    post("/account/password", set_password, Open.ACCOUNT),
    get("/account/second-factor", second_factor_page, Open.ACCOUNT),
    post("/account/second-factor", confirm_second_factor, Open.ACCOUNT),
    get("/account/second-factor/picture.svg", picture, Open.ACCOUNT),
    post("/account/second-factor/begin", begin_second_factor, Open.ACCOUNT),
    post("/account/second-factor/recovery", new_recovery_codes, Open.ACCOUNT),
    post("/account/second-factor/remove", remove_second_factor, Open.ACCOUNT),
    post(r"/account/sessions/{session:\d{1,18}}/end", end_session, Open.ACCOUNT),
    post("/account/sessions/end", end_other_sessions, Open.ACCOUNT),
)
