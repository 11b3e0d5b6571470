"""Run directories made by hand, and a desk with people, for tests of the database."""

import dataclasses

from argon2 import PasswordHasher

from convqa.schema import (
    Conversation,
    CriterionResult,
    Evidence,
    SegmentedConversation,
    Source,
    Turn,
    Version,
)
from convqa.scoring import skip_conversation, with_outcomes
from convqa.standard import Standard
from convqa.store import users
from convqa.store.manifest import InputRecord, VersionRecord, count_parts, write_manifest
from convqa.store.parts import Chunk, StoredConversation, write_chunk
from convqa.store.standard import write_standard
from convqa.store.users import NewUser, add_user, find_viewer
from stored_results import manifest

# What a hash costs is meant for those who guess; tests make hundreds.
users._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
users._NOBODY = users._hasher.hash("")

PASSWORD = "correct horse battery"
MODEL = Version("model", "1", "0" * 64)
AGENT_SAYS = "Hello, this is Ann. Calm down, it is not that bad."
CUSTOMER_SAYS = "I have waited for three weeks now and nobody answers me."


def standard(version="1.0", **weights):
    def label(name, find, **more):
        return {"id": name, "kind": "label", "find": find, "weight": weights.get(name, 10), **more}

    flag = {"severity": "flag", "flag": "dismissive", "expect": "absent"}
    alert = {"severity": "critical", "flag": "insult", "expect": "absent", "weight": 0}
    return Standard.model_validate(
        {
            "name": "small",
            "version": version,
            "languages": ["en", "nb", "da", "sv", "pl", "ro"],
            "sections": [
                {
                    "id": "all",
                    "criteria": [
                        label("greeting", {"act": "greeting"}),
                        label("kind", {"empathy": "dismissive"}, **flag),
                        label("insult", {"forbidden": "profanity"}) | alert,
                        {"id": "both", "kind": "all", "of": ["greeting", "kind"], "weight": 20},
                    ],
                }
            ],
        }
    )


def result(name, outcome, weight, agent_id, evidence=(), confidence=0.9):
    counts = outcome not in ("na", "undetermined")
    earned = weight if outcome == "pass" else 0.0
    return CriterionResult(
        name, outcome, float(earned), float(weight), float(weight if counts else 0), confidence,
        "No.", evidence, agent_id,
    )  # fmt: skip


def talk(
    name="c1", *, used=None, texts=(AGENT_SAYS, CUSTOMER_SAYS), greeting="pass", kind="fail",
    insult="pass", words=(20, 29), language="en", team="blue", agent_id="a1",
    started_at="2026-11-01T10:00:00+01:00", metadata=None, is_skipped=False,
    charged=None,
):  # fmt: skip
    """A stored conversation; `words` are the characters of the evidence of `kind`."""
    used, charged = used or standard(), charged or agent_id
    turns = tuple(Turn("agent" if i % 2 == 0 else "customer", text) for i, text in enumerate(texts))
    segmented = SegmentedConversation(
        Conversation(
            name, turns, Source("x.jsonl", "native", 0), language, "chat", started_at, agent_id,
            team, None, metadata or {},
        ),
        (), language, 1.0,
    )  # fmt: skip
    blank = skip_conversation(segmented, "words 6, needed 10", used, MODEL)
    if is_skipped:
        return StoredConversation(segmented, (), blank)
    found = (Evidence(0, *words, texts[0][slice(*words)], "model"),) if kind == "fail" else ()
    both = "pass" if greeting == kind == "pass" else "fail"
    results = (
        result("greeting", greeting, 10, charged),
        result("kind", kind, 10, charged, found),
        result("insult", insult, 0, charged, confidence=0.99),
        result("both", both, 20, charged),
    )
    evaluation = with_outcomes(dataclasses.replace(blank, skip_reason=None), results, used)
    return StoredConversation(segmented, (), evaluation)


def write_run(run, talks, *, used=None, inputs="f.jsonl", erased=0):
    """Write a finished run directory with chunks of two conversations."""
    used = used or standard()
    version = VersionRecord(**dataclasses.asdict(used.version_info))
    for index in range(0, len(talks), 2):
        write_chunk(run, index // 2, Chunk(tuple(talks[index : index + 2]), ()))
    write_standard(run, used)
    write_manifest(
        run,
        manifest(
            standard=version,
            inputs=[InputRecord(path=inputs, sha256="00", size=10)],
            counts=count_parts(run, erased=erased),
        ),
    )
    return run


def add_people(database):
    """Add one person of each role and return their viewers by username."""
    people = (
        NewUser("ada", "Ada Agent", "agent", agent_ids=frozenset({"a1"})),
        NewUser("rita", "Rita Reviewer", "reviewer", teams=frozenset({"blue"})),
        NewUser("rolf", "Rolf Reviewer", "reviewer", teams=frozenset({"blue"})),
        NewUser("rex", "Rex Red", "reviewer", teams=frozenset({"red"})),
        NewUser("max", "Max Manager", "manager", teams=frozenset({"blue"})),
        NewUser("root", "Root Admin", "admin"),
    )
    for person in people:
        add_user(database, "command line", person, PASSWORD)
    return {person.username: find_viewer(database, person.username) for person in people}
