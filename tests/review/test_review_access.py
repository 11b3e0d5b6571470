"""Every route declares who may open it, and keeps to it."""

import re

import pytest
from desk_of_tests import BY_ROLE, SECRET, Browser, open_desk
from fastapi import FastAPI
from fastapi.routing import APIRoute

from convqa.review.access import EVERYONE, PUBLIC, Access, NavItem
from convqa.review.api.app import PREFIX
from convqa.review.app import PARTS, create_app
from convqa.review.tokens import check_csrf

# Pages beside the routes of the parts would have no permission.
DECLARED = [route for part in PARTS for route in part.routes]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with open_desk(tmp_path_factory.mktemp("desk")) as app:
        yield app


def access_of(route):
    """Return the one permission among the dependencies of a route of the application."""
    found = [d.dependency for d in route.dependencies if isinstance(d.dependency, Access)]
    assert len(found) == 1, f"{route.path} declares {len(found)} permissions"
    return found[0]


def undeclared(app: FastAPI):
    """Return the routes without a permission; those of the API have a test of their own."""
    return [
        getattr(route, "path", repr(route))
        for route in app.routes
        if not isinstance(route, APIRoute)
        or not any(isinstance(d.dependency, Access) for d in route.dependencies)
    ]


def pages_of(app: FastAPI):
    return [route for route in app.routes if isinstance(route, APIRoute)]


def test_every_route_of_the_application_declares_a_permission(app):
    assert undeclared(app) == [PREFIX]
    assert len(pages_of(app)) == len(DECLARED) > 8


def test_a_route_without_permission_is_noticed(app):
    extra = create_app(app.state.desk.database, SECRET)
    extra.add_api_route("/open", lambda: None)
    assert undeclared(extra) == [PREFIX, "/open"]


def test_every_route_that_writes_checks_the_token(app):
    for route in pages_of(app):
        checks = any(d.dependency is check_csrf for d in route.dependencies)
        assert checks == (route.methods != {"GET"}), route.path


def filled(path):
    """Return a path with something in the place of its parameters."""
    return re.sub(r"\{[^}]*\}", "1", path)


def answer(browser, route):
    path = filled(route.path)
    if route.methods == {"GET"}:
        return browser.get(path)
    return browser.post(path)


def test_who_has_not_signed_in_is_sent_to_sign_in(app):
    anonymous = Browser(app)
    for route in pages_of(app):
        access = access_of(route)
        if access.roles == PUBLIC:
            continue
        response = answer(anonymous, route)
        assert response.status_code == 303, route.path
        assert response.headers["location"].startswith("/sign-in?next=%2F"), route.path


@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_a_role_finds_only_what_it_may_open(app, role):
    browser = Browser(app, BY_ROLE[role])
    for route in pages_of(app):
        access = access_of(route)
        if access.roles == PUBLIC or route.path == "/sign-out":
            continue
        response = answer(browser, route)
        if role not in access.roles:
            assert response.status_code == 404, (role, route.path)
        elif route.methods == {"GET"} and "{" not in route.path:
            moved_to_notice = role == "agent" and response.headers.get("location") == "/notice"
            assert response.status_code in (200, 303), (role, route.path)
            assert moved_to_notice or response.status_code == 200, (role, route.path)


def test_navigation_leads_only_where_its_roles_may_go(app):
    by_path = {route.path: access_of(route) for route in pages_of(app) if route.methods == {"GET"}}
    items: tuple[NavItem, ...] = app.state.nav
    for item in items:
        assert item.roles <= by_path[item.path].roles, item.path


@pytest.mark.parametrize("path", ["/sign-in", "/account", "/nowhere", "/assets/desk.css"])
def test_every_answer_carries_the_security_headers(app, path):
    headers = Browser(app).get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    kept = "no-cache" if path.startswith("/assets") else "no-store"
    assert headers["cache-control"] == kept


def test_a_wrong_method_is_not_told_from_a_missing_page(app):
    assert Browser(app).post("/account").status_code == 404
    assert Browser(app).get("/sign-out").status_code == 404
