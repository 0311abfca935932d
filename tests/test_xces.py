"""XCES alignments as OPUS has them: round trips, OPUS's own files, hostile ones, and a corpus there and back."""

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qosmatin.corpus import InputError
from qosmatin.corpus.formats.files import read_segments
from qosmatin.corpus.formats.xces import (
    LinkGroup,
    MarkedSentence,
    SentenceLink,
    document_path,
    read_linked_documents,
    read_links,
    read_sentences,
    write_links,
    write_sentences,
)

NAMES = st.text(st.characters(categories=["L", "N"], include_characters="-_."), min_size=1, max_size=8)
IDS = st.lists(NAMES, max_size=3).map(tuple)
CERTAINTY = st.none() | st.floats(0, 1).map(lambda value: float(f"{value:.6g}"))
LINKS = st.builds(SentenceLink, IDS, IDS, CERTAINTY)
GROUPS = st.lists(st.builds(LinkGroup, NAMES, NAMES, st.lists(LINKS, max_size=4).map(tuple)), min_size=1, max_size=3)


@pytest.mark.parametrize("name", ["a.xml", "a.xml.gz"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=GROUPS)
def test_links_survive_a_round_trip(name: str, tmp_path: Path, groups: list[LinkGroup]) -> None:
    assert write_links(tmp_path / name, groups) == sum(len(group.links) for group in groups)
    assert list(read_links(tmp_path / name)) == groups
    first = (tmp_path / name).read_bytes()
    write_links(tmp_path / name, groups)
    assert (tmp_path / name).read_bytes() == first


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(st.text("аб <&>", min_size=1).map(str.strip), st.booleans()), max_size=6))
def test_sentences_survive_a_round_trip(tmp_path: Path, texts: list[tuple[str, bool]]) -> None:
    paragraph, sentences = 0, []
    for number, (text, new) in enumerate(texts):
        paragraph += new and number > 0
        sentences.append(MarkedSentence(f"s{number}", " ".join(text.split()), paragraph))
    write_sentences(tmp_path / "s.xml.gz", sentences)
    assert list(read_sentences(tmp_path / "s.xml.gz")) == sentences


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ("news/trial", "kk/news/trial.xml.gz"),
        ("соттар №1", "kk/соттар %E2%84%961.xml.gz"),
        ("../../etc/passwd", "kk/%2E%2E/%2E%2E/etc/passwd.xml.gz"),
        ("/a//b", "kk/%2F/a/%2F/b.xml.gz"),
        ("a:b\\c\0", "kk/a%3Ab%5Cc%00.xml.gz"),
    ],
)
def test_no_document_leads_out_of_the_folder(document: str, path: str) -> None:
    assert document_path("kk", document) == path


OPUS = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE cesAlign PUBLIC "-//CES//DTD XML cesAlign//EN" "">
<cesAlign version="1.0">
<linkGrp targType="s" fromDoc="en/2020/a.xml.gz" toDoc="kk/2020/a.xml.gz" >
<link certainty="1.25" xtargets="1 2;1" id="SL0" />
<link xtargets=";2" id="SL1" />
<link certainty="-0.3" xtargets="3;3" id="SL2" />
</linkGrp>
</cesAlign>
"""


def write_opus(folder: Path) -> Path:
    """Write files as OPUS has them: from the language that sorts first; subtitles with times; words in one of them."""
    texts = {
        "en": '<document><s id="1"><time id="T1S" value="00:00:01,000"/>One.</s><s id="2">Two.</s><s id="3">End.</s>'
        "</document>",
        "kk": '<document><p id="1"><s id="1"><w id="1.1">Бір</w><w id="1.2">екі</w></s></p><p><s id="2">Жоқ.</s></p>'
        '<p><s id="3">Соңы.</s></p></document>',
    }  # fmt: skip
    for lang, text in texts.items():
        path = folder / lang / "2020" / "a.xml.gz"
        path.parent.mkdir(parents=True)
        path.write_bytes(gzip.compress(text.encode()))
    (folder / "en-kk.xml").write_text(OPUS, encoding="utf-8")
    return folder / "en-kk.xml"


def test_a_file_of_opus_is_read_from_either_side(tmp_path: Path) -> None:
    path = write_opus(tmp_path)
    [found] = read_linked_documents(path, "kk", "en")
    assert found.id == "2020/a"
    assert [one.text for one in found.source] == ["Бір екі", "Жоқ.", "Соңы."]
    assert [one.text for one in found.target] == ["One.", "Two.", "End."]
    assert found.links == (((0,), (0, 1), None), ((1,), (), None), ((2,), (2,), None))
    pairs = [(one.source, one.target, one.document) for one in read_segments(path, "kk", "en")]
    assert pairs == [("Бір екі", "One. Two.", "2020/a"), ("Соңы.", "End.", "2020/a")]
    assert [one.source for one in read_segments(path, "en", "kk")] == ["One. Two.", "End."]


LINK = '<cesAlign><linkGrp fromDoc="{}" toDoc="en/2020/a.xml.gz"><link xtargets="{}"/></linkGrp></cesAlign>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<tmx/>", r"bad\.xml:1: this is no XCES alignment"),
        ("<cesAlign/>", "there is no linkGrp"),
        ("<cesAlign><link xtargets='1;1'/></cesAlign>", "outside of any linkGrp"),
        (LINK.format("kk/2020/a.xml.gz", "1 2"), "xtargets '1 2' is not of the form"),
        (LINK.format("kk/2020/a.xml.gz", "1;2;3"), "is not of the form"),
        (LINK.format("kk/2020/a.xml.gz", "1;9"), "names sentence '9'"),
        (LINK.format("../../../../etc/passwd", "1;1"), "lies outside"),
        (LINK.format("/etc/passwd", "1;1"), "lies outside"),
        (LINK.format("kk/none.xml.gz", "1;1"), "is not there"),
        ('<!DOCTYPE x [<!ENTITY e "1">]><cesAlign><linkGrp><link xtargets="1;1">&e;</link></linkGrp></cesAlign>',
         "entity &e;"),
    ],
)  # fmt: skip
def test_hostile_alignments_are_clear_errors(tmp_path: Path, content: str, message: str) -> None:
    write_opus(tmp_path)
    (tmp_path / "bad.xml").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        list(read_segments(tmp_path / "bad.xml", "kk", "en"))


def test_packed_files_are_read_as_far_as_they_are_honest(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "bomb.xml.gz", "wb") as stream:
        stream.write(b"<cesAlign><linkGrp>")
        for _ in range(60):
            stream.write(b'<x a="' + b"a" * 1_000_000 + b'"/>')
        stream.write(b"</linkGrp></cesAlign>")
    with pytest.raises(InputError, match="out of all proportion"):
        list(read_links(tmp_path / "bomb.xml.gz"))
    (tmp_path / "cut.xml.gz").write_bytes(gzip.compress(OPUS.encode())[:60])
    with pytest.raises(InputError, match="cannot be read"):
        list(read_links(tmp_path / "cut.xml.gz"))
    (tmp_path / "plain.xml.gz").write_bytes(OPUS.encode())
    with pytest.raises(InputError, match="cannot be read"):
        list(read_links(tmp_path / "plain.xml.gz"))


def test_a_corpus_goes_out_and_comes_back_with_its_alignment(small_job: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq
    from small_corpus import KK, copy_job, qosmatin

    copy_job(small_job, tmp_path)
    done = qosmatin(tmp_path, "export", "out", "--format", "xces", "-o", "opus")
    assert done.returncode == 0, done.stderr
    groups = list(read_links(tmp_path / "opus" / "kk-en.xml.gz"))
    assert {group.source for group in groups} == {f"kk/{name}.xml.gz" for name in KK}
    assert "name another folder" in qosmatin(tmp_path, "export", "out", "--format", "xces", "-o", "kk").stderr
    assert qosmatin(tmp_path, "export", "out", "--format", "xces", "-o", "opus").returncode == 0

    arguments = ("import", "opus/kk-en.xml.gz", "--as", "documents", "-o", "docs", "--reviewer", "OPUS")
    done = qosmatin(tmp_path, *arguments)
    assert "9 confirmed pairs of translation 'en'" in done.stdout, done.stdout + done.stderr
    (tmp_path / "again.yaml").write_text(
        "corpus: {name: c, version: 1.0.0, folder: again}\nsources: [{manifest: docs/kk.jsonl, lang: kk}]\n"
        "translations: [{name: en, lang: en, manifest: docs/en.jsonl, kind: human}]\n"
        "decisions: docs/decisions.jsonl\n",
        encoding="utf-8",
    )
    done = qosmatin(tmp_path, "run", "again.yaml", "--until", "align")
    assert done.returncode == 0, done.stderr
    columns = ["source_document", "source_start", "source_end", "target_start", "target_end"]
    before, after = (
        sorted(
            tuple(row.values())
            for row in pq.read_table(tmp_path / name / "beads/en.parquet", columns=columns).to_pylist()
        )
        for name in ("out", "again")
    )
    assert after == before
    confidence = pq.read_table(tmp_path / "again/beads/en.parquet")["confidence"].to_pylist()
    assert confidence == [1.0] * 9
