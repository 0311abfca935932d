"""What each licence demands of the whole: a table, document by corpus."""

import pytest

from qosmatin.corpus.dataset import Permission, licence_obstacles
from qosmatin.corpus.dataset.licences import demand, licence_class

WHOLES = ("CC0-1.0", "MIT", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "ODbL-1.0", "GPL-3.0-only")

# For each licence of a document: its class, and whether it may be part of a corpus under each of WHOLES.
TABLE = {
    "CC0-1.0": ("public domain", "y y y y y y y y"),
    "Unlicense": ("public domain", "y y y y y y y y"),
    "cc-by-4.0": ("attribution", "n y y y y y y y"),
    "CC-BY-3.0-IGO": ("attribution", "n y y y y y y y"),
    "Apache-2.0": ("attribution", "n y y y y y y y"),
    "CC-BY-SA-4.0": ("share-alike", "n n n y n n n y"),
    "CC-BY-SA-3.0": ("share-alike", "n n n y n n n n"),
    "CC-BY-SA-3.0-IGO": ("share-alike", "n n n y n n n n"),
    "CC-BY-SA-1.0": ("share-alike", "n n n n n n n n"),
    "ODbL-1.0": ("share-alike", "n n n n n n y n"),
    "GPL-2.0-or-later": ("share-alike", "n n n n n n n y"),
    "GPL-2.0-only": ("share-alike", "n n n n n n n n"),
    "MPL-2.0": ("share-alike", "n n n n n n n y"),
    "GFDL-1.3-or-later": ("share-alike", "n n n n n n n n"),
    "CC-BY-NC-4.0": ("non-commercial", "n n n n y y n n"),
    "CC-BY-NC-SA-4.0": ("non-commercial share-alike", "n n n n n y n n"),
    "CC-BY-NC-SA-3.0": ("non-commercial share-alike", "n n n n n y n n"),
    "CC-BY-ND-4.0": ("no-derivatives", "n n n n n n n n"),
    "CC-BY-NC-ND-4.0": ("no-derivatives", "n n n n n n n n"),
    "gemma": ("model terms", "n n n n n n n n"),
    "llama3.1": ("model terms", "n n n n n n n n"),
    "bigscience-openrail-m": ("model terms", "n n n n n n n n"),
    "openrail": ("model terms", "n n n n n n n n"),
    "unknown": ("unknown", "n n n n n n n n"),
    "": ("unknown", "n n n n n n n n"),
    "All rights reserved": (None, "n n n n n n n n"),
}


@pytest.mark.parametrize("licence", TABLE)
def test_what_a_licence_demands_of_the_whole(licence: str) -> None:
    of_class, row = TABLE[licence]
    assert licence_class(licence) == of_class
    found = {whole: licence_obstacles(whole, [{"id": "laws/1@en", "licence": licence}], []) for whole in WHOLES}
    assert {whole: not faults for whole, faults in found.items()} == dict(
        zip(WHOLES, (one == "y" for one in row.split()), strict=True)
    )
    permitted = [Permission(("laws/*",), "the publisher wrote so")]
    assert not any(licence_obstacles(whole, [{"id": "laws/1@en", "licence": licence}], permitted) for whole in WHOLES)
    assert demand(licence)


def test_the_obstacle_names_both_licences() -> None:
    [told] = licence_obstacles("MIT", [{"id": "a", "licence": "CC-BY-SA-4.0"}], [])
    assert told == (
        "document a: CC-BY-SA-4.0 asks that what is made of it is under the same licence, and the corpus is under MIT"
    )


@pytest.mark.parametrize("licence", ["unknown", "CC-BY-ND-4.0", "Mine", "gemma"])
def test_a_corpus_as_a_whole_needs_a_licence_that_lets_it_go(licence: str) -> None:
    assert len(licence_obstacles(licence, [{"id": "a", "licence": "CC0-1.0"}], [])) == 1
    assert not licence_obstacles(licence, [{"id": "a", "licence": "CC0-1.0"}], [Permission(("*",), "it is ours")])
