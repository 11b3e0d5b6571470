import gzip
import json

import numpy as np
import pytest

outside = pytest.importorskip("benchmarks.outside")


def packed(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()))


def test_emotions_that_are_neither_good_nor_bad_are_left_out(tmp_path):
    folder = tmp_path / "emotion_goemotions"
    packed(folder / "dev.tsv.gz", "so happy\t1\ta\nhm\t2\tb\nmixed\t0,1\tc\nbad\t0,3\td\n")
    (folder / "labels.txt").write_text("anger\njoy\ncuriosity\nsadness\n")
    assert list(outside._go_emotions(tmp_path)) == [("so happy", "positive"), ("bad", "negative")]


def test_a_rater_is_compared_with_the_others_alone():
    one, rest = outside._rater_and_rest([[2, -2, 0], [1, 0, 1]])
    assert one.tolist() == [2.0, 0.0]
    assert rest.tolist() == [-1.0, 1.0]


def test_agreement_and_chance_are_told_apart():
    truth = np.arange(200.0)
    same = outside._row("", "", "", outside._rank, truth, truth)
    shuffled = np.random.default_rng(1).permutation(truth)
    none = outside._row("", "", "", outside._rank, truth, shuffled)
    assert (same.value, same.low) == pytest.approx((1.0, 1.0))
    assert none.high < 0.5


@pytest.mark.model
def test_figures_come_from_every_set_that_is_there(tmp_path):
    turns = [["customer", "Thank you!", ["THANK_YOU"]], ["agent", "Goodbye.", ["GOODBYE"]]] * 3
    packed(tmp_path / "speechacts_sgd" / "dev.jsonl.gz", json.dumps({"turns": turns}))
    bundle = outside.load_bundle(outside.list_bundles(outside.shipped_models())[-1])
    rows = {
        line.split(" | ")[1]: line
        for line in outside.report(tmp_path, bundle)
        if line.startswith("| SGD")
    }
    assert set(rows) == {"closing", "thanks"}
    assert "| F1 | 1.000 | 1.000 to 1.000 | 3 of 3 |" in rows["thanks"]
