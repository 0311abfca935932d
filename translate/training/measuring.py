"""What a trained model does on pairs that it was neither trained nor chosen on: BLEU, chrF++, and some of its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.settings import Decoding
from qosmatin.translate.transformers_engine import TransformersSettings

from .pairs import Pairs
from .settings import TrainingConfig

_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """Corpus BLEU and chrF++ by sacrebleu on so many pairs, and some of them: source, output, target."""

    pairs: int
    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str
    samples: list[dict[str, str]]


def measure(config: TrainingConfig, folder: Path, start: Path, test: Pairs) -> Measured:
    """Translate the sources as ``engine: transformers`` does, by the model in ``folder``, and compare with the targets.

    ``start`` is the model that training started from, by whose name the profile of a language model is found.
    """
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    outputs = _translate(_engine_settings(config, folder, start), config, test.sources)
    bleu, chrf = BLEU(), CHRF(word_order=2)
    scores = [one.corpus_score(outputs, [test.targets]).score for one in (bleu, chrf)]
    rows = list(zip(test.sources, outputs, test.targets, strict=True))[:_SAMPLES]
    return Measured(
        pairs=len(test),
        bleu=float(scores[0]),
        chrf=float(scores[1]),
        bleu_signature=f"BLEU|{bleu.get_signature()}",
        chrf_signature=f"chrF2++|{chrf.get_signature()}",
        samples=[{"source": source, "output": output, "target": target} for source, output, target in rows],
    )


def _engine_settings(config: TrainingConfig, folder: Path, start: Path) -> TransformersSettings:
    base: dict[str, Any] = {}
    if config.base is not None:
        chosen = config.base.profile_in(start)
        base = {"source_code": config.base.source_code, "target_code": config.base.target_code}
        if config.base.family != "auto":
            base["family"] = config.base.family
        elif chosen is not None:
            base["profile"] = chosen.profile.name
    return TransformersSettings(
        engine="transformers",
        model=str(folder),
        device=config.training.device,
        decoding=Decoding(beams=config.training.beams, max_tokens=config.training.max_tokens),
        batch_sentences=config.training.batch_sentences,
        **base,
    )


def _translate(settings: TransformersSettings, config: TrainingConfig, sources: Sequence[str]) -> list[str]:
    engine = settings.open(config.data.source, config.data.target)
    outputs: list[str] = []
    try:
        for start in range(0, len(sources), settings.batch_sentences):
            requests = [TranslationRequest(one) for one in sources[start : start + settings.batch_sentences]]
            outputs += (answer.text for answer in engine.translate(requests))
    finally:
        engine.close()
    return outputs
