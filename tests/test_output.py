import pytest

from convqa.errors import StoreError
from convqa.output import open_atomic


@pytest.mark.parametrize("name", [".", "file/out.csv", "x" * 300])
def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path, name):
    (tmp_path / "file").write_text("kept")
    with (
        pytest.raises(StoreError, match=r"cannot be written \(.*\); free space or choose another"),
        open_atomic(tmp_path / name) as file,
    ):
        file.write(b"x")
    assert (tmp_path / "file").read_text() == "kept"
