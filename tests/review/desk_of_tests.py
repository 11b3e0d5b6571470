"""A desk for tests: runs made by hand, one account of each role, and a client that signs in."""

import re
import threading
import time
from contextlib import contextmanager

import uvicorn
from fastapi.testclient import TestClient

from convqa.review.app import create_app
from convqa.store.database import open_database
from convqa.store.loading import load_run
from store.desk_runs import PASSWORD, add_people, talk, write_run

SECRET = b"s" * 32
ATTACK = "</bdi></script><script>window.hit=1</script><img src=x onerror='window.hit=1'>"
BY_ROLE = {"agent": "ada", "reviewer": "rita", "manager": "max", "admin": "root"}

# The places of the words that decided: «Calm down, it is not that bad.»
TALKS = (
    talk("calm"),
    talk("secret", insult="fail", words=(20, 30)),
    talk("good", kind="pass"),
    talk("foreign", team="red"),
    talk(
        "odd", kind="pass", texts=("Pay \u202e0001\u202c now, 👍 my dear friend.", "What is that?")
    ),
    talk("attack", kind="pass", texts=(ATTACK, ATTACK), agent_id=ATTACK),
    talk("short", is_skipped=True),
)


@contextmanager
def open_desk(folder, talks=TALKS, name="run"):
    """Yield the application over a database with people and one run."""
    database = open_database(str(folder / "review.db"))
    add_people(database)
    if talks:
        load_run(database, write_run(folder / name, list(talks)))
    yield create_app(database, SECRET)
    database.close()


def key_of(app, conversation_id):
    """Return the key of a conversation, as an administrator finds it."""
    html = Browser(app, "root").get("/queue?tab=all").text
    rows = re.findall(r'href="/conversations/(\d+).*?<bdi class="id">(.*?)</bdi>', html, re.S)
    return {name: int(key) for key, name in rows}[conversation_id]


@contextmanager
def serving(app):
    """Yield the address of an application that is really served."""
    config = uvicorn.Config(app, port=0, log_level="error", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def token_in(html):
    return re.search(r'name="csrf" value="([0-9a-f]+)"', html)[1]


class Browser:
    """A client without scripts that keeps cookies and sends the token of the last page."""

    def __init__(self, app, username=None, **options):
        self.client = TestClient(app, follow_redirects=False, **options)
        self.token = ""
        if username is not None:
            assert self.sign_in(username).status_code == 303

    def get(self, path, **options):
        response = self.client.get(path, **options)
        if 'name="csrf"' in response.text:
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
