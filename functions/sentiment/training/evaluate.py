"""Accuracies of the model's ONNX files on the validation and the benchmark sets."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from data import NEGATIVE, POSITIVE, Example, load_benchmarks, load_split
from tokens import load_tokenizer, pad, tokenize

BATCH = 16


def main() -> None:
    arguments = parse_arguments()
    tokenizer = load_tokenizer(arguments.model, longest=128)
    sets = {f"validation_{name}": rows for name, rows in load_split(arguments.data).validation.items()}
    sets |= load_benchmarks(arguments.data)
    for name in ("model.onnx", "model_quantized.onnx"):
        file = arguments.model / "onnx" / name
        session = open_session(file)
        print(f"{name}, {file.stat().st_size:,} bytes")
        for label, examples in sets.items():
            scores = positive_scores(session, tokenizer, [example.text for example in examples])
            print(f"  {label:20} {len(examples):5} texts: {accuracy(scores, examples):.4f}", flush=True)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--model", type=Path, required=True, help="the model's folder")
    return parser.parse_args()


def open_session(file: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])


def positive_scores(session: onnxruntime.InferenceSession, tokenizer: Tokenizer, texts: list[str]) -> np.ndarray:
    """Each text's probability of being positive."""
    rows = tokenize(tokenizer, texts)
    by_length = sorted(range(len(rows)), key=lambda index: len(rows[index]))
    scores = np.empty(len(rows))
    for start in range(0, len(rows), BATCH):
        batch = by_length[start : start + BATCH]
        (logits,) = session.run(["logits"], pad([rows[index] for index in batch]))
        scores[batch] = 1 / (1 + np.exp(logits[:, NEGATIVE] - logits[:, POSITIVE]))
    return scores


def accuracy(scores: np.ndarray, examples: list[Example]) -> float:
    return float(np.mean([(score >= 0.5) == example.label for score, example in zip(scores, examples)]))


if __name__ == "__main__":
    main()
