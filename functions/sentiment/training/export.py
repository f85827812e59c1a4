"""Write a trained checkpoint as fp32 ONNX, and beside it what the JavaScript library loads with it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from graph import save, to_onnx
from model import Size, load_trained

# The vocabulary has no emoji, so all would read as [UNK]. These carry a feeling worth keeping.
EMOJI_READ_AS = {
    "love": "❤♥💕💖💗💘💙💚💛💜🧡😍🥰😘",
    "happy": "😀😃😄😁😊🙂☺😺🤗",
    "great": "👍👏🎉🤩💯🥳",
    "funny": "😂🤣😆😹",
    "sad": "😢😞😔☹🙁💔😿😥",
    "angry": "😡😠🤬👿",
    "bad": "👎💩",
    "disgusting": "🤮🤢",
    # Skin tones, and the mark that asks for the coloured form: no word.
    "": "🏻🏼🏽🏾🏿\ufe0f",
}


def main() -> None:
    arguments = parse_arguments()
    (arguments.out / "onnx").mkdir(parents=True, exist_ok=True)
    save(to_onnx(load_trained(arguments.checkpoint)), arguments.out / "onnx" / "model.onnx")
    write_config(arguments.out)
    write_tokenizer(arguments.base, arguments.out)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="a .safetensors file of train.py")
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, required=True, help="the model's folder")
    return parser.parse_args()


def write_config(folder: Path) -> None:
    size = Size()
    labels = {0: "NEGATIVE", 1: "POSITIVE"}
    config = {
        "architectures": ["BertForSequenceClassification"],
        "model_type": "bert",
        "problem_type": "single_label_classification",
        "id2label": labels,
        "label2id": {name: index for index, name in labels.items()},
        "vocab_size": size.vocabulary,
        "max_position_embeddings": size.positions,
        "num_hidden_layers": size.layers,
        "hidden_size": size.width,
        "num_attention_heads": size.heads,
        "intermediate_size": size.feed_forward,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-12,
        "type_vocab_size": 2,
        "position_embedding_type": "absolute",
        "pad_token_id": 0,
    }
    write_json(config, folder / "config.json")


def write_tokenizer(base: Path, folder: Path) -> None:
    """The base model's tokenizer with emoji read as words, less its own truncation and padding.

    How far to truncate and pad is the caller's business; a file that says so too breaks the library.
    """
    tokenizer = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["truncation"] = tokenizer["padding"] = None
    readings = [
        {"type": "Replace", "pattern": {"Regex": f"[{emoji}]"}, "content": f" {word} "}
        for word, emoji in EMOJI_READ_AS.items()
    ]
    tokenizer["normalizer"] = {"type": "Sequence", "normalizers": [*readings, tokenizer["normalizer"]]}
    (folder / "tokenizer.json").write_text(
        json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )
    write_json(
        {
            "tokenizer_class": "BertTokenizer",
            "model_max_length": Size.positions,
            "do_lower_case": True,
            "tokenize_chinese_chars": True,
            "strip_accents": None,
            "unk_token": "[UNK]",
            "sep_token": "[SEP]",
            "pad_token": "[PAD]",
            "cls_token": "[CLS]",
            "mask_token": "[MASK]",
        },
        folder / "tokenizer_config.json",
    )


def write_json(value: object, file: Path) -> None:
    file.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
