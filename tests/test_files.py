"""Which files are meant, and their bytes."""

import gzip
import hashlib

import fsspec
import pytest
import zstandard

from convqa.errors import ConfigError
from convqa.files import bare_name, expand_inputs, open_bytes, sha256_file, suffix_of

TEXT = "Hei på deg\n".encode() * 50_000


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def paths(*patterns):
    return [file.path for file in expand_inputs([str(pattern) for pattern in patterns])]


def test_a_folder_is_read_with_its_folders_but_without_hidden_and_other_files(tmp_path):
    touch(tmp_path, "b.jsonl", "a/c.csv.gz", "a/part-0001", ".secret.jsonl", ".git/x.json", "d.wav")
    assert paths(tmp_path) == [
        str(tmp_path / "a" / "c.csv.gz"),
        str(tmp_path / "a" / "part-0001"),
        str(tmp_path / "b.jsonl"),
    ]


def test_files_left_out_of_a_folder_are_counted_in_the_log(tmp_path, caplog):
    touch(tmp_path, "a.jsonl", "call.wav", "call.mp3")
    paths(tmp_path)
    assert "files left out that are no transcripts by name: 2" in caplog.text


def test_links_out_of_a_folder_are_not_followed(tmp_path):
    touch(tmp_path, "in/a.jsonl", "out/b.jsonl")
    (tmp_path / "in" / "link.jsonl").symlink_to(tmp_path / "out" / "b.jsonl")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "out")
    assert paths(tmp_path / "in") == [str(tmp_path / "in" / "a.jsonl")]


def test_results_beside_transcripts_are_left_out(tmp_path):
    touch(tmp_path, "a.jsonl", "run/manifest.json", "run/standard.json", "run/segments/p.parquet")
    transcripts = [str(tmp_path / "a.jsonl")]
    assert paths(tmp_path) == paths(tmp_path / "*") == transcripts
    with pytest.raises(ConfigError, match="run: holds results"):
        expand_inputs([str(tmp_path / "run")])


@pytest.mark.parametrize("protocol", ["file", "memory"])
def test_results_beside_transcripts_are_left_out_of_urls(tmp_path, protocol):
    system, folder = fsspec.filesystem(protocol, auto_mkdir=True), f"{protocol}://{tmp_path}"
    for name in ("a.jsonl", "run/manifest.json", "run/standard.json", "run/segments/p.parquet"):
        system.pipe(f"{tmp_path}/in/{name}", b"x")
    assert paths(f"{folder}/in") == [f"{folder}/in/a.jsonl"]
    with pytest.raises(ConfigError, match="run: holds results"):
        expand_inputs([f"{folder}/in/run"])


def test_a_named_file_is_taken_whatever_its_suffix(tmp_path):
    touch(tmp_path, "export.log")
    assert paths(tmp_path / "export.log") == [str(tmp_path / "export.log")]


def test_globs_reach_folders_and_every_file_comes_once(tmp_path):
    touch(tmp_path, "x/a.jsonl", "x/y/b.jsonl", "[odd].jsonl")
    every = [str(tmp_path / name) for name in ("[odd].jsonl", "x/a.jsonl", "x/y/b.jsonl")]
    assert paths(tmp_path / "**" / "*.jsonl", tmp_path / "x", tmp_path / "x" / "." / "a.jsonl") == (
        every
    )
    assert paths(tmp_path / "[odd].jsonl") == every[:1]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("missing.jsonl", "no such file or folder"),
        ("*.jsonl", "no file matches"),
        ("empty", "holds no transcript files"),
        ("memory://nowhere/*.jsonl", "nothing matches"),
        ("nosuch://a", "nosuch"),
    ],
)
def test_what_does_not_exist_is_one_line(tmp_path, monkeypatch, pattern, message):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=message) as caught:
        expand_inputs([pattern])
    assert "\n" not in str(caught.value)


def test_urls_expand_like_paths():
    system = fsspec.filesystem("memory")
    for name in ("/bucket/b.jsonl", "/bucket/in/a.csv", "/bucket/.hidden.csv", "/bucket/a.wav"):
        system.pipe(name, b"hello")
    assert paths("memory://bucket") == ["memory:///bucket/b.jsonl", "memory:///bucket/in/a.csv"]
    assert paths("memory://bucket/*.jsonl") == ["memory:///bucket/b.jsonl"]
    file = expand_inputs(["memory://bucket/b.jsonl"])[0]
    assert file.size == 5
    with open_bytes(file.path) as stream:
        assert stream.read() == b"hello"


def test_compression_is_recognised_by_content(tmp_path):
    for name, data in [
        ("plain.gz", TEXT),
        ("zipped.jsonl", gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:])),
        ("zstd.txt", zstandard.compress(TEXT[:1000]) + zstandard.compress(TEXT[1000:])),
    ]:
        (tmp_path / name).write_bytes(data)
        with open_bytes(str(tmp_path / name)) as stream:
            assert stream.read() == TEXT


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        (gzip.compress(TEXT)[:-20], "gzip data is damaged"),
        (
            gzip.compress(TEXT)[:50] + b"\xff" * 50 + gzip.compress(TEXT)[100:],
            "gzip data is damaged",
        ),
        (zstandard.compress(TEXT)[:-1], "Zstandard data is incomplete"),
        (zstandard.compress(TEXT)[:10] + b"\xff" * 90, "Zstandard data is damaged"),
    ],
    ids=["gzip cut", "gzip overwritten", "zstd cut", "zstd overwritten"],
)
def test_damaged_compression_is_an_os_error(tmp_path, damaged, message):
    (tmp_path / "damaged").write_bytes(damaged)
    with open_bytes(str(tmp_path / "damaged")) as stream, pytest.raises(OSError, match=message):
        stream.read()


def test_an_empty_file_is_empty(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    with open_bytes(str(tmp_path / "empty")) as stream:
        assert stream.read() == b""


def test_sha256_is_that_of_the_stored_bytes(tmp_path):
    data = gzip.compress(TEXT)
    (tmp_path / "a.gz").write_bytes(data)
    assert sha256_file(str(tmp_path / "a.gz")) == hashlib.sha256(data).hexdigest()


def test_names_without_compression():
    assert bare_name("/in/day.1/call.vtt.gz") == "call"
    assert bare_name("s3://bucket/a.b.jsonl") == "a.b"
    assert suffix_of("A.JSON.zst") == ".json"
    assert suffix_of("part-0001") == ""
