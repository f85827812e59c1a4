"""BERT with mean pooling and one linear layer, small enough to read.

The same module is trained and exported. Its weights come from all-MiniLM-L6-v2; query, key and value
of a layer are kept as one matrix, which saves two matrix products a layer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn


@dataclass(frozen=True)
class Size:
    vocabulary: int = 30_522
    positions: int = 512
    layers: int = 6
    width: int = 384
    heads: int = 12
    feed_forward: int = 1_536
    labels: int = 2


class Attention(nn.Module):
    def __init__(self, size: Size, dropout: float) -> None:
        super().__init__()
        self.heads = size.heads
        self.scale = 1 / math.sqrt(size.width // size.heads)
        self.query_key_value = nn.Linear(size.width, 3 * size.width)
        self.output = nn.Linear(size.width, size.width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        query, key, value = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in self.query_key_value(hidden).chunk(3, dim=-1)
        )
        scores = (query * self.scale) @ key.transpose(-1, -2) + mask
        context = self.dropout(scores.softmax(dim=-1)) @ value
        return self.output(context.transpose(1, 2).flatten(2))


class Layer(nn.Module):
    def __init__(self, size: Size, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(size, dropout)
        self.attention_norm = nn.LayerNorm(size.width, eps=1e-12)
        self.expand = nn.Linear(size.width, size.feed_forward)
        self.contract = nn.Linear(size.feed_forward, size.width)
        self.output_norm = nn.LayerNorm(size.width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        hidden = self.attention_norm(hidden + self.dropout(self.attention(hidden, mask)))
        expanded = nn.functional.gelu(self.expand(hidden))
        return self.output_norm(hidden + self.dropout(self.contract(expanded)))


class SentimentBert(nn.Module):
    def __init__(self, size: Size = Size(), dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(size.vocabulary, size.width)
        self.positions = nn.Embedding(size.positions, size.width)
        self.segments = nn.Embedding(2, size.width)
        self.embedding_norm = nn.LayerNorm(size.width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(size, dropout) for _ in range(size.layers))
        self.classifier = nn.Linear(size.width, size.labels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        positions = self.positions.weight[: input_ids.shape[1]]
        hidden = self.words(input_ids) + positions + self.segments(token_type_ids)
        hidden = self.dropout(self.embedding_norm(hidden))
        # Far below any score, so a padded token's share after softmax is exactly 0.
        score_mask = (1 - attention_mask[:, None, None, :].float()) * -1e9
        for layer in self.layers:
            hidden = layer(hidden, score_mask)
        return self.classifier(self.dropout(mean_of_tokens(hidden, attention_mask)))


def mean_of_tokens(hidden: Tensor, attention_mask: Tensor) -> Tensor:
    kept = attention_mask.unsqueeze(-1).float()
    return (hidden * kept).sum(dim=1) / kept.sum(dim=1)


def load_base(folder: Path) -> SentimentBert:
    """The pretrained encoder under a fresh classifier."""
    model = SentimentBert()
    state = dict(_renamed(load_file(folder / "model.safetensors")))
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or set(missing) != {"classifier.weight", "classifier.bias"}:
        raise ValueError(f"not the weights expected: missing {missing}, unexpected {unexpected}")
    return model


def load_trained(file: Path) -> SentimentBert:
    model = SentimentBert()
    model.load_state_dict(load_file(file))
    return model.eval()


def _renamed(base: dict[str, Tensor]):
    """Pairs of this module's parameter names and the base model's tensors."""
    for name, theirs in {
        "words": "word_embeddings",
        "positions": "position_embeddings",
        "segments": "token_type_embeddings",
    }.items():
        yield f"{name}.weight", base[f"embeddings.{theirs}.weight"]
    for kind in ("weight", "bias"):
        yield f"embedding_norm.{kind}", base[f"embeddings.LayerNorm.{kind}"]
        for index in range(Size.layers):
            ours, theirs = f"layers.{index}", f"encoder.layer.{index}"
            parts = [base[f"{theirs}.attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            yield f"{ours}.attention.query_key_value.{kind}", torch.cat(parts)
            yield f"{ours}.attention.output.{kind}", base[f"{theirs}.attention.output.dense.{kind}"]
            yield f"{ours}.attention_norm.{kind}", base[f"{theirs}.attention.output.LayerNorm.{kind}"]
            yield f"{ours}.expand.{kind}", base[f"{theirs}.intermediate.dense.{kind}"]
            yield f"{ours}.contract.{kind}", base[f"{theirs}.output.dense.{kind}"]
            yield f"{ours}.output_norm.{kind}", base[f"{theirs}.output.LayerNorm.{kind}"]
