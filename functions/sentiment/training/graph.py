"""Write the model as an ONNX graph, node by node.

The exporters of PyTorch surround every reshape with arithmetic on shapes. By hand a layer is 46 nodes,
and each pattern (layer norm, GELU) is the one that ONNX Runtime recognizes and fuses when it loads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from model import SentimentBert, Size

OPSET = 14
# What the ONNX Runtime inside @xenova/transformers reads at most.
IR_VERSION = 8
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@dataclass
class Graph:
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def add(self, operator: str, *inputs: str, name: str, **attributes) -> str:
        """One node, called like its only output."""
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def number(self, value: float) -> str:
        return self.constant(f"number_{value:g}", np.array(value, np.float32))

    def integer(self, value: int) -> str:
        return self.constant(f"integer_{value}", np.array(value, np.int64))

    def integers(self, *values: int) -> str:
        return self.constant("_".join(map(str, ("integers", *values))), np.array(values, np.int64))

    def weight(self, name: str, parameter) -> str:
        return self.constant(name, parameter.detach().numpy())


def to_onnx(model: SentimentBert, size: Size = Size()) -> onnx.ModelProto:
    graph = Graph()
    hidden = embed(graph, model)
    mask = score_mask(graph)
    for index, layer in enumerate(model.layers):
        name = f"layer_{index}"
        context = attend(graph, layer.attention, hidden, mask, f"{name}/attention", size)
        summed = graph.add("Add", hidden, context, name=f"{name}/attention_residual")
        hidden = normalize(graph, layer.attention_norm, summed, f"{name}/attention_norm")
        expanded = gelu(graph, linear(graph, layer.expand, hidden, f"{name}/expand"), f"{name}/gelu")
        contracted = linear(graph, layer.contract, expanded, f"{name}/contract")
        summed = graph.add("Add", hidden, contracted, name=f"{name}/output_residual")
        hidden = normalize(graph, layer.output_norm, summed, f"{name}/output_norm")
    classify(graph, model, mean_of_tokens(graph, hidden))
    return finish(graph, size)


def embed(graph: Graph, model: SentimentBert) -> str:
    """Positions are counted along the mask, which leaves the shape known to whoever fuses nodes."""
    counted = graph.add("CumSum", "attention_mask", graph.integer(1), name="tokens_so_far")
    position_ids = graph.add("Sub", counted, "attention_mask", name="position_ids")
    words, positions, segments = (
        graph.add("Gather", graph.weight(f"{name}/weight", table.weight), ids, name=name)
        for name, table, ids in (
            ("words", model.words, "input_ids"),
            ("positions", model.positions, position_ids),
            ("segments", model.segments, "token_type_ids"),
        )
    )
    placed = graph.add("Add", words, positions, name="words_and_positions")
    summed = graph.add("Add", placed, segments, name="embeddings")
    return normalize(graph, model.embedding_norm, summed, "embedding_norm")


def score_mask(graph: Graph) -> str:
    """0 for a token and, for padding, a number so low that its share after softmax is exactly 0."""
    per_key = graph.add("Unsqueeze", "attention_mask", graph.integers(1, 2), name="mask_per_key")
    kept = graph.add("Cast", per_key, name="mask_as_float", to=TensorProto.FLOAT)
    padding = graph.add("Sub", graph.number(1), kept, name="padding")
    return graph.add("Mul", padding, graph.number(-1e9), name="score_mask")


def attend(graph: Graph, attention, hidden: str, mask: str, name: str, size: Size) -> str:
    """The queries' scaling is folded into their weights."""
    head_size = size.width // size.heads
    parameters = {kind: p.detach().numpy().copy() for kind, p in attention.query_key_value.named_parameters()}
    for parameter in parameters.values():
        parameter[: size.width] *= attention.scale
    weight = graph.constant(f"{name}/query_key_value/weight", parameters["weight"].T)
    bias = graph.constant(f"{name}/query_key_value/bias", parameters["bias"])
    product = graph.add("MatMul", hidden, weight, name=f"{name}/query_key_value/product")
    all_parts = graph.add("Add", product, bias, name=f"{name}/query_key_value")

    parts = [f"{name}/{part}" for part in ("query", "key", "value")]
    widths = graph.integers(*[size.width] * 3)
    graph.nodes.append(helper.make_node("Split", [all_parts, widths], parts, name=f"{name}/split", axis=-1))
    # 0 keeps a dimension as it is.
    heads = [
        graph.add("Reshape", part, graph.integers(0, 0, size.heads, head_size), name=f"{part}_heads")
        for part in parts
    ]
    query, key, value = (
        graph.add("Transpose", part, name=f"{part}_first", perm=order)
        for part, order in zip(heads, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]))
    )
    scores = graph.add("MatMul", query, key, name=f"{name}/scores")
    masked = graph.add("Add", scores, mask, name=f"{name}/masked_scores")
    shares = graph.add("Softmax", masked, name=f"{name}/shares", axis=-1)
    context = graph.add("MatMul", shares, value, name=f"{name}/context")
    by_token = graph.add("Transpose", context, name=f"{name}/context_by_token", perm=[0, 2, 1, 3])
    joined = graph.add("Reshape", by_token, graph.integers(0, 0, size.width), name=f"{name}/context_joined")
    return linear(graph, attention.output, joined, f"{name}/output")


def linear(graph: Graph, layer, value: str, name: str) -> str:
    weight = graph.constant(f"{name}/weight", layer.weight.detach().numpy().T)
    product = graph.add("MatMul", value, weight, name=f"{name}/product")
    return graph.add("Add", product, graph.weight(f"{name}/bias", layer.bias), name=name)


def normalize(graph: Graph, norm, value: str, name: str) -> str:
    mean = graph.add("ReduceMean", value, name=f"{name}/mean", axes=[-1])
    centered = graph.add("Sub", value, mean, name=f"{name}/centered")
    squared = graph.add("Pow", centered, graph.number(2), name=f"{name}/squared")
    variance = graph.add("ReduceMean", squared, name=f"{name}/variance", axes=[-1])
    positive = graph.add("Add", variance, graph.number(norm.eps), name=f"{name}/positive_variance")
    deviation = graph.add("Sqrt", positive, name=f"{name}/deviation")
    scaled = graph.add("Div", centered, deviation, name=f"{name}/standardized")
    weighted = graph.add("Mul", scaled, graph.weight(f"{name}/weight", norm.weight), name=f"{name}/weighted")
    return graph.add("Add", weighted, graph.weight(f"{name}/bias", norm.bias), name=name)


def gelu(graph: Graph, value: str, name: str) -> str:
    divided = graph.add("Div", value, graph.number(math.sqrt(2)), name=f"{name}/divided")
    error = graph.add("Erf", divided, name=f"{name}/erf")
    shifted = graph.add("Add", error, graph.number(1), name=f"{name}/shifted")
    product = graph.add("Mul", value, shifted, name=f"{name}/product")
    return graph.add("Mul", product, graph.number(0.5), name=name)


def mean_of_tokens(graph: Graph, hidden: str) -> str:
    column = graph.add("Unsqueeze", "attention_mask", graph.integers(2), name="mask_per_token")
    kept = graph.add("Cast", column, name="kept", to=TensorProto.FLOAT)
    tokens = graph.add("Mul", hidden, kept, name="kept_tokens")
    total = graph.add("ReduceSum", tokens, graph.integers(1), name="total", keepdims=0)
    count = graph.add("ReduceSum", kept, graph.integers(1), name="token_count", keepdims=0)
    return graph.add("Div", total, count, name="pooled")


def classify(graph: Graph, model: SentimentBert, pooled: str) -> str:
    weight = graph.constant("classifier/weight", model.classifier.weight.detach().numpy().T)
    bias = graph.weight("classifier/bias", model.classifier.bias)
    return graph.add("Gemm", pooled, weight, bias, name="logits")


def finish(graph: Graph, size: Size) -> onnx.ModelProto:
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"]) for name in INPUTS]
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", size.labels])
    body = helper.make_graph(graph.nodes, "sentiment", inputs, [logits], list(graph.constants.values()))
    return helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)])


def save(model: onnx.ModelProto, file) -> None:
    """Save so that ONNX Runtime 1.14 accepts it: one operator set, and a format version it knows."""
    operator_sets = [entry for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    del model.opset_import[:]
    model.opset_import.extend(operator_sets)
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, file)
