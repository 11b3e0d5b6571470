"""The accounts of the desk, for administrators: make, change, close, another password."""

from collections.abc import Collection

from fastapi import HTTPException, Request
from fastapi.responses import Response

from convqa.errors import ReviewError
from convqa.review.access import ADMINS, NavItem, Pages
from convqa.review.errors import go
from convqa.review.forms import Form, Posted
from convqa.review.refusals import told
from convqa.review.render import address, render
from convqa.review.visit import visit_of
from convqa.store.browsing import find_choices
from convqa.store.users import (
    SHORTEST_PASSWORD,
    NewUser,
    User,
    add_user,
    change_user,
    disable_user,
    find_user,
    list_users,
    set_password,
)
from convqa.store.viewers import USER_ROLES

pages = Pages(nav=(NavItem("accounts.nav", "/accounts", ADMINS),))


@pages.get("/accounts", ADMINS)
def accounts(request: Request) -> Response:
    """Show all accounts, and the form for another one."""
    return _list(request)


def _list(request: Request, fault: str = "") -> Response:
    visit = visit_of(request)
    return render(
        request, "accounts.html.j2", status=400 if fault else 200, fault=fault,
        users=list_users(visit.database), roles=USER_ROLES, shortest=SHORTEST_PASSWORD,
        teams=find_choices(visit.database, visit.reader).teams,
    )  # fmt: skip


@pages.post("/accounts", ADMINS)
def add(request: Request, form: Form) -> Response:
    """Make an account."""
    visit = visit_of(request)
    new = _posted(form, form.text("username"), None)
    try:
        add_user(visit.database, visit.reader.username, new, form.exact("password"))
    except ReviewError as error:
        return _list(request, told(error, visit))
    return go(address("/accounts", {"said": "added"}))


@pages.get("/accounts/{username:path}", ADMINS)
def account(request: Request, username: str) -> Response:
    """Show one account, to be changed."""
    return _one(request, username)


def _one(request: Request, username: str, fault: str = "") -> Response:
    visit = visit_of(request)
    return render(
        request, "account_of.html.j2", status=400 if fault else 200, fault=fault,
        user=_find(request, username), roles=USER_ROLES, shortest=SHORTEST_PASSWORD,
        teams=find_choices(visit.database, visit.reader).teams,
    )  # fmt: skip


def _find(request: Request, username: str) -> User:
    try:
        return find_user(visit_of(request).database, username)
    except ReviewError as error:
        raise HTTPException(404) from error


@pages.post("/accounts/{username:path}", ADMINS)
def change(request: Request, username: str, form: Form) -> Response:
    """Keep another name, role or scope, another password, or close or open the account."""
    visit = visit_of(request)
    user = _find(request, username)
    actor = visit.reader.username
    try:
        match form.text("do"):
            case "password":
                set_password(visit.database, actor, username, form.exact("password"))
            case "close" | "open":
                is_closed = form.text("do") == "close"
                disable_user(visit.database, actor, username, is_disabled=is_closed)
            case _:
                change_user(visit.database, actor, _posted(form, username, user.language))
    except ReviewError as error:
        return _one(request, username, told(error, visit))
    return go(address("/accounts", {"said": "changed"}))


def _posted(form: Posted, username: str, language: str | None) -> NewUser:
    role = form.text("role")
    if role not in USER_ROLES:
        raise HTTPException(400)
    return NewUser(
        username=username,
        name=form.text("name") or username,
        role=role,
        teams=_words(form.all("team")) | _words(form.text("other_teams").split(",")),
        agent_ids=_words(form.text("agent_ids").split(",")),
        sees_all_teams=form.text("all_teams") == "yes",
        language=language,
    )


def _words(values: Collection[str]) -> frozenset[str]:
    return frozenset(value.strip() for value in values if value.strip())
