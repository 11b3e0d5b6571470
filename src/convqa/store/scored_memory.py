"""What the detectors found in reviewed conversations, kept so that no run is read for it again."""

from collections.abc import Collection, Mapping
from itertools import islice
from threading import Lock

from sqlalchemy import func, select

from convqa.schema import Finding, SegmentedConversation
from convqa.store.database import Database
from convqa.store.tables import conversations, runs

Scored = tuple[SegmentedConversation, tuple[Finding, ...]]

# Of conversations; one of 36 short sentences takes 19 kB (measured over 400).
_MOST = 5_000

# Names a run as it was loaded: what was erased from it since changes the second half.
RUN_DIGEST = runs.c.plan_sha256 + func.coalesce(runs.c.manifest_sha256, "")


class ScoredMemory:
    """Findings by the digest of their run and the conversation id.

    Runs that were not asked for the longest are forgotten first, and whatever is not in the
    database any more when somebody asks.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._runs: dict[str, dict[str, Scored]] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many conversations are kept."""
        with self._lock:
            return sum(map(len, self._runs.values()))

    def known(self, digest: str) -> dict[str, Scored]:
        """Return what is kept of a run, by conversation id."""
        with self._lock:
            return dict(self._runs.get(digest, {}))

    def keep(self, digest: str, found: Mapping[str, Scored]) -> None:
        """Keep more of a run, as far as it fits."""
        with self._lock:
            kept = {**self._runs.pop(digest, {}), **found}
            self._runs[digest] = dict(islice(kept.items(), self._most))
            while sum(map(len, self._runs.values())) > self._most:
                del self._runs[next(iter(self._runs))]

    def forget_erased(self, database: Database) -> None:
        """Forget conversations that were erased, or scored by another run since."""
        with self._lock:
            digests = list(self._runs)
        present = _present(database, digests)
        with self._lock:
            for digest in digests:
                kept = self._runs.get(digest, {})
                for name in kept.keys() - present.get(digest, set()):
                    del kept[name]


def _present(database: Database, digests: Collection[str]) -> dict[str, set[str]]:
    query = (
        select(RUN_DIGEST, conversations.c.conversation_id)
        .join(runs, runs.c.id == conversations.c.run_id)
        .where(RUN_DIGEST.in_(digests), conversations.c.n_reviews > 0)
    )
    found: dict[str, set[str]] = {}
    with database.reading() as connection:
        for digest, name in connection.execute(query):
            found.setdefault(digest, set()).add(name)
    return found
