"""A desk for tests: a database in a file, one account of each role, and a client that signs in."""

import re

from fastapi.testclient import TestClient

from convqa.store.users import NewUser, add_user

SECRET = b"s" * 32
PASSWORD = "correct horse battery"

PEOPLE = (
    NewUser("ada", "Ada Agent", "agent", agent_ids=frozenset({"ada"})),
    NewUser("rita", "Rita Reviewer", "reviewer", teams=frozenset({"blue"})),
    NewUser("max", "Max Manager", "manager", teams=frozenset({"blue"})),
    NewUser("root", "Root Admin", "admin", sees_all_teams=True),
)
BY_ROLE = {person.role: person.username for person in PEOPLE}


def add_people(database):
    for person in PEOPLE:
        add_user(database, "command line", person, PASSWORD)


def token_in(html):
    return re.search(r'name="csrf" value="([0-9a-f]+)"', html)[1]


class Browser:
    """A client without scripts that keeps cookies and sends the token of the last page."""

    def __init__(self, app, username=None, **options):
        self.client = TestClient(app, follow_redirects=False, **options)
        self.token = ""
        if username is not None:
            self.sign_in(username)

    def get(self, path, **options):
        response = self.client.get(path, **options)
        if "csrf" in response.text:
            self.token = token_in(response.text)
        return response

    def post(self, path, data=None, **options):
        return self.client.post(path, data={"csrf": self.token, **(data or {})}, **options)

    def sign_in(self, username, password=PASSWORD):
        self.get("/sign-in")
        response = self.post("/sign-in", {"username": username, "password": password})
        if response.status_code == 303:
            self.get("/account")
        return response
