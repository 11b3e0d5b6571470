"""What another model would change: stored conversations labelled by two bundles, scored alike.

The text of a run is kept, redacted and cut into segments, so nothing is read again from its inputs.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from convqa.detect.attention import detect_attention
from convqa.detect.labels import detect_labels
from convqa.encoder import Bundle, Encoder
from convqa.encoder.cache import VectorCache
from convqa.preview.compare import Difference, compare
from convqa.schema import Evaluation
from convqa.scoring import score_conversation
from convqa.standard import Standard, check_heads
from convqa.store.manifest import read_finished
from convqa.store.parts import StoredConversation, finished_chunks, read_chunk
from convqa.store.standard import read_standard


def diff_models(old: Bundle, new: Bundle, runs: Sequence[Path], *, threads: int) -> Difference:
    """Return what changes when the conversations of runs are labelled by `new` instead of `old`.

    Each run keeps its standard; findings of phrases, times and forms of address do not depend on a
    model and stay. Inattention is read from the acts too, so it is looked for again.

    Args:
        old: The bundle before.
        new: The bundle after.
        runs: Finished run directories.
        threads: For encoding.

    Raises:
        ConfigError: The standard of a run names a head that a bundle lacks.
        StoreError: A folder is no finished run, or is damaged.
    """
    for run in runs:
        read_finished(run)
        standard = read_standard(run)
        for bundle in (old, new):
            check_heads(standard, bundle.manifest.head_labels, f"model {bundle.path}")
    labellers = [_Labeller(bundle, threads) for bundle in (old, new)]

    def pairs() -> Iterator[tuple[Evaluation, Evaluation]]:
        for run in runs:
            standard = read_standard(run)
            for index in finished_chunks(run):
                chunk = [c for c in read_chunk(run, index).conversations if c.segmented.segments]
                before, after = (labeller.scored(chunk, standard) for labeller in labellers)
                yield from zip(before, after, strict=True)

    return compare(pairs())


class _Labeller:
    """A bundle with its encoder, which sees each distinct text once."""

    def __init__(self, bundle: Bundle, threads: int) -> None:
        self._bundle = bundle
        self._vectors = VectorCache(Encoder(bundle, threads=threads))

    def scored(
        self, chunk: Sequence[StoredConversation], standard: Standard
    ) -> Iterator[Evaluation]:
        """Yield the evaluations of a chunk with the findings of these models."""
        self._vectors.encode(s.text for c in chunk for s in c.segmented.segments)
        for stored in chunk:
            segmented = stored.segmented
            vectors, _ = self._vectors.rows(s.text for s in segmented.segments)
            labels = detect_labels(segmented, vectors, self._bundle)
            others = (f for f in stored.findings if f.source != "model" and f.kind != "attention")
            findings = (*labels, *detect_attention(segmented, labels), *others)
            yield score_conversation(segmented, findings, standard, self._bundle.version_info)
