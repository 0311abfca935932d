"""Finding a model's files on this machine, or fetching them where the config says so, and naming what was found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from qosmatin.corpus.errors import InputError

from .weight_hashes import hash_model, may_read_weights

_COMMIT = re.compile(r"[0-9a-f]{40}")

_WANTED = ["*.json", "*.model", "*.spm", "*.txt", "*.safetensors", "pytorch_model*.bin", "*.jinja"]
"""What is fetched from a hub repository; other frameworks' weights stay there."""

RUNS_CODE = (
    "its weights (pytorch_model.bin) are a pickle that holds more than tensors, and would run code when it is opened; "
    "take the model as safetensors, from whom you trust"
)
"""What is told of weights that torch refuses to unpickle."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model on this machine: its folder, the name that people know it by, and the commit if it is from a hub."""

    folder: Path
    name: str
    revision: str | None

    def weights(self) -> str:
        """Return a hash of what changes its answers (see ``weight_hashes``)."""
        return hash_model(self.folder)


def is_here(model: str, revision: str | None) -> bool:
    """Whether a model is on this machine."""
    try:
        find_model(model, revision, download=False)
    except InputError:
        return False
    return True


def find_model(model: str, revision: str | None, download: bool) -> ModelFiles:
    """Find a model by folder or hub id; raises ``InputError`` when it is not here and may not be fetched."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return ModelFiles(folder, folder.name, None)
    if model.startswith((".", "/", "~")) or model.count("/") != 1:
        raise InputError("there is no such model folder; name a folder, or a hub id such as facebook/nllb-200", model)
    download = download and may_read_weights()
    from huggingface_hub import snapshot_download  # slow to import
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        snapshot = Path(
            snapshot_download(model, revision=revision, local_files_only=not download, allow_patterns=_WANTED)
        )
    except LocalEntryNotFoundError:
        raise InputError(
            f"model {model} is not on this machine; fetch it with `hf download {model}`, or set 'download: true'"
        ) from None
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise InputError(f"model {model} cannot be fetched: {error}") from None
    return ModelFiles(snapshot, model, snapshot.name if _COMMIT.fullmatch(snapshot.name) else revision)
