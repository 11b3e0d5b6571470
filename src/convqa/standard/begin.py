"""A standard to begin with, made from the shipped one by a few answers."""

from collections.abc import Mapping, Sequence

import yaml

from convqa.standard.model import Standard

_HEADER = """\
# Begun with `convqa standards new`; everything in it can be changed. Check it with
# `convqa standards lint FILE`, see its effect with `convqa standards diff default FILE --run DIR`.
"""

_FIRST_TURNS = 3


def begin_standard(
    template: Standard,
    *,
    name: str,
    languages: Sequence[str],
    weights: Mapping[str, float],
    never_say: Sequence[str] = (),
    say_first: Sequence[str] = (),
) -> str:
    """Return the YAML of a new standard.

    Args:
        template: The standard to begin from; its criteria and their texts are kept.
        name: Name of the new standard: small letters, digits and `_`.
        languages: Those it covers; texts in others are left out.
        weights: Weight by criterion id; a weighted criterion with weight 0 is left out.
        never_say: Phrases that an agent must not say.
        say_first: Phrases of which an agent must say one within the first three turns.
    """
    sections = [
        {
            "id": section.id,
            "criteria": [
                _criterion(criterion.model_dump(mode="json", exclude_defaults=True), weights)
                | {"kind": criterion.kind}
                for criterion in section.criteria
                if not template.weighs(criterion) or weights[criterion.id] > 0
            ],
        }
        for section in template.sections
    ]
    own = _own_words(never_say, say_first)
    content = {
        "name": name,
        "version": "1.0.0",
        "languages": list(languages),
        "phrase_files": "{language}.yaml",
        "phrase_lists": [
            {"id": purpose, "language": language, "phrases": list(phrases)}
            for purpose, phrases in (("never_say", never_say), ("say_first", say_first))
            for language in languages
            if phrases
        ],
        "sections": [s for s in sections if s["criteria"]] + own,
    }
    filled = {key: value for key, value in content.items() if value}
    spoken = _in_languages(filled, set(languages))
    return _HEADER + yaml.safe_dump(spoken, allow_unicode=True, sort_keys=False, width=100)


def _criterion(written: dict[str, object], weights: Mapping[str, float]) -> dict[str, object]:
    weight = weights.get(str(written["id"]))
    return written if weight is None else {**written, "weight": weight}


def _own_words(never_say: Sequence[str], say_first: Sequence[str]) -> list[dict[str, object]]:
    criteria: list[dict[str, object]] = []
    if never_say:
        criteria.append(
            {"id": "never_say", "kind": "label", "weight": 5, "expect": "absent",
             "find": {"phrase": "never_say"}}
        )  # fmt: skip
    if say_first:
        criteria.append(
            {"id": "say_first", "kind": "label", "weight": 5,
             "find": {"phrase": "say_first", "window": {"first_turns": _FIRST_TURNS}}}
        )  # fmt: skip
    return [{"id": "own_words", "criteria": criteria}] if criteria else []


def _in_languages(value: object, languages: set[str]) -> object:
    """Return a value with the texts in other languages left out."""
    if isinstance(value, dict):
        return {
            key: (
                {language: text for language, text in inner.items() if language in languages}
                if key == "texts" and isinstance(inner, dict)
                else _in_languages(inner, languages)
            )
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_in_languages(inner, languages) for inner in value]
    return value
