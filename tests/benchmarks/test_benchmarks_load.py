"""The load is what the benchmarks say it is."""

import itertools
import json
from collections import Counter
from statistics import mean

import pytest
from benchmarks.load import LANGUAGES, conversations, write_files, write_lines

from convqa.encoder import Encoder, load_bundle
from convqa.ingest import IngestOptions, read_conversations
from convqa.redact import redact_conversation
from convqa.registry import find_bundle
from convqa.segment import segment_conversation


def segmented(tmp_path, count, **options):
    write_lines(tmp_path / "load.jsonl", count, **options)
    return [
        segment_conversation(redact_conversation(conversation))
        for conversation in read_conversations(str(tmp_path / "load.jsonl"), IngestOptions())
    ]


def test_a_seed_gives_the_same_load_and_another_seed_another():
    def load(seed):
        return list(conversations(12, seed=seed))

    assert load(1) == load(1)
    assert load(1) != load(2)
    assert list(conversations(5, first=7)) == load(1)[7:]


def test_no_two_sentences_are_equal_and_the_languages_are_even(tmp_path):
    found = segmented(tmp_path, 120)
    assert Counter(s.language for s in found) == dict.fromkeys(LANGUAGES, 20)
    texts = Counter(segment.text for s in found for segment in s.segments)
    # Redaction may make two sentences equal: «My number is [PHONE].»
    repeated = sum(count - 1 for count in texts.values())
    assert repeated < 0.001 * texts.total()


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_stated_share_of_the_agents_sentences_is_repeated(tmp_path, share):
    found = segmented(tmp_path, 360, repetition=share)
    for role, expected in (("agent", share), ("customer", 0.0)):
        texts = Counter(s.text for one in found for s in one.segments if s.role == role)
        again = sum(count for count in texts.values() if count > 1) / texts.total()
        # In 60 conversations of a language some of what is repeated comes once.
        assert expected - 0.15 < again < expected + 0.03


@pytest.mark.model
def test_a_conversation_has_about_20_turns_29_segments_and_423_tokens(tmp_path):
    found = segmented(tmp_path, 120)
    encoder = Encoder(load_bundle(find_bundle("convqa-multilingual")), threads=1)
    texts = [segment.text for s in found for segment in s.segments]
    assert mean(len(s.conversation.turns) for s in found) == pytest.approx(20, abs=2)
    assert len(texts) / len(found) == pytest.approx(29, abs=3)
    assert encoder.count_tokens(texts).sum() / len(found) == pytest.approx(423, abs=40)


def test_one_a_file_holds_the_same_conversations(tmp_path):
    write_files(tmp_path / "files", 7)
    files = sorted((tmp_path / "files").rglob("*.json"))
    found = [json.loads(file.read_text()) for file in files]
    assert found == list(itertools.islice(conversations(7), 7))
