"""Random samples to review beside the flagged: only they show the machine's true error rate."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import func, insert, select

from convqa.errors import ReviewError
from convqa.store.audit import Detail, now, record
from convqa.store.database import Database
from convqa.store.filters import Filters, matching
from convqa.store.tables import conversations, sample_conversations, samples, users
from convqa.store.viewers import Viewer, require, visible


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample that was drawn; `n_reviewed` of its `n_drawn` have a review that the viewer sees."""

    id: int
    name: str
    seed: int
    n_population: int
    n_drawn: int
    n_reviewed: int
    drawn_by: str
    drawn_at: datetime


def draw_sample(
    database: Database, viewer: Viewer, name: str, filters: Filters, *, size: int, seed: int
) -> int:
    """Draw scored conversations at random, each as likely as any other; return the sample's key.

    The same conversations, filters, size and seed give the same sample. Whether a conversation is
    flagged plays no part, unless the filters say so.

    Raises:
        ReviewError: Nothing matches, size or name are wrong, or the viewer may not.
    """
    require(viewer, "manager", "admin")
    if size < 1 or not name.strip() or seed < 0:
        raise ReviewError(
            "a sample needs a name, a size of 1 or more and a seed of 0 or more", "sample_form"
        )
    population = (
        select(conversations.c.id)
        .where(*matching(viewer, filters), conversations.c.status != "skipped")
        .order_by(conversations.c.conversation_id)
    )
    with database.writing() as connection:
        keys = connection.execute(population).scalars().all()
        if not keys:
            raise ReviewError(
                "no scored conversation matches, so there is nothing to draw from", "sample_empty"
            )
        drawn = np.random.default_rng(seed).permutation(len(keys))[:size]
        sample_id: int = connection.execute(
            insert(samples)
            .values(
                name=name.strip(), seed=seed, n_population=len(keys), drawn_by=viewer.user_id,
                drawn_at=now(),
            )
            .returning(samples.c.id)
        ).scalar_one()  # fmt: skip
        connection.execute(
            insert(sample_conversations),
            [
                {"sample_id": sample_id, "conversation": keys[index], "position": position}
                for position, index in enumerate(drawn.tolist())
            ],
        )
        told: Detail = {
            "name": name.strip(),
            "seed": seed,
            "n_population": len(keys),
            "n": len(drawn),
        }
        record(connection, viewer.username, "sample.draw", str(sample_id), told)
        return sample_id


def list_samples(database: Database, viewer: Viewer) -> tuple[Sample, ...]:
    """Return the samples that hold conversations the viewer may open, the latest first."""
    query = (
        select(
            samples.c.id, samples.c.name, samples.c.seed, samples.c.n_population,
            func.count().label("n_drawn"),
            func.count().filter(conversations.c.n_reviews > 0).label("n_reviewed"),
            users.c.name.label("drawn_by"), samples.c.drawn_at,
        )
        .join(sample_conversations, sample_conversations.c.sample_id == samples.c.id)
        .join(conversations, conversations.c.id == sample_conversations.c.conversation)
        .join(users, users.c.id == samples.c.drawn_by)
        .where(visible(viewer))
        .group_by(samples.c.id, users.c.name)
        .order_by(samples.c.id.desc())
    )  # fmt: skip
    with database.reading() as connection:
        return tuple(Sample(*row) for row in connection.execute(query))
