"""fp32 ONNX to int8 ONNX with static activation scales, the calibration chosen on validation sentences.

Static scales make a text's answer independent of the texts that it shares a batch with. Matrices get seven
bits: processors without VNNI instructions add two 8 bit products in 16 bits, which overflows with eight.
"""

from __future__ import annotations

import argparse
import logging
import random
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

from data import SEED, load_split
from evaluate import accuracy, open_session, positive_scores
from graph import save
from tokens import Tokens, load_tokenizer, pad, tokenize

CALIBRATION_SENTENCES = 256
CALIBRATION_BATCH = 32
TOKEN_COUNTS = (16, 24, 32)
PERCENTILES = (99.99, 99.999)
# Nothing is multiplied in an embedding table, so nothing can overflow.
EIGHT_BITS = {"quant_type": QuantType.QInt8, "symmetric": True, "reduce_range": False}


@dataclass(frozen=True)
class Calibration:
    """Sentences of one token count, so that no padding blurs the activations' ranges."""

    token_count: int
    percentile: float


class Batches(CalibrationDataReader):
    def __init__(self, rows: list[Tokens]) -> None:
        starts = range(0, len(rows), CALIBRATION_BATCH)
        self.batches = iter([pad(rows[start : start + CALIBRATION_BATCH]) for start in starts])

    def get_next(self):
        return next(self.batches, None)


def main() -> None:
    """Keep the calibration whose scores stay closest to fp32's: finer than counting right answers."""
    arguments = parse_arguments()
    logging.getLogger().setLevel(logging.ERROR)
    fp32, int8 = (arguments.model / "onnx" / name for name in ("model.onnx", "model_quantized.onnx"))
    tokenizer = load_tokenizer(arguments.model, longest=128)
    split = load_split(arguments.data)
    rows = tokenize(tokenizer, [example.text for example in split.train])

    def validation_scores(file: Path) -> dict[str, np.ndarray]:
        session = open_session(file)
        return {
            name: positive_scores(session, tokenizer, [example.text for example in examples])
            for name, examples in split.validation.items()
        }

    def accuracies(scores: dict[str, np.ndarray]) -> str:
        return ", ".join(f"{name} {accuracy(scores[name], split.validation[name]):.4f}" for name in scores)

    wanted = validation_scores(fp32)
    print(f"fp32: {accuracies(wanted)}", flush=True)
    smallest = float("inf")
    with tempfile.TemporaryDirectory() as scratch:
        candidate = Path(scratch) / "candidate.onnx"
        for calibration in (Calibration(*pair) for pair in product(TOKEN_COUNTS, PERCENTILES)):
            quantize(fp32, candidate, rows, calibration)
            scores = validation_scores(candidate)
            difference = float(np.mean([np.abs(scores[name] - wanted[name]).mean() for name in wanted]))
            kept = difference < smallest
            if kept:
                smallest = difference
                int8.write_bytes(candidate.read_bytes())
            print(
                f"{calibration}: {accuracies(scores)}, scores differ by {difference:.4f}{', kept' if kept else ''}",
                flush=True,
            )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--model", type=Path, required=True, help="the model's folder, written by export.py")
    return parser.parse_args()


def quantize(fp32: Path, int8: Path, rows: list[Tokens], calibration: Calibration) -> None:
    fitting = [row for row in rows if len(row) == calibration.token_count]
    chosen = random.Random(SEED).sample(fitting, min(CALIBRATION_SENTENCES, len(fitting)))
    model = onnx.load(fp32)
    quantize_static(
        fp32,
        int8,
        Batches(chosen),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        nodes_to_exclude=products_of_activations(model),
        per_channel=True,
        reduce_range=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.Percentile,
        extra_options={
            "CalibPercentile": calibration.percentile,
            # A product is only ever added to something: nothing is gained by rounding it once more.
            "OpTypesToExcludeOutputQuantization": ["MatMul", "Gemm"],
            "TensorQuantOverrides": {table: [EIGHT_BITS] for table in embedding_tables(model)},
        },
    )
    quantized = onnx.load(int8)
    keep_residuals_exact(quantized)
    restore_only_what_is_looked_up(quantized)
    save(quantized, int8)


def embedding_tables(model: onnx.ModelProto) -> list[str]:
    return [node.input[0] for node in model.graph.node if node.op_type == "Gather"]


def products_of_activations(model: onnx.ModelProto) -> list[str]:
    """Attention's own products (scores, context): small, and what they lose by rounding is dear."""
    weights = {tensor.name for tensor in model.graph.initializer}
    return [node.name for node in model.graph.node if node.op_type == "MatMul" and node.input[1] not in weights]


def keep_residuals_exact(model: onnx.ModelProto) -> None:
    """Only matrix products need the rounded values; residual sums go back to the exact ones."""
    embedded = {node.output[0] for node in model.graph.node if node.op_type == "Gather"}
    exact_of_rounded = {
        node.output[0]: node.input[0]
        for node in model.graph.node
        if node.op_type == "QuantizeLinear" and node.input[0] not in embedded
    }
    exact_of_restored = {
        node.output[0]: exact_of_rounded[node.input[0]]
        for node in model.graph.node
        if node.op_type == "DequantizeLinear" and node.input[0] in exact_of_rounded
    }
    for node in model.graph.node:
        if node.op_type == "Add":
            node.input[:] = [exact_of_restored.get(name, name) for name in node.input]


def restore_only_what_is_looked_up(model: onnx.ModelProto) -> None:
    """Look words up in the int8 tables and turn only the rows found into floats.

    `quantize_static` restores the whole table before each lookup (12 million numbers, 4 ms a run) and rounds the rows
    to the same scale again afterwards. The result is the same to the bit.
    """
    producers = {node.output[0]: node for node in model.graph.node}
    consumers = {name: node for node in model.graph.node for name in node.input}
    for lookup in [node for node in model.graph.node if node.op_type == "Gather"]:
        restored_table = producers[lookup.input[0]]
        rounded_rows = consumers[lookup.output[0]]
        restored_rows = consumers[rounded_rows.output[0]]
        assert restored_table.input[1:] == rounded_rows.input[1:] == restored_rows.input[1:]
        lookup.input[0] = restored_table.input[0]
        restored_rows.input[0] = lookup.output[0]
        model.graph.node.remove(restored_table)
        model.graph.node.remove(rounded_rows)
    looked_up = {node.output[0] for node in model.graph.node if node.op_type == "Gather"}
    stale = [info for info in model.graph.value_info if info.name in looked_up]
    for info in stale:
        model.graph.value_info.remove(info)


if __name__ == "__main__":
    main()
