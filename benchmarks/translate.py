"""Speed of translation, each engine beside its peers in one run: ``benchmarks/translate.py cache engines overhead``.

Further parts: ``job`` and ``table`` (a million sentences through a stub, minutes) and ``gpu`` (where there is one).

The model is of OPUS-MT's size (6 + 6 layers of 512, 58,101 words) with random weights; every sentence is forced to as
many tokens as its source, so that all do the same work. Ratios are what counts: the machine is whatever it is.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from translate_clients import bench_clients

from qosmatin.translate.cache import AnswerCache, request_key
from qosmatin.translate.engine import Answer, EngineSpec, TranslationRequest
from qosmatin.translate.jobs import LazyEngine, translate_requests
from qosmatin.translate.tally import Tally

SPEC = EngineSpec("stub", "stub", None, None)


class Stub:
    """Answers at once."""

    batch_tokens, batch_sentences, parallel, max_source_tokens, sorts = 10**9, 1000, 1, None, True

    def count_tokens(self, texts):
        """Count characters."""
        return [len(text) for text in texts]

    def translate(self, requests):
        """Upper-case."""
        return [Answer(request.text.upper()) for request in requests]

    def close(self):
        """Do nothing."""


def bench_cache(folder: Path) -> None:
    """How many sentences a second the cache answers."""
    count = 200_000
    keys = [request_key(SPEC.key, TranslationRequest(f"сөйлем нөмірі {number}")) for number in range(count)]
    with AnswerCache(folder / "cache.sqlite") as cache:
        for start in range(0, count, 1000):
            cache.add(SPEC, {key: Answer("sentence " * 10, (), 20, 20) for key in keys[start : start + 1000]}, 0.0)
    with AnswerCache(folder / "cache.sqlite") as cache:
        started = time.perf_counter()
        requests = (TranslationRequest(f"сөйлем нөмірі {number}") for number in range(count))
        lazy = LazyEngine(SPEC, Stub)
        tally = Tally()
        for _ in translate_requests(requests, lazy, cache, tally):
            pass
        seconds = time.perf_counter() - started
    assert tally.asked == 0
    size = (folder / "cache.sqlite").stat().st_size / count
    print(
        f"cache: {count / seconds:,.0f} sentences/s through a job that the cache answers; {size:.0f} bytes a sentence"
    )


def bench_job(folder: Path, thousands: int, table: bool = False) -> None:
    """So many thousand sentences, of texts or of a table, through a job with a stub engine: seconds and peak memory."""
    from rich.console import Console

    from qosmatin.config.job import load_config
    from qosmatin.job.pipeline import open_job, run_job
    from qosmatin.stages import machine
    from qosmatin.stages.order import STAGES

    source = _write_table(folder / "rows.csv", thousands) if table else _write_texts(folder / "kk", thousands)
    (folder / "job.yaml").write_text(
        "corpus: {name: million, version: 1.0.0, folder: out}\n"
        f"sources: [{{{source}, lang: kk}}]\n"
        "translations: [{name: en, lang: en, engine: openai, model: stub}]\n"
    )
    machine.open_engine = lambda *_arguments: LazyEngine(SPEC, Stub)
    job = open_job(load_config(folder / "job.yaml"), Console())
    run_job(job, STAGES, until="split")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    started = time.perf_counter()
    run_job(job, STAGES, until="translate")
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    of = "rows of a table" if table else "sentences"
    print(f"job: {thousands},000 {of} translated in {seconds:.0f} s; peak memory {peak:.2f} GB ({before:.2f} before)")


def _write_texts(folder: Path, count: int) -> str:
    """Write texts of a thousand lines; returns the source as a job has it."""
    folder.mkdir()
    for document in range(count):
        text = "\n".join(f"Бұл {document} құжаттағы {line} сөйлем болып табылады." for line in range(1000))
        (folder / f"{document:04}.txt").write_text(text)
    return "files: [kk/*.txt]"


def _write_table(path: Path, thousands: int) -> str:
    """Write a CSV of so many thousand rows; returns the source as a job has it."""
    with path.open("w", encoding="utf-8") as lines:
        lines.write("id,kk,note\n")
        sentences = _real_lengths()
        lines.writelines(f"{row},{next(sentences)},row {row}\n" for row in range(thousands * 1000))
    return "table: {files: [rows.csv], text: kk}"


def _real_lengths() -> Iterator[str]:
    """Yield different sentences as long as those of news: 128 characters in the mean, a tenth of them above 215."""
    draw = random.Random(7)
    letters = "аәбвгғдежзийкқлмнңоөпрстуұүфхһшыі"
    words = ["".join(draw.choices(letters, k=draw.randint(2, 12))) for _ in range(20_000)]
    while True:
        sentence = " ".join(draw.choices(words, k=max(2, round(draw.lognormvariate(2.65, 0.5)))))
        yield f"{sentence.capitalize()}."


def build_model(folder: Path) -> list[str]:
    """Save a Marian of OPUS-MT's size with random weights; returns sentences for it."""
    import sentencepiece
    import torch
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    draw = random.Random(5)
    letters = "аәбвгғдежзийкқлмнңоөпрстуұүфхһшыі"
    words = ["".join(draw.choices(letters, k=draw.randint(2, 9))) for _ in range(4000)]
    sentences = [" ".join(draw.choices(words, k=draw.choice([4, 8, 10, 12, 15, 20, 30]))) for _ in range(400)]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*words, *sentences]), model_prefix=str(folder / "spm"), vocab_size=8000,
        model_type="bpe", hard_vocab_limit=False, minloglevel=2, bos_id=-1, eos_id=1, unk_id=0,
    )  # fmt: skip
    pieces = sentencepiece.SentencePieceProcessor(str(folder / "spm.model"))
    names = [pieces.id_to_piece(number) for number in range(2, pieces.get_piece_size())]
    vocabulary = ["</s>", "<unk>", *names]
    vocabulary += [f"▁filler{number}" for number in range(58_100 - len(vocabulary))] + ["<pad>"]
    (folder / "vocab.json").write_text(json.dumps({name: number for number, name in enumerate(vocabulary)}))
    spm = str(folder / "spm.model")
    MarianTokenizer(spm, spm, str(folder / "vocab.json")).save_pretrained(folder)
    torch.manual_seed(1)
    config = MarianConfig(
        vocab_size=58_101, decoder_vocab_size=58_101, pad_token_id=58_100, eos_token_id=0,
        decoder_start_token_id=58_100, forced_eos_token_id=0, max_position_embeddings=512, d_model=512,
        encoder_layers=6, decoder_layers=6, encoder_attention_heads=8, decoder_attention_heads=8,
        encoder_ffn_dim=2048, decoder_ffn_dim=2048, scale_embedding=True, activation_function="swish",
    )  # fmt: skip
    model = MarianMTModel(config)
    with torch.no_grad():
        model.final_logits_bias[0, 0] = -1e4  # the end comes by the bound alone
    model.save_pretrained(folder)
    return sentences


def bench_overhead(folder: Path, tokens: int, rounds: int) -> None:
    """What job, cache, checks and tables add to the ctranslate2 engine: a whole stage against the bare engine."""
    import statistics

    from rich.console import Console

    from qosmatin.config.job import load_config
    from qosmatin.job.pipeline import open_job, run_job
    from qosmatin.stages import machine
    from qosmatin.stages.machine import translate_corpus
    from qosmatin.stages.order import STAGES
    from qosmatin.translate.batching import batches_by_tokens
    from qosmatin.translate.opening import open_engine

    os.environ["XDG_CACHE_HOME"] = str(folder / "conversions")
    (folder / "model").mkdir()
    (folder / "kk").mkdir()
    sentences = [f"{text.capitalize()}." for text in build_model(folder / "model")]  # which no line joins to another
    for number in range(4):
        (folder / "kk" / f"{number}.txt").write_text("\n".join(sentences[number::4]))
    (folder / "job.yaml").write_text(
        "corpus: {name: overhead, version: 1.0.0, folder: out}\n"
        "sources: [{files: [kk/*.txt], lang: kk}]\n"
        "translations:\n"
        "  - {name: en, lang: en, engine: ctranslate2, model: model, device: cpu,\n"
        f"     decoding: {{beams: 1, max_tokens: {tokens}}}}}\n"
    )
    job = open_job(load_config(folder / "job.yaml"), Console(quiet=True))
    run_job(job, STAGES, until="split")
    translation = job.config.translations[0]
    lazy = open_engine(translation, "kk", "en")
    engine = lazy.get()
    requests = [TranslationRequest(text) for text in job.folder.read("sentences")["text"].to_pylist()]
    lengths = engine.count_tokens([one.text for one in requests])
    cut = list(batches_by_tokens(lengths, engine.batch_tokens, engine.batch_sentences))

    def bare() -> None:
        engine.count_tokens([one.text for one in requests])
        with ThreadPoolExecutor(engine.parallel) as threads:
            list(threads.map(lambda batch: engine.translate([requests[index] for index in batch]), cut))

    def whole_job() -> None:
        shutil.rmtree(folder / "out" / "cache", ignore_errors=True)
        translate_corpus(job, translation)

    # The same engine for both, already loaded: what loading takes is no overhead of the job's.
    machine.open_engine = lambda *_arguments: LazyEngine(lazy.spec, lambda: Kept(engine))
    bare(), whole_job()
    wall, cpu = [], []
    for _ in range(rounds):
        # Both orders, so that a machine that grows busier or less so favours neither.
        spent = [
            [*both_clocks(name, work, len(requests))]
            for name, work in (
                ("the bare engine", bare),
                ("the stage: job, cache, checks, table", whole_job),
                ("the stage: job, cache, checks, table", whole_job),
                ("the bare engine", bare),
            )
        ]
        for ratios, clock in ((wall, 0), (cpu, 1)):
            ratios.append((spent[1][clock] + spent[2][clock]) / (spent[0][clock] + spent[3][clock]))
    print(
        f"  overhead by the wall clock: {statistics.median(wall) - 1:.1%} ({min(wall) - 1:.1%} to {max(wall) - 1:.1%})"
    )
    print(f"  overhead in CPU seconds:    {statistics.median(cpu) - 1:.1%} ({min(cpu) - 1:.1%} to {max(cpu) - 1:.1%})")


def both_clocks(name: str, work: Callable[[], object], sentences: int) -> tuple[float, float]:
    """Run and print; returns seconds, and CPU seconds of all threads, which other programs hardly change."""
    before = time.process_time()
    seconds = timed(name, work, sentences)
    return seconds, time.process_time() - before


class Kept:
    """An engine that outlives the job that closes it."""

    def __init__(self, engine: object) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def close(self) -> None:
        """Do nothing."""


def bench_gpu(folder: Path, tokens: int) -> None:
    """On a CUDA GPU: bf16 against the plain loop of 32 in bf16, and the share of the time that the GPU idles."""
    try:
        import torch
    except ImportError:
        print("gpu: skipped, torch is not installed: pip install 'qosmatin[mt]'")
        return
    if not torch.cuda.is_available():
        print("gpu: skipped, torch finds no CUDA GPU here")
        return
    from torch.profiler import ProfilerActivity, profile
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    from qosmatin.translate.opening import open_engine
    from qosmatin.translate.settings import Decoding
    from qosmatin.translate.transformers_engine import TransformersSettings

    (folder / "model").mkdir()
    texts = build_model(folder / "model")
    sentences = [f"{text} {number}" for number in range(50) for text in texts]
    tokenizer = AutoTokenizer.from_pretrained(folder / "model")
    model = AutoModelForSeq2SeqLM.from_pretrained(folder / "model", dtype=torch.bfloat16).cuda().eval()

    def plain_loop() -> None:
        for start in range(0, len(sentences), 32):
            batch = tokenizer(sentences[start : start + 32], return_tensors="pt", padding=True).to("cuda")
            with torch.inference_mode():
                out = model.generate(**batch, num_beams=1, max_new_tokens=tokens)
            tokenizer.batch_decode(out, skip_special_tokens=True)

    settings = TransformersSettings(
        engine="transformers", model=str(folder / "model"), device="cuda", dtype="bfloat16",
        decoding=Decoding(beams=1, max_tokens=tokens), batch_tokens=16384, batch_sentences=512,
    )  # fmt: skip
    ours = open_engine(settings, "kk", "en")
    ours.get()

    def through_job(name: str) -> None:
        with AnswerCache(folder / f"{name}.sqlite") as cache:
            for _ in translate_requests(map(TranslationRequest, sentences), ours, cache, Tally()):
                pass

    loop = timed("transformers bf16, plain loop of 32", plain_loop, len(sentences))
    job = timed("engine transformers bf16, through a job", lambda: through_job("a"), len(sentences))
    print(f"  our engine on {torch.cuda.get_device_name()}: {loop / job:.2f} times the plain loop")
    sentences = sentences[:2000]
    started = time.perf_counter()
    with profile(activities=[ProfilerActivity.CUDA]) as profiler:
        through_job("b")
    seconds = time.perf_counter() - started
    busy = sum(event.self_device_time_total for event in profiler.key_averages()) / 1e6
    print(f"  idle by the profiler: {max(0.0, 1 - busy / seconds):.1%} of {seconds:.1f} s (profiling slows the host)")


def timed(name: str, work: Callable[[], object], sentences: int) -> float:
    """Run and print; returns seconds."""
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    print(f"  {name:<44} {sentences / seconds:8.1f} sentences/s")
    return seconds


def bench_engines(folder: Path, tokens: int) -> None:
    """Our engines beside a plain loop and CTranslate2's own stream; greedy, so many tokens for each sentence."""
    import ctranslate2
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    from qosmatin.translate.conversion import convert
    from qosmatin.translate.ctranslate2_engine import CTranslate2Engine, CTranslate2Settings
    from qosmatin.translate.model_files import find_model
    from qosmatin.translate.opening import open_engine
    from qosmatin.translate.settings import Decoding
    from qosmatin.translate.transformers_engine import TransformersSettings

    os.environ["XDG_CACHE_HOME"] = str(folder / "conversions")
    (folder / "model").mkdir()
    sentences = build_model(folder / "model")
    count = len(sentences)
    plain = {"model": str(folder / "model"), "device": "cpu", "decoding": Decoding(beams=1, max_tokens=tokens)}

    tokenizer = AutoTokenizer.from_pretrained(folder / "model")
    model = AutoModelForSeq2SeqLM.from_pretrained(folder / "model").eval()

    def plain_loop() -> None:
        for start in range(0, count, 32):
            batch = tokenizer(sentences[start : start + 32], return_tensors="pt", padding=True)
            with torch.inference_mode():
                out = model.generate(**batch, num_beams=1, max_new_tokens=tokens)
            tokenizer.batch_decode(out, skip_special_tokens=True)

    def through_job(engine: LazyEngine, name: str) -> Callable[[], None]:
        def work() -> None:
            with AnswerCache(folder / f"{name}.sqlite") as cache:
                for _ in translate_requests(map(TranslationRequest, sentences), engine, cache, Tally()):
                    pass

        return work

    ours = open_engine(TransformersSettings(engine="transformers", **plain), "kk", "en")
    fast = open_engine(CTranslate2Settings(engine="ctranslate2", **plain), "kk", "en")
    ours.get(), fast.get()
    loop = timed("transformers, plain loop of 32", plain_loop, count)
    job = timed("engine transformers, through a job", through_job(ours, "ours"), count)
    converted = timed("engine ctranslate2 int8, through a job", through_job(fast, "fast"), count)
    engine = fast.get()
    assert isinstance(engine, CTranslate2Engine)
    translator = ctranslate2.Translator(
        str(convert(find_model(plain["model"], None, False))), compute_type="int8", inter_threads=engine.parallel,
        intra_threads=1,
    )  # fmt: skip

    def stream() -> None:
        source = (tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"]) for text in sentences)
        options = {"max_batch_size": 4096, "batch_type": "tokens", "beam_size": 1, "max_decoding_length": tokens}
        for result in translator.translate_iterable(source, **options):
            tokenizer.decode(tokenizer.convert_tokens_to_ids(result.hypotheses[0]))

    peer = timed("CTranslate2's translate_iterable, int8", stream, count)
    print(f"  our transformers engine: {loop / job:.2f} times the plain loop")
    print(f"  our ctranslate2 engine: {job / converted:.2f} times our transformers engine")
    print(f"  our ctranslate2 engine: {peer / converted:.2f} times translate_iterable")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parts = ["cache", "job", "table", "engines", "overhead", "clients", "gpu"]
    parser.add_argument("what", nargs="*", choices=parts, default=["cache", "engines", "overhead", "clients"])
    parser.add_argument("--thousands", type=int, default=1000, help="thousands of sentences of `job` and `table`")
    parser.add_argument(
        "--rounds", type=int, default=3, help="repetitions of `overhead` and `clients`, whose median counts"
    )
    parser.add_argument("--tokens", type=int, default=24, help="tokens forced for each sentence")
    arguments = parser.parse_args()
    for what in arguments.what:
        with tempfile.TemporaryDirectory() as name:
            if what == "cache":
                bench_cache(Path(name))
            elif what == "job":
                bench_job(Path(name), arguments.thousands)
            elif what == "table":
                bench_job(Path(name), arguments.thousands, table=True)
            elif what == "overhead":
                bench_overhead(Path(name), arguments.tokens, arguments.rounds)
            elif what == "clients":
                bench_clients(Path(name), list(islice(_real_lengths(), 400)), arguments.rounds)
            elif what == "gpu":
                bench_gpu(Path(name), arguments.tokens)
            else:
                bench_engines(Path(name), arguments.tokens)


if __name__ == "__main__":
    main()
