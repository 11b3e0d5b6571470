"""Another model tried out on finished runs before it goes live."""

import shutil
from pathlib import Path

import pytest

from convqa.encoder import load_bundle
from convqa.errors import ConfigError
from convqa.preview import diff_models
from convqa.registry import find_bundle
from convqa.standard import Standard
from convqa.store.parts import read_evaluations
from convqa.store.standard import write_standard
from custom_heads import bundle_with_heads
from runs_of_samples import SAMPLES, score

TINY = Path(__file__).parent / "data" / "tiny-bundle"

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "run"
    # A standard that weighs inattention and the form of address, too.
    score(folder, [SAMPLES / "en", SAMPLES / "nb", SAMPLES / "edge"], standard="servqual")
    return folder


def test_same_model_moves_nothing(run):
    shipped = load_bundle(find_bundle("convqa-multilingual"))
    found = diff_models(shipped, shipped, [run], threads=1)
    scored = [e for e in read_evaluations(run) if e.status != "skipped"]
    assert found.n >= len(scored)
    assert (found.n_moved, found.bands, found.largest) == (0, (), ())
    for group in (g for g in found.groups if g.dimension == "language"):
        own = [e.score for e in scored if e.language == group.name and e.score is not None]
        assert group.n == len(own)
        assert group.mean_before == pytest.approx(sum(own) / len(own))


def test_another_model_is_shown_by_language_with_its_largest_changes(run):
    old, new = load_bundle(find_bundle("convqa-multilingual")), load_bundle(TINY)
    found = diff_models(old, new, [run], threads=1)
    assert found.n_moved > 5
    assert len(found.largest) == 10
    assert found.largest[0].after.model == new.version_info
    (english,) = [g for g in found.groups if (g.dimension, g.name) == ("language", "en")]
    assert 0 < english.n_bands <= english.n_moved <= english.n
    assert sum(g.n_bands for g in found.groups if g.dimension == "language") == sum(
        n for old_band, new_band, n in found.bands if old_band and new_band
    )


def test_a_model_that_lacks_a_head_of_the_standard_is_refused(run, tmp_path):
    own, asked = tmp_path / "own", {"head": "refund_explained"}
    criterion = {"id": "refund", "kind": "label", "weight": 5, "find": asked}
    standard = Standard.model_validate(
        {"name": "own", "version": "1", "languages": ["en", "nb"],
         "sections": [{"id": "s", "criteria": [criterion]}]}
    )  # fmt: skip
    shutil.copytree(run, own)
    write_standard(own, standard)
    tiny, has_it = load_bundle(TINY), bundle_with_heads(tmp_path / "heads")
    message = rf"no head 'refund_explained'.*\(model {TINY}\)"
    for pair in ((tiny, has_it), (has_it, tiny)):
        with pytest.raises(ConfigError, match=message):
            diff_models(*pair, [own], threads=1)
    assert diff_models(has_it, has_it, [own], threads=1).n > 0
