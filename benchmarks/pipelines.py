"""Four text-classification pipelines of `transformers`: the way most people would do it.

    python benchmarks/pipelines.py TEXTS TOKENIZER --layers 12 --precision int8

Politeness, empathy, emotion and acts each have a model of their own, and every text goes through
all four. The models have the size of multilingual-e5-small (width 384, 12 heads, 250,037 pieces)
and random weights: only their speed is measured, which does not depend on what they learned. TEXTS
is a JSON list of the texts of each conversation. Needs torch and transformers, and nothing of
convqa. Prints seconds as JSON for the batch size that was faster.
"""

import argparse
import json
import time
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
    TextClassificationPipeline,
    logging,
)

_N_PIPELINES = 4
_BATCH_SIZES = (1, 16)
_MAX_TOKENS = 128


def make(tokenizer: Path, *, layers: int, precision: str) -> TextClassificationPipeline:
    """Return a pipeline with a model of random weights."""
    config = BertConfig(
        vocab_size=250_037, hidden_size=384, num_hidden_layers=layers, num_attention_heads=12,
        intermediate_size=1536, num_labels=3,
    )  # fmt: skip
    model = BertForSequenceClassification(config).eval()
    if precision == "int8":
        model = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, torch.qint8)
    fast = PreTrainedTokenizerFast(tokenizer_file=str(tokenizer), model_max_length=_MAX_TOKENS)
    fast.pad_token = "<pad>"  # noqa: S105
    return TextClassificationPipeline(model=model, tokenizer=fast, device=-1)


def seconds(
    pipes: list[TextClassificationPipeline], texts: list[str], batch_size: int
) -> tuple[float, float]:
    """Return how long all pipelines take for all texts, in seconds and in CPU seconds."""
    start, cpu = time.perf_counter(), time.process_time()
    for pipe in pipes:
        pipe(texts, batch_size=batch_size, truncation=True)
    return time.perf_counter() - start, time.process_time() - cpu


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description="Measure transformers pipelines.")
    parser.add_argument("texts", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--precision", choices=("fp32", "int8"), default="fp32")
    args = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.manual_seed(1)
    conversations: list[list[str]] = json.loads(args.texts.read_text(encoding="utf-8"))
    pipes = [
        make(args.tokenizer, layers=args.layers, precision=args.precision)
        for _ in range(_N_PIPELINES)
    ]
    texts = [text for conversation in conversations for text in conversation]
    few = texts[: max(16, len(texts) // 10)]
    with torch.inference_mode():
        seconds(pipes, few[:16], 16)
        batch_size = min(_BATCH_SIZES, key=lambda size: seconds(pipes, few, size))
        taken, cpu = seconds(pipes, texts, batch_size)
    print(
        json.dumps(
            {
                "seconds": taken,
                "cpu": cpu,
                "conversations": len(conversations),
                "batch_size": batch_size,
                "versions": {name: version(name) for name in ("torch", "transformers")},
            }
        )
    )


if __name__ == "__main__":
    main()
