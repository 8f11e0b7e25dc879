"""Accounts of others, for administrators: /accounts, /accounts/{account}.

A password for the first login is made here and shown once, to be handed over in person; it is worth nothing after
three days and has to be changed at once.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from connectors.errors import HubError
from hub.access import passwords
from hub.commands import accounts as changes
from hub.commands import credentials
from hub.commands import sessions as ending
from hub.engine import Engine
from hub.locale import N_
from hub.rules.access import Permission, Role
from hub.settings.values import mail_address
from hub.store import accounts, guessing, people, roster
from hub.store.accounts import Account, AccountRefusedError, NoAccountError
from hub.web.console.browsers import browser_name
from hub.web.console.forms import FORM, Form
from hub.web.console.rendering import back, page
from hub.web.console.roles import MAY, ROLES, STRENGTHS
from hub.web.console.viewer import VIEWER
from hub.web.routes import Handler, Route, get, post
from hub.web.site import SITE

NOTICES: Final = {
    "saved": N_("Saved."), "granted": N_("The role is given; the person signs in again."),
    "revoked": N_("The role is taken away; the person signs in again."),
    "ended": N_("The account is ended; nobody is signed in with it any more."),
    "reopened": N_("The account may be used again."), "code": N_("The second factor is taken away."),
    "session": N_("The session is ended."), "sessions": N_("All sessions are ended."),
}  # fmt: skip


async def accounts_page(request: web.Request) -> web.Response:
    """Everybody, and the form for one more."""
    return await _list(request)


async def add(request: web.Request) -> web.Response:
    """Make an account with a password for the first login, shown once."""
    form, engine = request[FORM], request.app[SITE].engine
    password = passwords.start_password()
    try:
        account = await changes.add_account(
            engine, login=form.text("login"), name=form.text("name"), email=_email(form), role=_role(form),
            member=form.text("member"), password_hash=await passwords.hashed(password), first_login=True,
            who=request[VIEWER].who,
        )  # fmt: skip
    except AccountRefusedError as error:
        return await _list(request, error)
    return page(
        request, "account_start.html", account=await accounts.by_id(engine.store, account), password=password, new=True
    )


async def account_page(request: web.Request) -> web.Response:
    """One account: who, roles, how it signs in, sessions."""
    return await _one(request, await _named(request))


async def new_password(request: web.Request) -> web.Response:
    """A new password for the first login, shown once."""
    account, password = await _named(request), passwords.start_password()
    await credentials.set_password(
        request.app[SITE].engine, account.login, password_hash=await passwords.hashed(password), first_login=True,
        who=request[VIEWER].who,
    )  # fmt: skip
    return page(request, "account_start.html", account=account, password=password, new=False)


Change = Callable[[Engine, Account, Form, str], Awaitable[object]]


def _change(done: str, act: Change) -> Handler:
    """A handler that changes one account and leads back to its page; what is refused is told there."""

    async def handler(request: web.Request) -> web.Response:
        account = await _named(request)
        try:
            await act(request.app[SITE].engine, account, request[FORM], request[VIEWER].who)
        except AccountRefusedError as error:
            return await _one(request, account, error)
        return _done(request, account, done)

    return handler


async def _save(engine: Engine, account: Account, form: Form, who: str) -> None:
    await changes.change_account(
        engine, account, name=form.text("name"), email=_email(form), language=account.language, who=who
    )


async def _grant(engine: Engine, account: Account, form: Form, who: str) -> None:
    await changes.grant(engine, account.login, role=_role(form), member=form.text("member"), who=who)


async def _revoke(engine: Engine, account: Account, form: Form, who: str) -> None:
    await changes.revoke(engine, account.login, role=_role(form), member=form.text("member"), who=who)


async def _end(engine: Engine, account: Account, form: Form, who: str) -> None:
    await changes.end_account(engine, account.login, who=who, why=form.text("why"))


async def _reopen(engine: Engine, account: Account, form: Form, who: str) -> None:
    await changes.reopen_account(engine, account.login, who=who)


async def _reset_code(engine: Engine, account: Account, form: Form, who: str) -> None:
    await credentials.reset_code(engine, account.login, who=who, why=form.text("why"))


async def _end_sessions(engine: Engine, account: Account, form: Form, who: str) -> None:
    await ending.end_all_sessions(engine, account.login, who=who)


async def end_session(request: web.Request) -> web.Response:
    """End one session of somebody."""
    account = await _named(request)
    await ending.end_session(
        request.app[SITE].engine, account.login, int(request.match_info["session"]), who=request[VIEWER].who
    )
    return _done(request, account, "session")


async def _named(request: web.Request) -> Account:
    try:
        return await accounts.by_id(request.app[SITE].engine.store, int(request.match_info["account"]))
    except NoAccountError:
        raise web.HTTPNotFound from None


def _done(request: web.Request, account: Account, done: str) -> web.Response:
    return back(request, f"/accounts/{account.id}", done=done)


async def _list(request: web.Request, error: HubError | None = None) -> web.Response:
    store, form = request.app[SITE].engine.store, request[FORM] if error else Form()
    return page(
        request, "accounts.html", status=422 if error else 200, notices=NOTICES,
        problem=error.sentence if error else "", accounts=await accounts.all_accounts(store),
        members=await roster.names(store), roles=ROLES, may=MAY,
        typed={name: form.text(name) for name in ("login", "name", "email", "role", "member")},
    )  # fmt: skip


async def _one(request: web.Request, account: Account, error: HubError | None = None) -> web.Response:
    engine = request.app[SITE].engine
    failures, failed_at = await guessing.failures_of(engine.store, account.login)
    return page(
        request, "account_of.html", status=422 if error else 200, notices=NOTICES,
        problem=error.sentence if error else "", account=account, roles=ROLES, may=MAY, strengths=STRENGTHS,
        members=await roster.names(engine.store), browser_name=browser_name, failures=failures, failed_at=failed_at,
        sessions=await people.sessions(engine.store, account.id, idle=engine.conditions.idle),
        here_now=request[VIEWER].person.session,
    )  # fmt: skip


def _role(form: Form) -> Role:
    try:
        return Role(form.text("role"))
    except ValueError:
        raise AccountRefusedError(
            "no such role", code="unknown_role", sentence="Hãy chọn một vai trò trong danh sách."
        ) from None


def _email(form: Form) -> str:
    """A mail address, or none."""
    text = form.text("email")
    try:
        return mail_address(text) if text else ""
    except ValueError:
        raise AccountRefusedError(
            "no mail address", code="email_wrong",
            sentence="Địa chỉ thư điện tử không đúng. Ví dụ đúng: nguyen.an@tinhmau.gov.vn.",
        ) from None  # fmt: skip


def _under(action: str, handler: Handler) -> Route:
    return post(rf"/accounts/{{account:\d{{1,18}}}}{action}", handler, Permission.ACCOUNTS)


ROUTES: Final = (
    get("/accounts", accounts_page, Permission.ACCOUNTS),
    post("/accounts", add, Permission.ACCOUNTS),
    get(r"/accounts/{account:\d{1,18}}", account_page, Permission.ACCOUNTS),
    _under("", _change("saved", _save)),
    _under("/grant", _change("granted", _grant)),
    _under("/revoke", _change("revoked", _revoke)),
    _under("/end", _change("ended", _end)),
    _under("/reopen", _change("reopened", _reopen)),
    _under("/password", new_password),
    _under("/code", _change("code", _reset_code)),
    _under(r"/sessions/{session:\d{1,18}}/end", end_session),
    _under("/sessions/end", _change("sessions", _end_sessions)),
)
