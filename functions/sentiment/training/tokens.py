"""From texts to padded tensors, with the base model's own tokenizer."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

Tokens = list[int]


def load_tokenizer(folder: Path, longest: int) -> Tokenizer:
    """Padding is ours and truncation is asked for here, so that the file itself sets neither."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    return tokenizer


def tokenize(tokenizer: Tokenizer, texts: list[str]) -> list[Tokens]:
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def pad(rows: list[Tokens]) -> dict[str, np.ndarray]:
    """The model's three inputs. Token 0 is [PAD]."""
    shape = (len(rows), max(map(len, rows)))
    input_ids, attention_mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for index, row in enumerate(rows):
        input_ids[index, : len(row)] = row
        attention_mask[index, : len(row)] = 1
    token_type_ids = np.zeros(shape, np.int64)
    return {
        "input_ids": input_ids,
        "attention_mask": attention_mask,
        "token_type_ids": token_type_ids,
    }


def bucketed(rows: list[Tokens], size: int, rng: random.Random, pool: int = 50) -> Iterator[list[int]]:
    """Shuffled batches (as indices) of rows of nearly equal length: sorted within pools of batches."""
    order = list(range(len(rows)))
    rng.shuffle(order)
    batches = []
    for start in range(0, len(order), size * pool):
        nearby = sorted(order[start : start + size * pool], key=lambda index: len(rows[index]))
        batches += [nearby[at : at + size] for at in range(0, len(nearby), size)]
    rng.shuffle(batches)
    yield from batches
