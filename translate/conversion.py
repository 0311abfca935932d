"""Converting checkpoints for CTranslate2, once: the result is kept under the hash of the checkpoint's content."""

from __future__ import annotations

import os
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from filelock import FileLock

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.files.atomic import replacing_folder

from .model_files import RUNS_CODE, ModelFiles
from .model_opening import check_shared

_FORMAT = "1"
"""Rises when a conversion made by an older version of this module must not be used."""


def conversions_folder() -> Path:
    """Return where conversions are kept: ``qosmatin/ctranslate2`` in the user's cache (``XDG_CACHE_HOME``)."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "qosmatin" / "ctranslate2"


def converted_path(model: ModelFiles) -> Path:
    """Return where the conversion of a model is, or would be."""
    return conversions_folder() / f"{model.weights()}-{_FORMAT}"


def convert(model: ModelFiles) -> Path:
    """Return the folder of a model's conversion, made now if it is not there.

    Weights keep their precision: what they are computed in is chosen when the model is opened, so that one conversion
    serves int8 on a CPU and int8_float16 on a GPU. Raises ``InputError`` for a model that CTranslate2 does not know.
    """
    folder = converted_path(model)
    if (folder / "model.bin").exists():
        return folder
    converter = _converter_class()
    folder.parent.mkdir(parents=True, exist_ok=True)
    # The tasks of an array start at once: one converts, the others wait for it.
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        if not (folder / "model.bin").exists():
            with replacing_folder(folder) as beside:
                try:
                    converter(str(model.folder)).convert(str(beside), force=True)
                except UnpicklingError:
                    raise InputError(f"CTranslate2 cannot convert this model: {RUNS_CODE}", model.folder) from None
                except (ValueError, OSError, AttributeError, NotImplementedError) as error:
                    raise InputError(f"CTranslate2 cannot convert this model: {error}", model.folder) from None
    return folder


def _converter_class() -> Any:
    """Return CTranslate2's converter, mended where it and transformers 5 disagree without a word."""
    try:
        import torch
        from ctranslate2.converters import TransformersConverter
        from ctranslate2.specs import model_spec
        from transformers import AutoConfig, AutoModelForSeq2SeqLM
        from transformers.utils import logging
    except ImportError:
        raise MissingExtraError("converting models", "mt") from None
    logging.disable_progress_bar()

    class Converter(TransformersConverter):  # type: ignore[misc]
        def _load(self) -> Any:
            spec = super()._load()
            config = AutoConfig.from_pretrained(self._model_name_or_path, local_files_only=True)
            # transformers 5 calls every T5 tied and says apart whether outputs are scaled; CTranslate2 4.8 goes by the
            # former. MADLAD's logits would come out too flat: greedy search hides it, beam search loops.
            if config.model_type == "t5" and not getattr(config, "scale_decoder_outputs", True):
                spec.decoder.scale_outputs = model_spec.OPTIONAL
            # CTranslate2 starts a Marian from a zero embedding. The published models have that row for their <pad>;
            # one that transformers trained need not.
            if config.model_type == "marian":
                model = AutoModelForSeq2SeqLM.from_pretrained(self._model_name_or_path, local_files_only=True)
                check_shared(model, Path(self._model_name_or_path))
                start = model.get_decoder().embed_tokens.weight[config.decoder_start_token_id]
                if torch.count_nonzero(start):
                    raise ValueError(
                        "this Marian's decoder does not start from a zero embedding (it was trained further by "
                        "transformers); use engine: transformers"
                    )
            return spec

    return Converter
