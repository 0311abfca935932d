"""The pages on which people log in, use an invitation, and look after their account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from qosmatin.corpus.errors import QosmatinError
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import ExpiredError, RefusedError
from qosmatin.review.gate.answers import headers_of, message_of, status_of
from qosmatin.review.gate.door import Door
from qosmatin.review.gate.guard import person_of, session_secret
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.people.accounts import all_accounts, erase_person, open_invitations, set_password, set_role
from qosmatin.review.people.passwords import LONGEST, SHORTEST, Passwords
from qosmatin.review.people.sessions import (
    begin_session,
    end_session,
    find_session,
    invite,
    log_in,
    make_token,
    read_invitation,
    redeem,
    revoke_token,
    tokens_of,
)
from qosmatin.review.people.throttle import note_attempt
from qosmatin.review.store.access import ROLES, Person, check_role
from qosmatin.review.store.database import writing
from qosmatin.review.words import N_, words_of

from .frame import Frame


class PeoplePages:
    """The handlers of these pages."""

    def __init__(self, review: Review, frame: Frame, door: Door, passwords: Passwords) -> None:
        self._engine = review.engine
        self._frame = frame
        self._door = door
        self._passwords = passwords

    def routes(self) -> list[RoleRoute]:
        """Return the routes of these pages."""
        return [
            RoleRoute("/login", self.login, None),
            RoleRoute("/login", self.log_in, None, ["POST"]),
            RoleRoute("/logout", self.log_out, "reader", ["POST"]),
            RoleRoute("/invitation/{secret}", self.invitation, None),
            RoleRoute("/invitation/{secret}", self.redeem, None, ["POST"]),
            RoleRoute("/account", self.account, "reader"),
            RoleRoute("/account/password", self.change_password, "reader", ["POST"]),
            RoleRoute("/account/tokens", self.make_token, "reader", ["POST"]),
            RoleRoute("/account/tokens/{number:row}/revoke", self.revoke_token, "reader", ["POST"]),
            RoleRoute("/people", self.people, "admin"),
            RoleRoute("/people/invitations", self.invite, "admin", ["POST"]),
            RoleRoute("/people/role", self.change_role, "admin", ["POST"]),
            RoleRoute("/people/erase", self.erase, "admin", ["POST"]),
        ]

    def login(self, request: Request) -> Response:
        """Show the form to log in."""
        if not self._door.login:
            return RedirectResponse("/", 303)
        return self._login(request, own_address(request.query_params.get("next", "")))

    def log_in(self, request: Request) -> Response:
        """Log in: the session is always a new one, and whatever session the browser had ends."""
        form, back = request.scope["form"], own_address(request.scope["form"].get("next", ""))
        name, password = form.get("name", "")[:200], form.get("password", "")
        try:
            secret = log_in(self._engine, self._passwords, name, password, _address_of(request))
        except QosmatinError as error:
            return self._login(request, back, name, error)
        return self._enter(request, secret, back)

    def log_out(self, request: Request) -> Response:
        """End the session."""
        end_session(self._engine, session_secret(request.scope, self._door))
        answer = RedirectResponse("/login", 303)
        self._set_cookie(answer, "", 0)
        return answer

    def invitation(self, request: Request) -> Response:
        """Show an invitation; looking does not use it up, since mail programs look at links before people do."""
        return self._invitation(request)

    def redeem(self, request: Request) -> Response:
        """Use an invitation, and log in."""
        try:
            secret = redeem(self._engine, self._passwords, request.path_params["secret"], _new_password(request))
        except QosmatinError as error:
            return self._invitation(request, error)
        return self._enter(request, secret, "/")

    def account(self, request: Request) -> Response:
        """Show the account of who asks."""
        return self._account(request, person_of(request))

    def change_password(self, request: Request) -> Response:
        """Change the password; all sessions end, and a new one begins."""

        def change(account: int, form: dict[str, str]) -> str:
            note_attempt(self._engine, person_of(request).name, _address_of(request))
            set_password(self._engine, self._passwords, account, form.get("old", ""), _new_password(request))
            with writing(self._engine) as connection:
                return begin_session(connection, account)

        return self._change(request, change, N_("The password was changed."))

    def make_token(self, request: Request) -> Response:
        """Make a token for scripts, and show it once."""
        form, person = request.scope["form"], person_of(request)
        days = form.get("days", "")
        try:
            role = check_role(form.get("role", ""))
            with writing(self._engine) as connection:
                label = form.get("label", "")
                token = make_token(connection, _own(person), label, role, int(days) if days.isdecimal() else 0)
        except QosmatinError as error:
            return self._account(request, person, error)
        return self._account(request, person, secret=token)

    def revoke_token(self, request: Request) -> Response:
        """Revoke a token."""

        def change(account: int, _form: dict[str, str]) -> None:
            with writing(self._engine) as connection:
                revoke_token(connection, account, request.path_params["number"])

        return self._change(request, change, N_("The token was revoked."))

    def people(self, request: Request) -> Response:
        """Show who has an account and who is invited."""
        return self._people(request)

    def invite(self, request: Request) -> Response:
        """Invite somebody, and show the link once."""
        form = request.scope["form"]
        try:
            _own(person_of(request))
            name, role = form.get("name", ""), check_role(form.get("role", ""))
            with writing(self._engine) as connection:
                secret, _ = invite(connection, name, role)
        except QosmatinError as error:
            return self._people(request, error)
        return self._people(request, link=f"{self._door.address}invitation/{secret}", invited=name)

    def change_role(self, request: Request) -> Response:
        """Give somebody another role, at once, in open sessions too."""
        form = request.scope["form"]
        try:
            _own(person_of(request))
            with writing(self._engine) as connection:
                set_role(connection, form.get("name", ""), check_role(form.get("role", "")))
        except QosmatinError as error:
            return self._people(request, error)
        return self._people(request, done=N_("The role was changed."))

    def erase(self, request: Request) -> Response:
        """Erase a person whose name was typed once more; what they decided stays, under the pseudonym."""
        form, person = request.scope["form"], person_of(request)
        name = form.get("name", "")
        try:
            _own(person)
            if form.get("again", "").strip().casefold() != name.casefold():
                raise RefusedError("type the name once more: nothing brings it back")
            if name == person.name:
                raise RefusedError("another admin erases you: somebody must be left to let people in")
            erase_person(self._engine, name)
        except QosmatinError as error:
            return self._people(request, error)
        return self._people(request, done=N_("The person was erased. What they decided stays, under the pseudonym."))

    def _people(
        self, request: Request, error: QosmatinError | None = None, link: str = "", invited: str = "", done: str = ""
    ) -> Response:
        if person_of(request).account is None:
            return RedirectResponse("/", 303)
        with self._engine.connect() as connection:
            known = {"accounts": all_accounts(connection), "invitations": open_invitations(connection)}
        shown = {**known, "roles": ROLES, "link": link, "invited": invited}
        shown |= {"done": words_of(request).gettext(done)} if done else {}
        return self._html(request, "people", N_("People"), shown, error)

    def _change(self, request: Request, change: Callable[[int, dict[str, str]], str | None], done: str) -> Response:
        """Change something of an account, and show it again; a secret that comes back is that of a new session."""
        person = person_of(request)
        try:
            secret = change(_own(person), request.scope["form"])
        except QosmatinError as error:
            return self._account(request, person, error)
        done = words_of(request).gettext(done)
        if secret is None:
            return self._account(request, person, done=done)
        answer = self._account(request, find_session(self._engine, secret) or person, done=done)
        self._set_cookie(answer, secret)
        return answer

    def _enter(self, request: Request, secret: str, address: str) -> Response:
        end_session(self._engine, session_secret(request.scope, self._door))
        answer = RedirectResponse(address, 303)
        self._set_cookie(answer, secret)
        return answer

    def _set_cookie(self, answer: Response, secret: str, age: int | None = None) -> None:
        secure = self._door.scheme == "https"
        answer.set_cookie(
            self._door.cookie, secret, max_age=age, path="/", secure=secure, httponly=True, samesite="strict"
        )

    def _login(self, request: Request, back: str, given: str = "", error: QosmatinError | None = None) -> Response:
        return self._html(request, "login", N_("Log in"), {"next": back, "given": given}, error)

    def _invitation(self, request: Request, error: QosmatinError | None = None) -> Response:
        invited, secret = None, request.path_params["secret"]
        try:
            with self._engine.connect() as connection:
                invited = read_invitation(connection, secret)
        except ExpiredError as expired:
            error = expired
        values = {"invited": invited, "address": f"/invitation/{secret}"}
        return self._html(request, "invitation", N_("Invitation"), values, error)

    def _account(self, request: Request, person: Person, error: QosmatinError | None = None, **values: str) -> Response:
        if person.account is None:
            return RedirectResponse("/", 303)
        with self._engine.connect() as connection:
            tokens = tokens_of(connection, person.account)
        roles = [role for role in ROLES if person.may(role)]
        # A change of the password begins a new session, of which the guard knew nothing.
        shown = {"tokens": tokens, "roles": roles, **values}
        return self._html(request, "account", N_("Account"), shown, error, person=person)

    def _html(
        self,
        request: Request,
        template: str,
        title: str,
        values: dict[str, Any],
        error: QosmatinError | None,
        *,
        person: Person | None = None,
    ) -> Response:
        """Return a page with a form; after an error it says so, with the status that the error has everywhere."""
        # Where a form was sent to there is no page to come back to, when the language is changed.
        path = request.url.path
        is_page = path in ("/login", "/people") or path.startswith("/invitation/")
        here = path if is_page else "/account"
        common = {
            "title": words_of(request).gettext(title),
            "trouble": "" if error is None else message_of(request, error),
            "done": "",
            "secret": "",
            "shortest": SHORTEST,
            "longest": LONGEST,
        }
        status = 200 if error is None else status_of(error)
        answer = self._frame.page(request, template, {**common, **values}, here=here, person=person, status=status)
        answer.headers.update({} if error is None else headers_of(error))
        return answer


def _own(person: Person) -> int:
    """Return the number of a person's account; raises ``RefusedError`` for this machine's own user and for tokens."""
    if person.account is None:
        raise RefusedError("there are no accounts here, and no login is needed")
    if person.by != "session":
        raise RefusedError("accounts are looked after in the browser, not with a token")
    return person.account


def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def _new_password(request: Request) -> str:
    form: dict[str, str] = request.scope["form"]
    if form.get("new", "") != form.get("again", ""):
        raise RefusedError("the two new passwords are not the same")
    return form.get("new", "")


def own_address(address: str) -> str:
    """Return an address on this server to go on to; what leads elsewhere becomes the first page."""
    is_own = address.startswith("/") and address[1:2] not in ("/", "\\") and address.isprintable()
    return address if is_own else "/"
