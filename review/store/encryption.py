"""Backups that only the holder of a key reads: by ``age`` or GnuPG, where the user has them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_file

_OF_AGE = ("age1", "ssh-")
"""How the public keys of age begin; any other recipient is GnuPG's: an address or a fingerprint."""

ENDINGS = (".age", ".gpg")


def ending_for(recipient: str) -> str:
    """Return the ending of a file that is encrypted to ``recipient``."""
    return ".age" if recipient.startswith(_OF_AGE) else ".gpg"


def check_recipient(recipient: str) -> None:
    """Raise ``InputError`` before any work where a backup cannot be encrypted to ``recipient``."""
    _program(ending_for(recipient))
    if not recipient or recipient.startswith("-"):
        raise InputError(f"{recipient!r} is no recipient: give a public key of age, or an address that gpg knows")
    if ending_for(recipient) == ".gpg":
        _run(["gpg", "--batch", "--list-keys", "--", recipient], None, f"gpg knows no key of {recipient}")


def encrypt(file: Path, target: Path, recipient: str) -> None:
    """Encrypt ``file`` to ``recipient`` as ``target``, which appears whole or not at all."""
    with replacing_file(target) as beside:
        beside.unlink(missing_ok=True)
        if ending_for(recipient) == ".age":
            command = ["age", "--encrypt", "--recipient", recipient, "--output", str(beside), str(file)]
        else:
            # Whose key it is, the user has said by naming it; gpg's web of trust is for strangers.
            always = ["gpg", "--batch", "--yes", "--trust-model", "always"]
            command = [*always, "--output", str(beside), "--recipient", recipient, "--encrypt", "--", str(file)]
        _run(command, target, "the backup cannot be encrypted")
        beside.chmod(0o600)


@contextmanager
def decrypted(file: Path, identity: Path | None) -> Iterator[Path]:
    """Give the backup that is in an encrypted file, in a folder of its own that goes with the block.

    ``identity`` is the file with age's secret key; gpg finds its keys by itself. A file that is not encrypted is given
    as it is. Raises ``InputError`` where it cannot be opened.
    """
    if file.suffix not in ENDINGS:
        yield file
        return
    _program(file.suffix)
    with tempfile.TemporaryDirectory() as folder:
        opened = Path(folder) / file.stem
        if file.suffix == ".age":
            if identity is None:
                raise InputError("name the file with the secret key of age: --identity KEY", file)
            command = ["age", "--decrypt", "--identity", str(identity), "--output", str(opened), str(file)]
        else:
            command = ["gpg", "--batch", "--yes", "--output", str(opened), "--decrypt", "--", str(file)]
        _run(command, file, "the backup cannot be decrypted")
        yield opened


def _program(ending: str) -> None:
    name = {".age": "age", ".gpg": "gpg"}[ending]
    if shutil.which(name) is None:
        package = {".age": "age", ".gpg": "gnupg"}[ending]
        raise InputError(f"{name} is not installed: apt-get install {package}, or give another recipient")


def _run(command: list[str], file: Path | None, fault: str) -> None:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise InputError(f"{fault}: {lines[-1] if lines else f'exit status {done.returncode}'}", file)
