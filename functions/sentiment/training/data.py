"""The sentences: where they come from, how they are cleaned, and how validation is carved out.

Only training files are read for training. The benchmark sets (SST-2 dev and test, TweetEval test) have
readers of their own and are used by evaluate.py alone.
"""

from __future__ import annotations

import html
import random
import re
from dataclasses import dataclass
from pathlib import Path

NEGATIVE, POSITIVE = 0, 1

SEED = 20
HELD_OUT_SST_SENTENCES = 800
HELD_OUT_EVERYDAY_SHARE = 0.1
# A phrase this short ("a good movie") may stay in training although a held-out sentence contains it.
LONGEST_SHARED_PHRASE_WORDS = 3
# VADER's mean ratings go from -4 to 4; what lies between these two is neither.
VADER_NEUTRAL_BELOW = 0.5


@dataclass(frozen=True)
class Example:
    text: str
    label: int


@dataclass(frozen=True)
class Split:
    train: list[Example]
    validation: dict[str, list[Example]]


def load_split(folder: Path) -> Split:
    """Training examples and two validation sets: film reviews (SST) and everyday sentences (VADER)."""
    sst_train, sst_held_out = _split_sst(folder)
    everyday_train, everyday_held_out = _split_everyday(folder)
    return Split(
        train=sst_train + everyday_train,
        validation={"sst": sst_held_out, "everyday": everyday_held_out},
    )


def load_benchmarks(folder: Path) -> dict[str, list[Example]]:
    """The sets that accuracies are reported on. Nothing may be trained on them or chosen by them."""
    return {
        "sst2_dev": _read_glue(folder / "sst2_glue_dev.tsv"),
        "sst2_test": _read_label_first(folder / "sst2_sentences_test.txt"),
        "tweeteval_test": _read_tweeteval(folder),
    }


def as_people_write(sst_text: str) -> str:
    """Undo the treebank's tokenizing where the model's tokenizer can see it: "ca n't" becomes "can't"."""
    text = sst_text.replace(" n't", "n't").replace("-lrb-", "(").replace("-rrb-", ")")
    return text.replace("``", '"').replace("''", '"')


def _split_sst(folder: Path) -> tuple[list[Example], list[Example]]:
    sentences = _read_label_first(folder / "sst2_sentences_train.txt")
    held_out = random.Random(SEED).sample(sentences, HELD_OUT_SST_SENTENCES)
    forbidden = {phrase for example in held_out for phrase in _phrases(_words(example.text))}
    train = [
        example
        for example in _read_glue(folder / "sst2_glue_train.tsv")
        if " ".join(_words(example.text)) not in forbidden
    ]
    return train, held_out


def _split_everyday(folder: Path) -> tuple[list[Example], list[Example]]:
    """Whole reviews (and whole tweets) are held out, never single sentences of a review."""
    groups: dict[str, list[Example]] = {}
    for name in ("tweets", "amazonReviewSnippets"):
        for row_id, example in _read_vader(folder / f"vader_{name}_GroundTruth.txt"):
            groups.setdefault(f"{name}/{row_id.split('_')[0]}", []).append(example)
    keys = sorted(groups)
    random.Random(SEED).shuffle(keys)
    total = sum(map(len, groups.values()))
    held_out: list[Example] = []
    while len(held_out) < HELD_OUT_EVERYDAY_SHARE * total:
        held_out += groups.pop(keys.pop())
    held_out_words = {tuple(_words(example.text)) for example in held_out}
    train = [
        example
        for group in groups.values()
        for example in group
        if tuple(_words(example.text)) not in held_out_words
    ]
    return train, held_out


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _phrases(words: list[str]) -> set[str]:
    """Every run of words that is too long to be shared by chance."""
    shortest = min(LONGEST_SHARED_PHRASE_WORDS + 1, len(words))
    return {
        " ".join(words[start:end])
        for start in range(len(words))
        for end in range(start + shortest, len(words) + 1)
    }


def _read_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _read_glue(path: Path) -> list[Example]:
    rows = (line.split("\t") for line in _read_lines(path)[1:])
    return [Example(text.strip(), int(label)) for text, label in rows]


def _read_label_first(path: Path) -> list[Example]:
    rows = (line.split(" ", 1) for line in _read_lines(path))
    return [Example(text.strip(), int(label)) for label, text in rows]


def _read_vader(path: Path) -> list[tuple[str, Example]]:
    examples = []
    for line in _read_lines(path):
        row_id, rating, text = line.split("\t", 2)
        if abs(float(rating)) < VADER_NEUTRAL_BELOW:
            continue
        label = POSITIVE if float(rating) > 0 else NEGATIVE
        examples.append((row_id, Example(_clean_tweet(text), label)))
    return examples


def _read_tweeteval(folder: Path) -> list[Example]:
    """The tweets that are not neutral."""
    texts = _read_lines(folder / "tweeteval_sentiment_test_text.txt")
    labels = _read_lines(folder / "tweeteval_sentiment_test_labels.txt")
    pairs = zip(texts, map(int, labels), strict=True)
    return [Example(_clean_tweet(text), label // 2) for text, label in pairs if label != 1]


def _clean_tweet(text: str) -> str:
    """What stands for a removed name or address says nothing; entities become characters."""
    text = re.sub(r"@(anonymous|user)\b|https?://url_removed|\bhttps?\b", " ", html.unescape(text))
    return " ".join(text.split())
