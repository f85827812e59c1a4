"""Fine-tune the base model on the CPU and keep a checkpoint of every epoch."""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import cross_entropy

from data import SEED, Example, as_people_write, load_split
from model import SentimentBert, load_base
from tokens import bucketed, load_tokenizer, pad, tokenize

LONGEST_TOKENS = 128
BATCH = 64
PEAK_LEARNING_RATE = 5e-5
WARM_UP_STEPS = 100
WEIGHT_DECAY = 0.01


def main() -> None:
    arguments = parse_arguments()
    random.seed(SEED)
    torch.manual_seed(SEED)
    arguments.out.mkdir(parents=True, exist_ok=True)

    split = load_split(arguments.data)
    tokenizer = load_tokenizer(arguments.base, LONGEST_TOKENS)
    print(f"{len(split.train)} training examples", {k: len(v) for k, v in split.validation.items()})

    model = load_base(arguments.base)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    as_is = tokenize(tokenizer, [example.text for example in split.train])
    as_written = tokenize(tokenizer, [as_people_write(example.text) for example in split.train])
    labels = torch.tensor([example.label for example in split.train])

    steps_per_epoch = -(-len(as_is) // BATCH)
    optimizer, schedule = make_optimizer(model, arguments.epochs * steps_per_epoch)
    started = time.monotonic()
    for epoch in range(1, arguments.epochs + 1):
        # Half of the film reviews each epoch in the treebank's spelling, half in people's.
        rows = [random.choice(pair) for pair in zip(as_is, as_written)]
        model.train()
        losses: list[float] = []
        for batch in bucketed(rows, BATCH, random.Random(SEED + epoch)):
            loss = loss_of(model, [rows[index] for index in batch], labels[batch])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
            if len(losses) % 100 == 0:
                seconds = time.monotonic() - started
                print(f"epoch {epoch} step {len(losses)}: loss {sum(losses[-100:]) / 100:.3f}, {seconds:.0f} s", flush=True)
        save_file(model.state_dict(), arguments.out / f"epoch-{epoch}.safetensors")
        for name, examples in split.validation.items():
            print(f"epoch {epoch}: validation {name} {accuracy(model, tokenizer, examples):.4f}", flush=True)
    print(f"trained for {time.monotonic() - started:.0f} s")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoints")
    parser.add_argument("--epochs", type=int, default=3)
    return parser.parse_args()


def make_optimizer(model: SentimentBert, steps: int):
    """AdamW: a short warm-up, then a straight line down to 0. Biases and norms do not decay."""
    decaying = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decaying, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}],
        lr=PEAK_LEARNING_RATE,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / WARM_UP_STEPS, (steps - step) / (steps - WARM_UP_STEPS)),
    )
    return optimizer, schedule


def loss_of(model: SentimentBert, rows: list[list[int]], labels: Tensor) -> Tensor:
    return cross_entropy(logits_of(model, rows).float(), labels)


def logits_of(model: SentimentBert, rows: list[list[int]]) -> Tensor:
    inputs = {name: torch.from_numpy(array) for name, array in pad(rows).items()}
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return model(**inputs)


@torch.no_grad()
def accuracy(model: SentimentBert, tokenizer, examples: list[Example]) -> float:
    model.eval()
    rows = tokenize(tokenizer, [example.text for example in examples])
    right = 0
    for batch in bucketed(rows, BATCH, random.Random(0)):
        guesses = logits_of(model, [rows[index] for index in batch]).argmax(dim=-1)
        right += sum(int(g) == examples[i].label for g, i in zip(guesses, batch))
    return right / len(examples)


if __name__ == "__main__":
    main()
