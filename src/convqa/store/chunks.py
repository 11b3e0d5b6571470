"""One chunk of a run into the tables of the review desk, in a few statements of many rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Case, ColumnElement, Connection, Table, case, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from convqa.schema import CriterionResult, Evaluation, Turn
from convqa.standard import Standard
from convqa.store.audit import now
from convqa.store.desk_settings import settings_of
from convqa.store.final import refresh_final, risk
from convqa.store.search import fold_all
from convqa.store.stored import canonical_json, evidence_json, moment, turns_json
from convqa.store.tables import (
    FACETS,
    conversation_flags,
    conversations,
    criterion_results,
    erased_conversations,
    facets,
    results,
    search_texts,
    transcripts,
)
from convqa.values import read_number, read_yes


@dataclass(frozen=True, slots=True)
class Loading:
    """The run that is being loaded, by its keys in the database, and its standard."""

    run_id: int
    standard_id: int
    standard: Standard


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows of a conversation before the chunk is loaded."""

    id: int
    conversation_id: str
    run_id: int
    state: str
    result_at: datetime
    score: float | None
    status: str


def load_chunk(
    connection: Connection, loading: Loading, evaluations: Sequence[Evaluation],
    turns: Mapping[str, tuple[Turn, ...]],
) -> set[str]:  # fmt: skip
    """Load a chunk and return the ids of those conversations of it that are in the database."""
    ids = [evaluation.conversation_id for evaluation in evaluations]
    kept_out = _kept_out(connection, evaluations)
    kept = list({e.conversation_id: e for e in evaluations if e.conversation_id not in kept_out}
                .values())  # fmt: skip
    known = _known(connection, ids)
    # A reload of an older run does not put its results over those of a newer one.
    current = [
        e for e in kept
        if e.conversation_id not in known or known[e.conversation_id].run_id <= loading.run_id
    ]  # fmt: skip
    keys = {name: row.id for name, row in known.items()}
    keys |= _put_conversations(connection, loading, current, known, turns)
    _put_results(connection, loading, kept, keys)
    _put_parts(connection, current, keys, turns)
    _put_facets(connection, current)
    for evaluation in current:
        row = known.get(evaluation.conversation_id)
        if row is not None and row.state != "machine":
            refresh_final(connection, row.id, loading.standard)
    return {evaluation.conversation_id for evaluation in kept}


def _put_conversations(
    connection: Connection, loading: Loading, evaluations: Sequence[Evaluation],
    known: Mapping[str, _Known], turns: Mapping[str, tuple[Turn, ...]],
) -> dict[str, int]:  # fmt: skip
    """Insert or update the rows of conversations and return their keys by conversation id."""
    if not evaluations:
        return {}
    at = now()
    rows = [
        _conversation_row(e, loading, turns.get(e.conversation_id, ()))
        | _final_row(e)
        | {"first_loaded_at": at, "result_at": at}
        for e in evaluations
    ]
    for row, evaluation in zip(rows, evaluations, strict=True):
        before = known.get(evaluation.conversation_id)
        if before is not None and (before.score, before.status) == (
            evaluation.score, evaluation.status,
        ):  # fmt: skip
            row["result_at"] = before.result_at
    statement = _insert(connection, conversations)
    machine = statement.excluded
    finals = set(_final_row(evaluations[0])) | {"result_at"}
    kept_names = {"id", "conversation_id", "first_loaded_at", "n_reviews", "n_stale", "state"}
    # What people have changed is worked out again after this, not overwritten.
    changed = {
        c.name: _unless_reviewed(c.name, machine[c.name]) if c.name in finals else machine[c.name]
        for c in conversations.c
        if c.name not in kept_names
    }
    upsert = statement.on_conflict_do_update(index_elements=["conversation_id"], set_=changed)
    connection.execute(upsert, rows)
    ids = [e.conversation_id for e in evaluations]
    found = connection.execute(
        select(conversations.c.conversation_id, conversations.c.id).where(
            conversations.c.conversation_id.in_(ids)
        )
    )
    return {row.conversation_id: row.id for row in found}


def _known(connection: Connection, ids: Sequence[str]) -> dict[str, _Known]:
    columns = [conversations.c[name] for name in _Known.__slots__]
    found = connection.execute(select(*columns).where(conversations.c.conversation_id.in_(ids)))
    return {row.conversation_id: _Known(*row) for row in found}


def _unless_reviewed(name: str, value: ColumnElement[object]) -> Case[object]:
    return case((conversations.c.state == "machine", value), else_=conversations.c[name])


def _conversation_row(
    evaluation: Evaluation, loading: Loading, turns: Sequence[Turn]
) -> dict[str, object]:
    metadata = evaluation.metadata
    resolution = evaluation.resolution
    return {
        "conversation_id": evaluation.conversation_id,
        "run_id": loading.run_id,
        "language": evaluation.language,
        "channel": evaluation.channel,
        "agent_id": evaluation.agent_id,
        "team": evaluation.team,
        "queue": evaluation.queue,
        "started_at": evaluation.started_at,
        "started": moment(evaluation.started_at),
        "csat": read_number(metadata.get("csat")),
        "is_recontact": read_yes(metadata.get("recontact")),
        "is_mystery_shop": bool(read_yes(metadata.get("mystery_shop"))),
        "metadata_json": canonical_json(metadata),
        "n_turns": len(turns),
        "standard_id": loading.standard_id,
        "model_name": evaluation.model.name,
        "model_version": evaluation.model.version,
        "model_sha256": evaluation.model.sha256,
        "status": evaluation.status,
        "skip_reason": evaluation.skip_reason,
        "score": evaluation.score,
        "raw_score": evaluation.raw_score,
        "band": evaluation.band,
        "is_flagged": evaluation.flag,
        "flags": list(evaluation.flags),
        "critical": list(evaluation.critical),
        "resolution_label": resolution.label if resolution else None,
        "resolution_probability": resolution.probability if resolution else None,
        "ending": evaluation.ending,
        "coverage": evaluation.coverage,
        "confidence": _confidence(evaluation.criteria),
        "state": "machine",
        "n_reviews": 0,
        "n_stale": 0,
    }


def _final_row(evaluation: Evaluation) -> dict[str, object]:
    """Return the final columns of a conversation that no person has touched."""
    confidence = _confidence(evaluation.criteria)
    return {
        "final_status": evaluation.status,
        "final_score": evaluation.score,
        "final_raw_score": evaluation.raw_score,
        "final_band": evaluation.band,
        "final_flags": list(evaluation.flags),
        "final_critical": list(evaluation.critical),
        "risk": risk(evaluation.score, evaluation.critical, confidence),
    }


def _confidence(criteria: Sequence[CriterionResult]) -> float | None:
    decided = [c for c in criteria if c.outcome not in ("na", "undetermined")]
    lost = [c for c in decided if c.outcome != "pass"]
    return min((c.confidence for c in lost or decided), default=None)


def _kept_out(connection: Connection, evaluations: Sequence[Evaluation]) -> set[str]:
    """Return the ids that were erased by hand or are older than what is kept."""
    ids = [evaluation.conversation_id for evaluation in evaluations]
    erased = select(erased_conversations.c.conversation_id).where(
        erased_conversations.c.conversation_id.in_(ids)
    )
    kept_out = set(connection.execute(erased).scalars())
    days = settings_of(connection).retention_days
    if days is not None:
        cutoff = now() - timedelta(days=days)
        for evaluation in evaluations:
            started = moment(evaluation.started_at)
            if started is not None and started < cutoff:
                kept_out.add(evaluation.conversation_id)
    return kept_out


def _put_facets(connection: Connection, evaluations: Sequence[Evaluation]) -> None:
    found = {
        (evaluation.team or "", name, value)
        for evaluation in evaluations
        for name in FACETS
        if (value := getattr(evaluation, name)) is not None
    }
    if found:
        rows = [{"team": team, "name": name, "value": value} for team, name, value in found]
        statement = _insert(connection, facets).on_conflict_do_nothing()
        connection.execute(statement, rows)


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an insert that can say what happens where the row is there already."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def _put_results(
    connection: Connection, loading: Loading, evaluations: Sequence[Evaluation],
    keys: Mapping[str, int],
) -> None:  # fmt: skip
    if not evaluations:
        return
    mine = [keys[e.conversation_id] for e in evaluations]
    connection.execute(
        delete(results).where(results.c.run_id == loading.run_id, results.c.conversation.in_(mine))
    )
    rows = [
        {
            "conversation": keys[e.conversation_id], "run_id": loading.run_id, "status": e.status,
            "score": e.score, "raw_score": e.raw_score, "band": e.band,
        }
        for e in evaluations
    ]  # fmt: skip
    connection.execute(insert(results), rows)


def _put_parts(
    connection: Connection, evaluations: Sequence[Evaluation], keys: Mapping[str, int],
    turns: Mapping[str, tuple[Turn, ...]],
) -> None:  # fmt: skip
    """Replace criteria, flags and, where it is another one, the transcript."""
    mine = [keys[e.conversation_id] for e in evaluations]
    for table in (criterion_results, conversation_flags):
        connection.execute(delete(table).where(table.c.conversation.in_(mine)))
    criteria = [
        _criterion_row(keys[e.conversation_id], position, c)
        for e in evaluations
        for position, c in enumerate(e.criteria)
    ]
    flags = [{"conversation": keys[e.conversation_id], "flag": f}
             for e in evaluations for f in e.flags]  # fmt: skip
    for table, rows in ((criterion_results, criteria), (conversation_flags, flags)):
        if rows:
            connection.execute(insert(table), rows)
    _put_transcripts(connection, {keys[e.conversation_id]: e for e in evaluations}, turns)


def _criterion_row(key: int, position: int, result: CriterionResult) -> dict[str, object]:
    return {
        "conversation": key,
        "criterion_id": result.id,
        "position": position,
        "outcome": result.outcome,
        "points": result.points,
        "max_points": result.max_points,
        "weight": result.weight,
        "confidence": result.confidence,
        "reason": result.reason,
        "evidence_json": evidence_json(result.evidence),
        "agent_id": result.agent_id,
    }


def _put_transcripts(
    connection: Connection, evaluations: Mapping[int, Evaluation],
    turns: Mapping[str, tuple[Turn, ...]],
) -> None:  # fmt: skip
    """Store and index the transcripts that are new or changed: a rescore changes none."""
    stored = select(transcripts.c.conversation, transcripts.c.turns_json).where(
        transcripts.c.conversation.in_(list(evaluations))
    )
    before = {row.conversation: row.turns_json for row in connection.execute(stored)}
    rows, texts = [], []
    for key, evaluation in evaluations.items():
        spoken = turns.get(evaluation.conversation_id, ())
        written = turns_json(spoken)
        if before.get(key) != written:
            rows.append({"conversation": key, "turns_json": written})
            folded = fold_all([evaluation.conversation_id, *(turn.text for turn in spoken)])
            texts.append({"rowid": key, "folded": folded})
    changed = [row["conversation"] for row in rows]
    if not changed:
        return
    connection.execute(delete(transcripts).where(transcripts.c.conversation.in_(changed)))
    connection.execute(delete(search_texts).where(search_texts.c.rowid.in_(changed)))
    connection.execute(insert(transcripts), rows)
    connection.execute(insert(search_texts), texts)
