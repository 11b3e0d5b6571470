import pytest

from convqa.config import shipped_configs
from convqa.standard import begin_standard, lint_standard, load_standard

DEFAULT = load_standard(shipped_configs() / "standards" / "default.yaml")
WEIGHTS = {c.id: c.weight.default for c in DEFAULT.criteria if DEFAULT.weighs(c)}


def begun(tmp_path, **answers):
    answers = {"name": "dentist", "languages": ["nb"], "weights": WEIGHTS} | answers
    path = tmp_path / "dentist.yaml"
    path.write_text(begin_standard(DEFAULT, **answers), encoding="utf-8")
    return load_standard(path)


def test_unchanged_answers_keep_every_criterion(tmp_path):
    standard = begun(tmp_path)
    assert (standard.name, standard.languages) == ("dentist", ("nb",))
    assert [c.id for c in standard.criteria] == [c.id for c in DEFAULT.criteria]
    assert [c.model_copy(update={"texts": {}}) for c in standard.criteria] == [
        c.model_copy(update={"texts": {}}) for c in DEFAULT.criteria
    ]


def test_weight_0_leaves_a_criterion_out_and_another_weight_is_kept(tmp_path):
    standard = begun(tmp_path, weights={**WEIGHTS, "hold": 0, "empathy": 30})
    weights = {c.id: c.weight.default for c in standard.criteria}
    assert "hold" not in weights
    assert weights["empathy"] == 30


def test_texts_are_kept_in_the_languages_covered(tmp_path):
    standard = begun(tmp_path, languages=["sv", "pl"])
    assert {language for c in standard.criteria for language in c.texts} == {"sv", "pl"}


@pytest.mark.parametrize("languages", [["nb"], ["en", "ro"]])
def test_own_phrases_become_criteria_without_a_lint_error(tmp_path, languages):
    standard = begun(
        tmp_path, languages=languages, never_say=["rolig nå"], say_first=["velkommen til"]
    )
    assert [c.id for c in standard.criteria][-2:] == ["never_say", "say_first"]
    assert [i for i in lint_standard(standard) if i.level == "error"] == []
    assert [x.language for x in standard.phrase_lists if x.id == "never_say"] == languages
