"""Runs: all that one speaker says before somebody else speaks, over however many turns.

Chats arrive as several messages in a row and recognised speech as several phrases, so «the agent's
first two turns» of a standard, response times and the joining of fragments count runs, not turns.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from convqa.schema import Role, Turn


@dataclass(frozen=True, slots=True)
class Run:
    """The numbers of the turns of one run, in order, and the role of its speaker."""

    role: Role
    turns: tuple[int, ...]


def is_same_speaker(first: Turn, second: Turn) -> bool:
    """Say whether two turns that follow each other have one speaker, as far as the file tells.

    After a transfer two agents may speak in a row: ids that differ part them. An id that is missing
    on one side parts nobody. Of two unknown speakers without ids nothing is known, so they are two.
    """
    if first.role != second.role:
        return False
    for one, other in ((first.speaker_id, second.speaker_id), (first.agent_id, second.agent_id)):
        if one is not None and other is not None and one != other:
            return False
    return first.role != "unknown" or first.speaker_id == second.speaker_id is not None


def speaker_runs(turns: Sequence[Turn]) -> tuple[Run, ...]:
    """Return the runs of agent, customer and unknown speakers in order of their first turn.

    Every turn of these roles is in exactly one run. Turns of `other` (notes, bots, system lines)
    are in none and end none.
    """
    runs: list[list[int]] = []
    for number, turn in enumerate(turns):
        if turn.role == "other":
            continue
        if runs and is_same_speaker(turns[runs[-1][-1]], turn):
            runs[-1].append(number)
        else:
            runs.append([number])
    return tuple(Run(turns[numbers[0]].role, tuple(numbers)) for numbers in runs)
