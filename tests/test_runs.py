import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa.runs import Run, is_same_speaker, speaker_runs
from convqa.schema import Turn


def turns(roles):
    names = {"a": "agent", "c": "customer", "o": "other", "u": "unknown"}
    return tuple(Turn(names[letter], "text") for letter in roles)


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ("", ()),
        ("oo", ()),
        ("aac", (Run("agent", (0, 1)), Run("customer", (2,)))),
        ("caac", (Run("customer", (0,)), Run("agent", (1, 2)), Run("customer", (3,)))),
        ("aoac", (Run("agent", (0, 2)), Run("customer", (3,)))),
        ("uu", (Run("unknown", (0,)), Run("unknown", (1,)))),
    ],
)
def test_runs_join_turns_of_one_speaker_over_other_turns(roles, expected):
    assert speaker_runs(turns(roles)) == expected


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (Turn("agent", "a"), Turn("agent", "b"), True),
        (Turn("agent", "a"), Turn("customer", "b"), False),
        (Turn("agent", "a", speaker_id="1"), Turn("agent", "b", speaker_id="1"), True),
        (Turn("agent", "a", speaker_id="1"), Turn("agent", "b", speaker_id="2"), False),
        (Turn("agent", "a", agent_id="1"), Turn("agent", "b", agent_id="2"), False),
        (Turn("agent", "a", speaker_id="1"), Turn("agent", "b"), True),
        (Turn("unknown", "a", speaker_id="1"), Turn("unknown", "b", speaker_id="1"), True),
        (Turn("unknown", "a", speaker_id="1"), Turn("unknown", "b", speaker_id="2"), False),
        (Turn("unknown", "a", speaker_id="1"), Turn("unknown", "b"), False),
        (Turn("unknown", "a"), Turn("unknown", "b"), False),
    ],
)
def test_speakers_are_told_apart_by_role_and_ids(first, second, same):
    assert is_same_speaker(first, second) is same


@given(st.text("acou", max_size=12))
def test_every_turn_of_a_speaker_is_in_exactly_one_run(roles):
    read = turns(roles)
    numbers = [number for run in speaker_runs(read) for number in run.turns]
    assert sorted(numbers) == [n for n, turn in enumerate(read) if turn.role != "other"]
    assert all(read[n].role == run.role for run in speaker_runs(read) for n in run.turns)
