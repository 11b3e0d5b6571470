"""Reviews: a person confirms or corrects what the machine said of a criterion.

There is one review for each conversation and criterion, with a version. Who saves must have seen
the present version, so that nobody's work is overwritten without being told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, insert, select, update

from convqa.errors import ReviewError
from convqa.schema import CriterionResult, Evidence, Outcome, Span
from convqa.store.audit import now, record
from convqa.store.database import Database
from convqa.store.final import refresh_final, results_of
from convqa.store.stored import (
    evidence_from_json,
    evidence_json,
    machine_digest,
    turns_from_json,
)
from convqa.store.tables import conversations, reviews, transcripts, users
from convqa.store.viewers import Viewer, open_row, require

ReviewState = Literal["confirmed", "corrected", "missing_evidence"]
OUTCOMES: tuple[Outcome, ...] = ("pass", "partial", "fail", "na", "undetermined")
LONGEST_COMMENT = 4_000

# Why a review is refused that was right when its form was opened.
_MEANWHILE = {"saved_meanwhile", "withdrawn_meanwhile"}


@dataclass(frozen=True, slots=True)
class Correction:
    """What a reviewer says of a criterion.

    `confirmed` agrees with the machine in outcome and words; `corrected` has another outcome or
    other words; `missing_evidence` marks words that the machine did not see. `spans` are the right
    words. `seen_version` is that of the review shown to the reviewer, 0 where there was none.
    """

    criterion_id: str
    state: ReviewState
    outcome: Outcome
    spans: tuple[Span, ...] = ()
    comment: str = ""
    seen_version: int = 0


@dataclass(frozen=True, slots=True)
class Review:
    """A saved review; `is_stale` where the machine's outcome or evidence has changed since."""

    criterion_id: str
    version: int
    state: ReviewState
    outcome: Outcome
    evidence: tuple[Evidence, ...]
    comment: str
    machine_outcome: Outcome
    is_stale: bool
    reviewer: str
    saved_at: datetime


def save_review(
    database: Database, viewer: Viewer, key: int, correction: Correction
) -> tuple[Review, float | None]:
    """Save a review and return it with the final score that follows.

    Raises:
        ReviewError: Somebody else has saved it meanwhile, the score is frozen or final, the words
            are not in the transcript, or the viewer may not review it.
    """
    require(viewer, "reviewer", "manager", "admin")
    with database.writing() as connection:
        row = open_row(connection, viewer, key, is_writing=True)
        check_open(row)
        put_review(connection, viewer, row, correction)
        refresh_final(connection, key)
        saved = record_review(connection, viewer, row, correction.criterion_id)
        return saved, final_score_of(connection, key)


def save_reviews(
    database: Database, viewer: Viewer, key: int, corrections: Sequence[Correction]
) -> tuple[Correction, ...]:
    """Save the reviews of one form; return those that were not, as somebody else saved first.

    Raises:
        ReviewError: One of them is refused for another reason, as in `save_review`: none is saved.
    """
    require(viewer, "reviewer", "manager", "admin")
    late = []
    with database.writing() as connection:
        for correction in corrections:
            row = open_row(connection, viewer, key, is_writing=True)
            check_open(row)
            try:
                put_review(connection, viewer, row, correction)
            except ReviewError as error:
                if error.key not in _MEANWHILE:
                    raise
                late.append(correction)
                continue
            refresh_final(connection, key)
            record_review(connection, viewer, row, correction.criterion_id)
    return tuple(late)


def record_review(
    connection: Connection, viewer: Viewer, row: Row[Any], criterion_id: str
) -> Review:
    """Log a review that was written, with the score that follows; `row` is as it was before."""
    saved = reviews_of(connection, row.id)[criterion_id]
    detail = {
        "criterion": criterion_id, "state": saved.state, "outcome": saved.outcome,
        "machine_outcome": saved.machine_outcome, "version": saved.version,
        "score_before": row.final_score, "score_after": final_score_of(connection, row.id),
    }  # fmt: skip
    record(connection, viewer.username, "review.save", row.conversation_id, detail)
    return saved


def withdraw_review(
    database: Database, viewer: Viewer, key: int, criterion_id: str, *, seen_version: int
) -> float | None:
    """Take a review back and return the final score that follows.

    Raises:
        ReviewError: There is none, somebody has changed it meanwhile, or the score is not open.
    """
    require(viewer, "reviewer", "manager", "admin")
    with database.writing() as connection:
        row = open_row(connection, viewer, key, is_writing=True)
        check_open(row)
        before = reviews_of(connection, key).get(criterion_id)
        if before is None:
            raise ReviewError(
                f"{criterion_id}: there is no review to withdraw",
                "no_review",
                criterion=criterion_id,
            )
        _check_version(before, criterion_id, seen_version)
        connection.execute(delete(reviews).where(_of(key, criterion_id)))
        refresh_final(connection, key)
        score = final_score_of(connection, key)
        detail = {
            "criterion": criterion_id, "outcome": before.outcome, "version": before.version,
            "score_before": row.final_score, "score_after": score,
        }  # fmt: skip
        record(connection, viewer.username, "review.withdraw", row.conversation_id, detail)
        return score


def check_open(row: Row[Any]) -> None:
    """Check that people may change the score of a conversation.

    Raises:
        ReviewError: It was not scored, an appeal is open, or an appeal was decided.
    """
    if row.status == "skipped":
        raise ReviewError(
            f"{row.conversation_id}: was not scored, so there is nothing to review", "not_scored"
        )
    if row.state == "frozen":
        raise ReviewError(
            f"{row.conversation_id}: an appeal is open; the score is frozen until it is decided",
            "frozen",
        )
    if row.state == "final":
        raise ReviewError(
            f"{row.conversation_id}: its appeal was decided; the score is final", "final"
        )


def put_review(
    connection: Connection, viewer: Viewer, row: Row[Any], correction: Correction
) -> None:
    """Write a review in a transaction, without working out the score.

    Raises:
        ReviewError: As `save_review`.
    """
    results = {result.id: result for result in results_of(connection, row.id)}
    result = results.get(correction.criterion_id)
    if result is None:
        raise ReviewError(
            f"{correction.criterion_id!r} is no criterion of this conversation's standard",
            "no_criterion", criterion=correction.criterion_id,
        )  # fmt: skip
    before = reviews_of(connection, row.id).get(correction.criterion_id)
    _check_version(before, correction.criterion_id, correction.seen_version)
    evidence = _evidence(connection, row.id, correction.spans)
    _check(correction, result)
    values: dict[str, object] = {
        "version": correction.seen_version + 1,
        "state": correction.state,
        "outcome": correction.outcome,
        "evidence_json": evidence_json(evidence),
        "comment": checked_comment(correction.comment),
        "machine_outcome": result.outcome,
        "machine_sha256": machine_digest(result),
        "is_stale": False,
        "reviewer_id": viewer.user_id,
        "saved_at": now(),
    }
    if before is None:
        values |= {"conversation": row.id, "criterion_id": correction.criterion_id}
        connection.execute(insert(reviews).values(values))
    else:
        connection.execute(
            update(reviews).where(_of(row.id, correction.criterion_id)).values(values)
        )


def _of(key: int, criterion_id: str) -> Any:  # noqa: ANN401 - a condition, whose type says nothing
    return (reviews.c.conversation == key) & (reviews.c.criterion_id == criterion_id)


def _check_version(before: Review | None, criterion_id: str, seen: int) -> None:
    version = before.version if before else 0
    if version == seen:
        return
    if before is None:
        raise ReviewError(
            f"{criterion_id}: the review was withdrawn after you opened it; look, then save again",
            "withdrawn_meanwhile", criterion=criterion_id,
        )  # fmt: skip
    raise ReviewError(
        f"{criterion_id}: {before.reviewer} saved {before.outcome!r} at "
        f"{before.saved_at:%Y-%m-%d %H:%M} UTC, after you opened it; look at it, then save again",
        "saved_meanwhile", criterion=criterion_id, name=before.reviewer, outcome=before.outcome,
        when=before.saved_at,
    )  # fmt: skip


def _check(correction: Correction, result: CriterionResult) -> None:
    name, has_other_outcome = correction.criterion_id, correction.outcome != result.outcome
    if correction.outcome not in OUTCOMES:
        raise ReviewError(
            f"{name}: outcome {correction.outcome!r}; use {', '.join(OUTCOMES)}", "unknown_outcome"
        )
    if correction.state == "confirmed" and (has_other_outcome or correction.spans):
        raise ReviewError(
            f"{name}: to confirm is to keep outcome and words; correct it instead",
            "confirmed_otherwise", criterion=name,
        )  # fmt: skip
    if correction.state == "corrected" and not has_other_outcome and not correction.spans:
        raise ReviewError(
            f"{name}: nothing is corrected; choose another outcome or mark the words",
            "nothing_corrected", criterion=name,
        )  # fmt: skip
    if correction.state == "missing_evidence" and not correction.spans:
        raise ReviewError(
            f"{name}: mark the words that the machine did not see",
            "no_words_marked",
            criterion=name,
        )


def checked_comment(comment: str) -> str:
    """Return a comment without spaces around it, if it is not too long."""
    if len(comment) > LONGEST_COMMENT:
        raise ReviewError(
            f"the comment has {len(comment):,} characters; {LONGEST_COMMENT:,} fit",
            "comment_length", longest=LONGEST_COMMENT,
        )  # fmt: skip
    return comment.strip()


def _evidence(connection: Connection, key: int, spans: Sequence[Span]) -> tuple[Evidence, ...]:
    """Return spans with their words, which are taken from the stored transcript."""
    if not spans:
        return ()
    text = connection.execute(
        select(transcripts.c.turns_json).where(transcripts.c.conversation == key)
    ).scalar_one()
    turns = turns_from_json(text)
    for span in spans:
        if not 0 <= span.turn < len(turns) or not (
            0 <= span.char_start < span.char_end <= len(turns[span.turn].text)
        ):
            raise ReviewError(
                f"turn {span.turn}: the marked words are not in the transcript", "no_such_words"
            )
    return tuple(
        Evidence(
            span.turn, span.char_start, span.char_end,
            turns[span.turn].text[span.char_start : span.char_end], "person",
        )
        for span in dict.fromkeys(spans)
    )  # fmt: skip


def final_score_of(connection: Connection, key: int) -> float | None:
    """Return the score of a conversation that counts now."""
    query = select(conversations.c.final_score).where(conversations.c.id == key)
    score: float | None = connection.execute(query).scalar_one()
    return score


def reviews_of(connection: Connection, key: int) -> Mapping[str, Review]:
    """Return the reviews of a conversation by criterion id."""
    rows = connection.execute(
        select(reviews, users.c.name.label("reviewer"))
        .join(users, users.c.id == reviews.c.reviewer_id)
        .where(reviews.c.conversation == key)
        .order_by(reviews.c.criterion_id)
    )
    return {
        row.criterion_id: Review(
            criterion_id=row.criterion_id,
            version=row.version,
            state=row.state,
            outcome=row.outcome,
            evidence=evidence_from_json(row.evidence_json),
            comment=row.comment,
            machine_outcome=row.machine_outcome,
            is_stale=row.is_stale,
            reviewer=row.reviewer,
            saved_at=row.saved_at,
        )
        for row in rows
    }
