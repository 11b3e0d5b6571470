"""Corrections in the desk → labels → `convqa train heads` → a bundle that has learnt from them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from desk_of_tests import SECRET, Browser

from convqa.review.app import create_app
from convqa.store.browsing import find_conversations
from convqa.store.database import open_database
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.parts import read_evaluations
from convqa.store.reading import read_conversation
from store.desk_runs import add_people

pytestmark = [pytest.mark.model, pytest.mark.slow]

AUTHORED = Path(__file__).parents[2] / "data" / "authored"
LANGUAGES = ("en", "nb", "da", "sv", "pl", "ro")
# Conversations that no shipped head was trained on, thirty of a language: half are reviewed.
EACH = 30
STANDARD = {
    "name": "obliging", "version": "1.0.0", "languages": list(LANGUAGES),
    "sections": [
        {
            "id": "all",
            "criteria": [
                {
                    "id": "refusal", "kind": "label", "weight": 10, "expect": "absent",
                    "find": {"act": "refusal"},
                }
            ],
        }
    ],
}  # fmt: skip


def read_talks():
    talks = []
    for language in LANGUAGES:
        path = AUTHORED / f"{language}.transcripts.2.jsonl"
        talks += [json.loads(line) for line in path.read_text("utf-8").splitlines()[:EACH]]
    return talks


def refusals(talk):
    """The turns in which the writers of a conversation made the agent refuse something."""
    return [
        n
        for n, turn in enumerate(talk["turns"])
        if turn["role"] == "agent" and "refusal" in turn["acts"]
    ]


def convqa(*arguments):
    result = subprocess.run(
        [sys.executable, "-m", "convqa", *map(str, arguments)], capture_output=True, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def right(run, truth):
    """The conversations whose outcome is that of their writers."""
    return {
        evaluation.conversation_id
        for evaluation in read_evaluations(run)
        if evaluation.criteria[0].outcome == truth[evaluation.conversation_id]
    }


def answer_of(talk, found, wanted):
    """What a careful reviewer sends: the outcome that holds, and the words that show it."""
    machine = found.machine.criteria[0]
    sent = {"seen.refusal": machine.outcome, "version.refusal": "0", "verdict.refusal": "agree"}
    told = set(refusals(talk))
    seen = {evidence.turn for evidence in machine.evidence}
    if machine.outcome == wanted and (wanted == "pass" or seen == told):
        return sent
    kept = [f"{e.turn}:{e.char_start}:{e.char_end}" for e in machine.evidence if e.turn in told]
    missed = [f"{n}:0:{len(found.turns[n].text)}" for n in sorted(told - seen)]
    return sent | {
        "verdict.refusal": "correct", "outcome.refusal": wanted,
        "spans.refusal": " ".join([*kept, *missed]),
    }  # fmt: skip


def review(database, people, talks, truth, reviewed):
    """Answer the criterion of conversations in the browser as their writers would."""
    browser = Browser(create_app(database, SECRET), "root")
    by_id = {talk["id"]: talk for talk in talks}
    for row in find_conversations(database, people["root"], Filters(), size=200).rows:
        name = row.conversation_id
        if name not in reviewed:
            continue
        found = read_conversation(database, people["root"], row.key)
        sent = answer_of(by_id[name], found, truth[name])
        response = browser.post(f"/conversations/{row.key}/review", sent)
        assert response.status_code == 303, response.text


def test_corrections_are_learnt_and_nothing_else_gets_worse(tmp_path):
    talks = read_talks()
    truth = {talk["id"]: "fail" if refusals(talk) else "pass" for talk in talks}
    reviewed = {talk["id"] for talk in talks[::2]}
    held_out = set(truth) - reviewed
    inputs, standard = tmp_path / "talks.jsonl", tmp_path / "obliging.yaml"
    inputs.write_text("\n".join(json.dumps(talk) for talk in talks), encoding="utf-8")
    standard.write_text(yaml.safe_dump(STANDARD), encoding="utf-8")
    convqa("score", inputs, "--out", tmp_path / "old", "--standard", standard)

    url = str(tmp_path / "review.db")
    database = open_database(url)
    people = add_people(database)
    load_run(database, tmp_path / "old")
    review(database, people, talks, truth, reviewed)
    database.close()
    convqa("labels", tmp_path / "labels", "--db", url)
    convqa(
        "train", "heads", "--labels", tmp_path / "labels" / "chosen.agent.acts.jsonl",
        "--name", "acts", "--out", tmp_path / "bundle",
    )  # fmt: skip
    convqa(
        "score", inputs, "--out", tmp_path / "new", "--standard", standard, "--model",
        tmp_path / "bundle",
    )  # fmt: skip

    before, after = right(tmp_path / "old", truth), right(tmp_path / "new", truth)
    corrected = reviewed - before
    told = {
        "corrected": len(corrected), "now right": len(corrected & after),
        "reviewed": (len(reviewed & before), len(reviewed & after)),
        "held out": (len(held_out & before), len(held_out & after)),
    }  # fmt: skip
    assert len(corrected) >= 5, told
    # Measured: all. One in ten may hold where sentences of two turns are nearly the same.
    assert len(corrected & after) >= 0.9 * len(corrected), told
    assert reviewed & before <= after, told
    assert len(held_out & after) >= len(held_out & before), told
