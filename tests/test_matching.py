"""Matching of documents by what they say: small sets made here, the command, and the dev sets where they are."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qosmatin.align import Match, match
from qosmatin.align.matching import match_report
from qosmatin.align.matching.assignment import assign
from qosmatin.align.matching.candidates import Candidates
from qosmatin.cli import main
from qosmatin.config.job import load_config
from qosmatin.corpus.errors import InputError
from qosmatin.job.documents import list_documents

np = pytest.importorskip("numpy")

DEV = Path(__file__).parent.parent.parent / "shared" / "data" / "docmatch"

TEXTS = [
    (
        "Қар жауды. Мектептер жабылды.\n\nАстанада 2021 жылы 35 мектеп жабылды.",
        "It snowed. The schools were closed.\n\nIn Astana 35 schools were closed in 2021.",
    ),
    (
        "Президент Парижге барды. Ол Макронмен кездесті.\n\nКелісімге қол қойылды.",
        "The president went to Paris. He met Macron.\n\nAn agreement was signed.",
    ),
    (
        "Теңге бағамы 470 болды. Ұлттық банк мәлімдеді.\n\nДоллар қымбаттады.",
        "The tenge rate was 470. The National Bank announced it.\n\nThe dollar became dearer.",
    ),
    (
        "Футболшылар Лондонда ойнады. Матч 3:2 есебімен аяқталды.",
        "The football players played in London. The match ended 3:2.",
    ),
    (
        "Дәрігер балаға дәрі берді. Анасы қуанды. Аурухана 1990 жылы салынған.",
        "The doctor gave the child medicine. The mother was glad. The hospital was built in 1990.",
    ),
]
ALONE = (
    "Шахтада апат болды. Құтқарушылар жұмыс істеп жатыр.",
    "Whales sing in the southern ocean. Their songs travel far.",
)


def shuffled(seed: int) -> tuple[list[str], list[str], set[tuple[int, int]]]:
    """The texts with one stranger on each side, in random order, and which belong together."""
    rng = random.Random(seed)
    sides = [[*(pair[side] for pair in TEXTS), ALONE[side]] for side in (0, 1)]
    orders = [rng.sample(range(len(side)), len(side)) for side in sides]
    right = {(orders[0].index(at), orders[1].index(at)) for at in range(len(TEXTS))}
    return [sides[0][at] for at in orders[0]], [sides[1][at] for at in orders[1]], right


@pytest.mark.parametrize("seed", range(3))
def test_documents_find_each_other_in_any_order_and_strangers_stay_alone(seed: int) -> None:
    sources, targets, right = shuffled(seed)
    matches = match(sources, targets, "kk", "en")
    assert {(one.source, one.target) for one in matches} == right
    assert matches == match(sources, targets, "kk", "en")
    assert all(0.5 <= one.confidence <= 1.0 for one in matches)


def test_the_other_direction_finds_the_same() -> None:
    sources, targets, right = shuffled(0)
    found = match(targets, sources, "en", "kk")
    assert {(one.target, one.source) for one in found} == right


@pytest.mark.parametrize(
    ("sources", "targets"), [([], []), (["Қар жауды."], []), ([], ["It snowed."]), (["", " "], ["It snowed.", ""])]
)
def test_nothing_matches_nothing(sources: list[str], targets: list[str]) -> None:
    assert match(sources, targets, "kk", "en") == []


def test_two_documents_that_have_nothing_in_common_are_left_alone() -> None:
    assert match([ALONE[0]], [ALONE[1]], "kk", "en") == []


def test_a_text_where_texts_are_meant_is_refused() -> None:
    with pytest.raises(InputError, match="a list of texts is meant"):
        match("Қар жауды.", ["It snowed."], "kk", "en")


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.floats(0, 5)), max_size=20, unique_by=lambda one: one[:2]
    )
)
@settings(max_examples=50, deadline=None)
def test_the_assignment_is_one_to_one_and_no_single_pair_betters_it(pairs: list[tuple[int, int, float]]) -> None:
    array = np.array(pairs, dtype=float).reshape(-1, 3)
    table = Candidates(array[:, 0].astype(np.int64), array[:, 1].astype(np.int64), array[:, 2])
    chosen = assign(table, array[:, 2])
    assert len({table.source[at] for at in chosen}) == len({table.target[at] for at in chosen}) == len(chosen)
    free = [
        score
        for i, j, score in pairs
        if i not in {table.source[at] for at in chosen} and j not in {table.target[at] for at in chosen}
    ]
    assert all(score == 0 for score in free)
    assert sum(array[chosen, 2]) >= max((score for _, _, score in pairs), default=0) - 1e-9


def test_the_command_lists_matches_and_strangers_and_writes_a_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sources, targets, right = shuffled(1)
    for side, texts in (("kk", sources), ("en", targets)):
        (tmp_path / side / "deep").mkdir(parents=True)
        for number, text in enumerate(texts):
            (tmp_path / side / "deep" / f"{side}{number}.txt").write_text(text, encoding="utf-8")
    arguments = ["match", str(tmp_path / "kk"), str(tmp_path / "en"), "-s", "kk", "-t", "en"]
    with pytest.raises(SystemExit) as end:
        main([*arguments, "-o", str(tmp_path / "list.tsv"), "--manifests", str(tmp_path / "drafts")])
    assert end.value.code == 0
    lines = [line.split("\t") for line in (tmp_path / "list.tsv").read_text(encoding="utf-8").splitlines()]
    assert lines[0] == ["source", "target", "confidence", "why"]
    assert {(one[0], one[1]) for one in lines[1:6]} == {(f"deep/kk{i}.txt", f"deep/en{j}.txt") for i, j in right}
    assert [bool(one[0]) for one in lines[6:]] == [True, False]
    assert all("nearest: deep/" in one[3] or one[3] == "no candidate" for one in lines[6:])
    (tmp_path / "job.yaml").write_text(
        "corpus: {name: found, version: 1.0.0, folder: out}\n"
        "sources: [{manifest: drafts/sources.tsv, lang: kk}]\n"
        "translations: [{name: en, lang: en, kind: human, manifest: drafts/translations.tsv}]\n",
        encoding="utf-8",
    )
    documents = list_documents(load_config(tmp_path / "job.yaml"))
    assert {(one.provenance.of, Path(str(one.path)).name) for one in documents.translations["en"]} == {
        (f"deep/kk{i}", f"en{j}.txt") for i, j in right
    }
    assert str(tmp_path) not in (tmp_path / "drafts" / "translations.tsv").read_text(encoding="utf-8")
    assert "5 matches" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["kk-en.1", "kk-ru.2"])
def test_dev_sets(name: str) -> None:
    if not DEV.is_dir():
        pytest.skip("needs ../shared/data/docmatch")
    data = json.loads((DEV / f"{name}.json").read_text(encoding="utf-8"))
    ids = [[one["id"] for one in data[side]] for side in ("source", "target")]
    right = {(ids[0].index(source), ids[1].index(target)) for source, target in data["gold"]}
    report = match_report(
        *([one["text"] for one in data[side]] for side in ("source", "target")),
        *name.split(".", maxsplit=1)[0].split("-"),
    )
    matches = report.matches
    found = {(one.source, one.target) for one in matches}
    assert 2 * len(found & right) / (len(found) + len(right)) >= 0.98
    kinds = [data["kinds"][("source", "target")[one.side]][ids[one.side][one.document]] for one in report.parts]
    assert kinds.count("smaller-half") >= 6
    assert len(kinds) - kinds.count("smaller-half") <= 1
    assert len(report.copies) >= 8
    assert [one for one in matches if one.confidence >= 0.9 and (one.source, one.target) not in right] == []
    assert isinstance(matches[0], Match)


def test_the_command_names_all_that_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for side in ("kk", "en"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "good.txt").write_text(ALONE[side == "en"], encoding="utf-8")
        (tmp_path / side / f"bad-{side}.docx").write_bytes(b"no archive")
        (tmp_path / side / "~$good.docx").write_bytes(b"left by Word")
    with pytest.raises(SystemExit) as end:
        main(["match", str(tmp_path / "kk"), str(tmp_path / "en"), "-s", "kaz", "-t", "EN"])
    told = capsys.readouterr().err
    assert end.value.code == 2
    assert "2 documents cannot be read" in told
    assert "bad-kk.docx" in told
    assert "bad-en.docx" in told
    assert "~$" not in told
