"""The product in one file: what happens to a transcript between its file and its score.

files → read → redact → segment → encode → detect → score → Parquet parts

A run is cut into chunks of at most 250 records, in the order of its sorted inputs. An engine has
`Scorer.score_chunk` run on each, here or on a cluster. A chunk is written whole or not at all, so a
run that was killed goes on where it stopped and loses and doubles nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from convqa.detect.address import detect_address
from convqa.detect.attention import detect_attention
from convqa.detect.labels import detect_labels_batch
from convqa.detect.meaning import meaning_texts
from convqa.detect.phrases import compile_phrases, detect_phrases
from convqa.detect.timing import detect_timing
from convqa.encoder import Encoder, load_bundle
from convqa.encoder.cache import VectorCache
from convqa.ingest.options import IngestOptions
from convqa.ingest.readers import read_conversations
from convqa.redact import redact_conversation
from convqa.schema import Conversation, Finding, Rejected, SegmentedConversation, Source
from convqa.scoring import score_conversation, skip_conversation
from convqa.segment import segment_conversation
from convqa.standard import Standard
from convqa.store.lock import locked
from convqa.store.manifest import (
    InputRecord,
    Manifest,
    check_there,
    finish_run,
    start_run,
)
from convqa.store.meanings import write_meanings
from convqa.store.parts import Chunk, StoredConversation, is_finished, remove_chunks, write_chunk
from convqa.store.standard import read_standard, write_standard
from convqa.unchanged import ChangedInputError, Watch

# Conversations in the first chunk; each following one is twice as large, up to the chunk size.
_FIRST_CHUNK = 20

# 250 conversations of usual length have half a million characters. With word times, four millions
# take about 150 MB in each of the processes that hold the chunk.
_MAX_CHUNK_CHARS = 4_000_000

# Conversations that the heads read at once: half the time of one by one, and in a few MB.
_READ_AT_ONCE = 16

KNOWN_FILE = "its file was scored by the run given with --since-run"


@dataclass(frozen=True, slots=True)
class Known:
    """A conversation of a file that an earlier run has scored: counted, not scored again."""

    conversation: Conversation


Record = Conversation | Known | Rejected


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one chunk, in the order read, and the size of the inputs read until then."""

    index: int
    records: tuple[Record, ...]
    bytes_read: int


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs to score the chunks of a run; the same for every worker."""

    run: Path
    model: Path
    redact: bool


@dataclass(frozen=True, slots=True)
class ChunkDone:
    """What became of a chunk, for whoever watches the run."""

    index: int
    bytes_read: int
    n_evaluated: int
    n_skipped: int
    n_rejected: int
    n_flagged: int


Result = TypeVar("Result")
Engine = Callable[[Iterator[Records], Job], Iterator[ChunkDone]]


def run(
    manifest: Manifest, standard: Standard, job: Job, ingest: IngestOptions, engine: Engine
) -> Iterator[ChunkDone]:
    """Score all inputs of a manifest into the run directory, resuming what is there.

    Yields:
        One `ChunkDone` for each chunk that was scored now; finished chunks are passed over.

    Raises:
        StoreError: The directory holds another run, is in use, or cannot be written, or an input
            has changed or cannot be read any more.
    """
    with locked(job.run):
        start_run(job.run, manifest)
        write_standard(job.run, standard)
        chunks = read_chunks(manifest.inputs, ingest, manifest.options.chunk_size)
        try:
            yield from engine((c for c in chunks if not is_finished(job.run, c.index)), job)
        except ChangedInputError as error:
            remove_chunks(job.run, first=error.first_chunk)
            raise
        finish_run(job.run)


def read_chunks(
    inputs: Sequence[InputRecord], options: IngestOptions, size: int
) -> Iterator[Records]:
    """Yield the records of all inputs, cut into chunks of at most `size`, numbered from 0.

    The first chunks are smaller, so that the first results of a run are there in a second; those of
    very long conversations are smaller too, so that they fit into the memory.

    Raises:
        ChangedInputError: A file is not the planned one any more.
    """
    chunk: list[Record] = []
    index = bytes_read = n_chars = 0
    seen: set[str] = set()
    for file in inputs:
        watch = Watch(file.path, sha256=file.sha256, size=file.size, stamp=file.stamp,
                      first_chunk=index)  # fmt: skip
        for record in read_conversations(file.path, options, watch.update):
            chunk.append(_admit(record, seen, is_known=file.is_known))
            n_chars += _n_chars(record)
            if len(chunk) == min(size, _FIRST_CHUNK << index) or n_chars >= _MAX_CHUNK_CHARS:
                watch.check_untouched()
                yield Records(index, tuple(chunk), bytes_read + watch.n_read)
                chunk, index, n_chars = [], index + 1, 0
        watch.check_whole()
        bytes_read += watch.n_read
    if chunk:
        yield Records(index, tuple(chunk), bytes_read)


def _n_chars(record: Conversation | Rejected) -> int:
    if isinstance(record, Rejected):
        return 0
    return sum(len(turn.text) for turn in record.turns)


def _admit(record: Conversation | Rejected, seen: set[str], *, is_known: bool) -> Record:
    """Reject a conversation whose id was read before: two are never merged, nor one dropped."""
    if isinstance(record, Rejected):
        return record
    if record.id in seen:
        source = record.source
        reason = "another conversation of this run has the same id; ids must be unique"
        return Rejected(source.path, source.record, source.line, "id", reason)
    seen.add(record.id)
    return Known(record) if is_known else record


class Scorer:
    """The standard, the models and the vectors of one worker process."""

    def __init__(self, job: Job, *, threads: int) -> None:
        self._job = job
        self._standard = read_standard(job.run)
        self._bundle = load_bundle(job.model)
        self._vectors = VectorCache(Encoder(self._bundle, threads=threads))
        self._phrases = compile_phrases(self._standard, self._example_vectors())

    def _example_vectors(self) -> dict[str, bytes]:
        """Return the vectors of the standard's examples, kept in the run for rescoring."""
        texts = meaning_texts(self._standard)
        rows, _ = self._vectors.rows(texts)
        vectors = {text: row.tobytes() for text, row in zip(texts, rows, strict=True)}
        write_meanings(self._job.run, vectors)
        return vectors

    def score_chunk(self, chunk: Records) -> ChunkDone:
        """Score the records of one chunk, write its parts, and say what became of them."""
        prepared = [self._prepare(record) for record in chunk.records]
        talks = [p for p in prepared if isinstance(p, SegmentedConversation) and p.language]
        self._vectors.encode(s.text for talk in talks for s in talk.segments)
        labels = dict(zip((t.conversation.id for t in talks), self._labels(talks), strict=True))
        results = [self._finish(p, labels) for p in prepared]
        conversations = tuple(r for r in results if isinstance(r, StoredConversation))
        rejected = tuple(r for r in results if isinstance(r, Rejected))
        check_there(self._job.run)
        write_chunk(self._job.run, chunk.index, Chunk(conversations, rejected))
        n_skipped = sum(c.evaluation.status == "skipped" for c in conversations)
        return ChunkDone(
            index=chunk.index,
            bytes_read=chunk.bytes_read,
            n_evaluated=len(conversations) - n_skipped,
            n_skipped=n_skipped,
            n_rejected=len(rejected),
            n_flagged=sum(c.evaluation.flag for c in conversations),
        )

    def _prepare(self, record: Record) -> SegmentedConversation | StoredConversation | Rejected:
        """Redact and segment one record."""
        if isinstance(record, Rejected):
            return record
        if isinstance(record, Known):
            return self._skip_known(record.conversation)
        return _guarded(record.source, lambda: self._segment(record))

    def _segment(self, conversation: Conversation) -> SegmentedConversation:
        if self._job.redact:
            conversation = redact_conversation(conversation)
        return segment_conversation(conversation)

    def _skip_known(self, conversation: Conversation) -> StoredConversation:
        """Count a conversation; the run that scored it keeps its text."""
        bare = replace(conversation, turns=(), metadata={})
        segmented = SegmentedConversation(bare, (), bare.language, 0.0)
        model = self._bundle.version_info
        skipped = skip_conversation(segmented, KNOWN_FILE, self._standard, model)
        return StoredConversation(segmented, (), skipped)

    def _labels(self, talks: Sequence[SegmentedConversation]) -> Iterator[list[Finding]]:
        """Yield what the heads find in each conversation."""
        for start in range(0, len(talks), _READ_AT_ONCE):
            group = talks[start : start + _READ_AT_ONCE]
            vectors = [self._vectors.rows(s.text for s in talk.segments)[0] for talk in group]
            yield from detect_labels_batch(group, vectors, self._bundle)

    def _finish(
        self,
        prepared: SegmentedConversation | StoredConversation | Rejected,
        labels: Mapping[str, Sequence[Finding]],
    ) -> StoredConversation | Rejected:
        if not isinstance(prepared, SegmentedConversation):
            return prepared
        found = labels.get(prepared.conversation.id, ())
        return _guarded(prepared.conversation.source, lambda: self._score(prepared, found))

    def _score(
        self, segmented: SegmentedConversation, labels: Sequence[Finding]
    ) -> StoredConversation:
        if segmented.language is None:
            findings: tuple[Finding, ...] = ()
            vectors, tokens = self._vectors.rows(())
        else:
            vectors, tokens = self._vectors.rows(s.text for s in segmented.segments)
            stored_vectors = tuple(row.tobytes() for row in vectors)
            findings = (
                *labels,
                *detect_attention(segmented, labels),
                *detect_address(segmented),
                *detect_phrases(segmented, self._phrases, stored_vectors),
                *detect_timing(segmented),
            )
        model = self._bundle.version_info
        return StoredConversation(
            segmented=segmented,
            findings=findings,
            evaluation=score_conversation(segmented, findings, self._standard, model),
            vectors=tuple(row.tobytes() for row in vectors),
            tokens=tuple(tokens),
        )


def _guarded(source: Source, step: Callable[[], Result]) -> Result | Rejected:
    """Return what a step gives; what nobody foresaw rejects one conversation, and not the run."""
    try:
        return step()
    except Exception as error:  # noqa: BLE001
        reason = f"internal error ({type(error).__name__}); please report it"
        return Rejected(source.path, source.record, source.line, "", reason)
