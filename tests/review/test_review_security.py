"""Tokens, sessions, cookies, limits, errors: what keeps others out and tells them nothing."""

import re
import stat

import pytest
from desk_of_tests import SECRET, Browser, key_of, open_desk, token_in

from convqa.errors import ConfigError
from convqa.review.app import create_app
from convqa.review.errors import local_path
from convqa.review.tokens import read_secret, secret_file
from store.desk_runs import PASSWORD


@pytest.fixture
def app(tmp_path):
    with open_desk(tmp_path) as app:
        yield app


def test_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "new" / "review.secret"
    secret = read_secret(path)
    assert len(secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_secret(path) == secret


def test_secret_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "review.secret"
    path.write_bytes(b"s" * 32)
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="others may read the secret; run `chmod 600"):
        read_secret(path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(ConfigError, match="too short"):
        read_secret(path)


def test_secret_lies_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.delenv("CONVQA_SECRET_FILE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert secret_file() == tmp_path / "convqa" / "review.secret"
    monkeypatch.setenv("CONVQA_SECRET_FILE", "/run/secret")
    assert str(secret_file()) == "/run/secret"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "0" * 64},
        {"X-CSRF-Token": "é"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_form_of_another_site_changes_nothing(app, headers):
    browser = Browser(app, "rita")
    sends_own_token = "sec-fetch-site" in headers
    token = browser.token if sends_own_token else ""
    encoded = {name: value.encode() for name, value in headers.items()}
    response = browser.client.post(
        "/language", data={"csrf": token, "language": "pl"}, headers=encoded
    )
    assert response.status_code == 403
    assert "This form is too old" in response.text
    assert "Your account" in browser.get("/account").text


def test_token_of_another_session_is_refused(app):
    rita, max_ = Browser(app, "rita"), Browser(app, "max")
    rita.token = max_.token
    assert rita.post("/language", {"language": "pl"}).status_code == 403


def test_token_in_the_header_is_enough(app):
    browser = Browser(app, "rita")
    headers = {"X-CSRF-Token": browser.token}
    response = browser.client.post("/language", data={"language": "pl"}, headers=headers)
    assert response.status_code == 303
    assert "Twoje konto" in browser.get("/account").text


def test_session_cookie_is_kept_from_scripts_and_other_sites(app):
    browser = Browser(app)
    browser.get("/sign-in")
    response = browser.post("/sign-in", {"username": "rita", "password": PASSWORD})
    cookie = response.headers["set-cookie"].lower()
    assert cookie.startswith("convqa_session=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_session_cookie_is_secure_over_https(app):
    browser = Browser(app, base_url="https://desk.example")
    browser.get("/sign-in")
    response = browser.post("/sign-in", {"username": "rita", "password": PASSWORD})
    assert "; secure" in response.headers["set-cookie"].lower()


def test_signing_out_ends_the_session_on_the_server(app):
    browser = Browser(app, "rita")
    session = browser.client.cookies["convqa_session"]
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    browser.client.cookies.set("convqa_session", session)
    assert browser.get("/account").status_code == 303


def test_wrong_name_and_wrong_password_look_the_same(app):
    answers = []
    for username, password in (("rita", "wrong"), ("nobody", "wrong")):
        browser = Browser(app)
        response = browser.sign_in(username, password)
        assert response.status_code == 401
        answers.append(re.sub(rf'{username}|value="[0-9a-f]{{64}}"', "", response.text))
    assert answers[0] == answers[1]


def test_attempts_to_sign_in_are_limited(app):
    browser = Browser(app)
    for _ in range(5):
        assert browser.sign_in("rita", "wrong").status_code == 401
    assert browser.sign_in("rita").status_code == 401
    assert Browser(app).sign_in("max").status_code == 303


def test_signing_in_leads_back_to_what_was_asked_for(app):
    browser = Browser(app)
    response = browser.get("/queue?tab=all&q=a%26b")
    assert response.headers["location"] == "/sign-in?next=%2Fqueue%3Ftab%3Dall%26q%3Da%2526b"
    html = browser.get(response.headers["location"]).text
    browser.token = token_in(html)
    wanted = re.search(r'name="next" value="([^"]*)"', html)[1].replace("&amp;", "&")
    response = browser.post("/sign-in", {"username": "rita", "password": PASSWORD, "next": wanted})
    assert response.headers["location"] == "/queue?tab=all&q=a%26b"


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/queue?tab=all", "/queue?tab=all"),
        ("", "/"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("//[", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("queue", "/"),
    ],
)
def test_only_paths_of_the_desk_are_led_to(wanted, path):
    assert local_path(wanted) == path


def test_foreign_and_missing_conversations_look_the_same(app):
    browser = Browser(app, "rita")
    foreign, missing = f"/conversations/{key_of(app, 'foreign')}", "/conversations/99999"
    pages = [browser.get(path) for path in (foreign, missing)]
    assert [page.status_code for page in pages] == [404, 404]
    assert pages[0].text == pages[1].text
    for path in (foreign, missing):
        for action in ("review", "score", "critical", "notes", "assign", "withdraw"):
            assert browser.post(f"{path}/{action}").status_code == 404, action


def test_nobody_decides_on_a_critical_error_that_changed_since_it_was_shown(app):
    path = f"/conversations/{key_of(app, 'secret')}"
    rita, rolf = Browser(app, "rita"), Browser(app, "rolf")
    seen = [
        re.search(r'name="seen" value="([^"]*)"', browser.get(path).text)[1]
        for browser in (rita, rolf)
    ]
    assert seen == ["insult", "insult"]
    confirmed = rita.post(f"{path}/critical", {"decision": "confirm", "seen": seen[0]})
    assert confirmed.status_code == 303
    lifted = rolf.post(f"{path}/critical", {"decision": "lift", "seen": seen[1]})
    assert lifted.status_code == 409
    assert "Confirmed by Rita" in rolf.get(path).text
    again = re.search(r'name="seen" value="([^"]*)"', rolf.get(path).text)[1]
    assert rolf.post(f"{path}/critical", {"decision": "lift", "seen": again}).status_code == 303


@pytest.mark.parametrize("path", ["/conversations/x", "/conversations/99999999999999999999"])
def test_an_address_that_cannot_be_is_not_found(app, path):
    assert Browser(app, "root").get(path).status_code == 404


def test_a_page_that_is_no_number_is_the_first(app):
    ada = Browser(app, "ada")
    ada.get("/notice")
    ada.post("/notice")
    for page in ("9" * 5000, "0", "x"):
        assert ada.get(f"/results?page={page}").status_code == 200


def test_a_fault_shows_a_page_without_its_cause(app):
    broken = create_app(app.state.desk.database, SECRET)

    def fails():
        raise RuntimeError("secret words of a customer")

    broken.add_api_route("/broken", fails)
    browser = Browser(broken, raise_server_exceptions=False)
    response = browser.get("/broken")
    assert response.status_code == 500
    assert "Something went wrong" in response.text
    assert "secret words" not in response.text
    assert response.headers["x-frame-options"] == "DENY"


def test_a_database_that_does_not_answer_shows_a_page(tmp_path):
    with open_desk(tmp_path) as app:
        browser = Browser(app, "rita")
        with app.state.desk.database.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE web_sessions RENAME TO gone")
        response = browser.get("/queue")
    assert response.status_code == 503
    assert "cannot reach its database" in response.text


def test_a_form_that_is_too_large_is_refused(app):
    browser = Browser(app, "rita")
    response = browser.post("/language", {"language": "x" * 1_100_000})
    assert response.status_code == 413


def test_another_password_ends_all_other_sessions(app):
    here, there = Browser(app, "rita"), Browser(app, "rita")
    new = "another good password"
    wrong = {"old": "wrong", "new": new, "again": new}
    assert "present password is wrong" in here.post("/account/password", wrong).text
    short = {"old": PASSWORD, "new": "short", "again": "short"}
    assert "at least 12 characters" in here.post("/account/password", short).text
    differs = {"old": PASSWORD, "new": new, "again": new + "x"}
    assert "differ" in here.post("/account/password", differs).text
    right = {"old": PASSWORD, "new": new, "again": new}
    assert here.post("/account/password", right).status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303
    assert Browser(app).sign_in("rita", new).status_code == 303
