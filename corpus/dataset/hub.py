"""Bringing a dataset folder to the Hugging Face hub, or to another folder: the same bytes in either place.

The token comes from where ``huggingface_hub`` keeps it (``hf auth login`` or ``HF_TOKEN``), the address from
``HF_ENDPOINT``.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from qosmatin.corpus.errors import EngineError, InputError
from qosmatin.corpus.files.atomic import replacing_folder

from .card import read_version

_OURS = ["*/*.parquet", "README.md", "CHANGELOG.md", "croissant.json"]
"""What a dataset folder holds; only such files are removed from the hub when they are here no longer."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A dataset repository on the hub.

    ``revision`` is the branch to write to, made if need be (None for the main one); with ``pull_request`` the change is
    proposed instead.
    """

    repo: str
    private: bool = False
    revision: str | None = None
    pull_request: bool = False


def dataset_files(dataset: Path) -> list[tuple[str, int]]:
    """Return name and size in bytes of each file of a dataset folder, as they will be published."""
    files = sorted(path for path in dataset.rglob("*") if path.is_file())
    return [(path.relative_to(dataset).as_posix(), path.stat().st_size) for path in files]


def copy_dataset(dataset: Path, to: Path) -> None:
    """Copy a dataset folder to ``to``, replacing an earlier dataset there whole.

    Raises ``InputError`` when ``to`` holds something else.
    """
    if to.exists() and (not to.is_dir() or (any(to.iterdir()) and read_version(to) is None)):
        raise InputError("this is no dataset, and will not be replaced; name another folder", to)
    with replacing_folder(to) as beside:
        shutil.copytree(dataset, beside, dirs_exist_ok=True)


def push_dataset(dataset: Path, to: Destination) -> str:
    """Push a dataset folder to the hub in one commit; returns the commit's (or pull request's) address.

    Until the commit the earlier dataset stands whole. Large files are uploaded first, by content: after a cut
    connection those that arrived are not sent again. The version becomes a tag. Raises ``InputError`` for what the user
    can mend (no token, no right, a wrong name), ``EngineError`` when the hub cannot be reached.
    """
    from huggingface_hub import HfApi  # noqa: PLC0415
    from huggingface_hub.errors import (  # type: ignore[attr-defined]  # noqa: PLC0415
        HfHubHTTPError,
        HFValidationError,
        HTTPError,  # of whichever HTTP client the hub's library uses
        LocalTokenNotFoundError,
    )

    try:
        return _push(HfApi(library_name="qosmatin"), dataset, to)
    except (LocalTokenNotFoundError, HFValidationError) as error:
        raise InputError(f"cannot push to {to.repo}: {error}") from None
    except HfHubHTTPError as error:
        if error.response is not None and error.response.status_code in (401, 403, 404):
            hint = "log in with `hf auth login`, and check the name and your rights"
            raise InputError(f"the hub refused to write to {to.repo}: {_first_line(error)}; {hint}") from None
        raise EngineError("hub", f"{_first_line(error)}; run the same command again to go on") from None
    except (HTTPError, OSError, RuntimeError) as error:
        raise EngineError("hub", f"{_first_line(error)}; run the same command again to go on") from None


def _push(api: object, dataset: Path, to: Destination) -> str:
    from huggingface_hub import HfApi  # noqa: PLC0415

    assert isinstance(api, HfApi)
    version = read_version(dataset)
    api.create_repo(to.repo, repo_type="dataset", private=to.private, exist_ok=True)
    if to.revision is not None:
        api.create_branch(to.repo, branch=to.revision, repo_type="dataset", exist_ok=True)
    commit = api.upload_folder(
        repo_id=to.repo,
        folder_path=dataset,
        repo_type="dataset",
        revision=to.revision,
        create_pr=to.pull_request,
        commit_message=f"Publish version {version}",
        delete_patterns=_OURS,
    )
    if not to.pull_request:
        api.create_tag(to.repo, tag=f"v{version}", revision=commit.oid, repo_type="dataset", exist_ok=True)
    return str(commit.pr_url or commit.commit_url)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0] or type(error).__name__
