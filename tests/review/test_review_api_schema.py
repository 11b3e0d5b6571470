"""Whatever the OpenAPI document allows never breaks the server."""

import pytest
import schemathesis
from desk_of_tests import SECRET
from hypothesis import HealthCheck, Phase, given, settings

from convqa.review.api.app import PREFIX
from convqa.review.app import create_app
from convqa.store.api_tokens import make_token
from convqa.store.loading import load_run
from convqa.store.notes import accept_notice
from store.desk_runs import add_people, talk, write_run

# So many requests to each operation, as each of three roles, take up to half a minute.
BOUNDED = settings(
    max_examples=10, derandomize=True, deadline=None, database=None,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture
def desk(database, tmp_path):
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", [talk("c1"), talk("c2", kind="pass")]))
    accept_notice(database, people["ada"])
    tokens = [
        make_token(database, people[name], "test", days=1, is_writing=True)
        for name in ("ada", "rita", "root")
    ]
    return create_app(database, SECRET), tokens


@pytest.mark.slow
def test_no_request_breaks_the_server(desk):
    app, tokens = desk
    schema = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", app)
    seen = set()

    def check(operation):
        @BOUNDED
        @given(case=operation.as_strategy())
        def answers(case):
            for token in tokens:
                response = case.call(headers={"Authorization": f"Bearer {token}"})
                assert response.status_code < 500, operation.label
                assert response.status_code != 401, operation.label
                seen.add((operation.label, response.status_code))

        answers()

    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 12
    for operation in operations:
        check(operation)
    succeeded = {label for label, status in seen if status < 300}
    assert {"GET /results", "GET /corrections", "GET /appeals", "GET /labels"} <= succeeded
