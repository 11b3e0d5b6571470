"""Runs that are killed at random moments end with the bytes of an unbroken one."""

import pytest
from benchmarks.soak import digest, soak

pytestmark = [pytest.mark.model, pytest.mark.slow]


def test_five_kills_at_random_moments_change_no_byte(tmp_path):
    outcome = soak(tmp_path, kills=5, conversations=60, workers=2, seed=7)
    assert outcome.kills == 5
    assert outcome.kills_with_chunks >= 1
    assert outcome.finished >= 1
    assert outcome.equal == outcome.finished


def test_a_byte_more_or_less_is_seen(tmp_path):
    (tmp_path / "part").write_bytes(b"ab")
    before = digest(tmp_path)
    (tmp_path / "part").write_bytes(b"ac")
    assert digest(tmp_path) != before
