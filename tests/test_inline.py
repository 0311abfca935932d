"""Inline tags of CAT formats: each format's own elements, other formats' elements, and the way through a corpus."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from qosmatin.corpus.formats.files import PAIR_FORMATS, Heading, pair_format, read_segments, write_segments
from qosmatin.corpus.formats.placing import TagPlacer, collapse_tags, follow_edit
from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.corpus.hygiene import INVISIBLE_FAULTS
from qosmatin.corpus.model import Pair, Provenance, SplitDocument, Tag, collapse
from qosmatin.corpus.splitting.segmenting import segment
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.importing import ImportedText

TMX = (
    '<tmx version="1.4"><header/><body><tu><tuv xml:lang="kk"><seg>{}</seg></tuv><tuv xml:lang="en"><seg>{}</seg>'
    "</tuv></tu></body></tmx>"
)
XLIFF = (
    '<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2">'
    '<file source-language="kk" target-language="en"><body><trans-unit id="1">'
    "<source>{}</source><target>{}</target></trans-unit></body></file></xliff>"
)
XLIFF2 = (
    '<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="kk" trgLang="en"><file id="f">'
    '<unit id="1"><originalData><data id="d1">&lt;b&gt;</data><data id="d2">&lt;/b&gt;</data></originalData><segment>'
    "<source>{}</source><target>{}</target></segment></unit></file></xliff>"
)
WITH_TAGS = [one.name for one in PAIR_FORMATS if one.holds_tags]
TEMPLATES = {"tmx": TMX, "xliff": XLIFF, "xliff2": XLIFF2}


def read(kind: str, folder: Path, content: str) -> SegmentPair:
    path = folder / f"in{pair_format(kind).written}"
    path.write_text(TEMPLATES[kind].format(content, content), encoding="utf-8")
    [segment] = read_segments(path, "kk", "en")
    return segment


def write(kind: str, folder: Path, segment: SegmentPair) -> Path:
    path = folder / f"out{pair_format(kind).written}"
    assert write_segments(kind, path, [segment], Heading("title", "kk", "en")) == 1
    return path


def content_of(path: Path, name: str) -> str:
    """Return what stands inside the first element of that name, without namespaces."""
    element = next(etree.parse(str(path)).getroot().iter(f"{{*}}{name}"))
    for inner in element.iter():
        inner.tag = etree.QName(inner).localname
    etree.cleanup_namespaces(element)
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    return text.partition(">")[2].rpartition("<")[0]


SAME = [
    ("tmx", 'a <bpt type="bold" i="1" x="1">{b}</bpt>b<ept i="1">{/b}</ept> c'),
    ("tmx", 'a <ph type="br" x="1">[br]</ph><it type="i" x="2" pos="begin">[i]</it>b'),
    ("tmx", '<hi type="q" x="1">a <ph x="2">[br]</ph>b</hi>'),
    ("tmx", '<bpt i="1" x="1">[b]</bpt>a <bpt i="2" x="2">[i]</bpt>b<ept i="1">[/b]</ept> c<ept i="2">[/i]</ept>'),
    ("xliff", '<g ctype="bold" id="1">a <x equiv-text="br" id="2"/><g id="3">b</g></g> c'),
    ("xliff", '<bx id="1" rid="1"/>a <bx id="2" rid="2"/>b<ex id="1" rid="1"/> c<ex id="2" rid="2"/>'),
    ("xliff", 'a <bpt id="1" rid="1">[b]</bpt>b<ept id="1" rid="1">[/b]</ept> <ph id="2">[br]</ph>'),
    ("xliff", 'a <it id="1" pos="open">[b]</it>b <mrk mtype="term" mid="2">c</mrk>'),
    ("xliff2", '<pc type="fmt" id="1" dataRefStart="d1" dataRefEnd="d2">a</pc> <ph equiv="br" id="2"/>b'),
    ("xliff2", '<sc id="1" dataRef="d1"/>a <pc id="2">b<ec startRef="1" dataRef="d2"/> c</pc>'),
    ("xliff2", 'a <sc id="1" isolated="yes"/>b<ec id="2" isolated="yes"/> <mrk type="term" id="3">c</mrk>'),
]


@pytest.mark.parametrize(("kind", "content"), SAME)
def test_a_format_keeps_its_own_elements(kind: str, content: str, tmp_path: Path) -> None:
    segment = read(kind, tmp_path, content)
    assert segment.source == segment.target == "".join(etree.fromstring(f"<s>{content}</s>").xpath(
        "//text()[not(parent::bpt or parent::ept or parent::ph or parent::it)]"
    ))  # fmt: skip
    path = write(kind, tmp_path, segment)
    assert content_of(path, "seg" if kind == "tmx" else "source") == content


@pytest.mark.parametrize(("kind", "content"), SAME)
@pytest.mark.parametrize("to", WITH_TAGS)
def test_no_tag_is_lost_on_the_way_to_another_format(kind: str, to: str, content: str, tmp_path: Path) -> None:
    segment = read(kind, tmp_path, content)
    [found] = read_segments(write(to, tmp_path, segment), "kk", "en")
    assert (found.source, found.target) == (segment.source, segment.target)
    for side in ("source_tags", "target_tags"):
        before, after = getattr(segment, side), getattr(found, side)
        assert [(tag.at, tag.kind, tag.code or "") for tag in after] == [
            (tag.at, tag.kind, tag.code or "") for tag in before
        ]
        names = dict(zip([tag.id for tag in before], [tag.id for tag in after], strict=True))
        assert [tag.id for tag in after] == [names[tag.id] for tag in before]


def test_sides_are_joined_by_what_the_format_joins_them_by(tmp_path: Path) -> None:
    path = tmp_path / "a.tmx"
    source = 'а <bpt i="1" x="7">[b]</bpt>ә<ept i="1">[/b]</ept>'
    target = '<ph x="8"/>b <bpt i="4" x="7">[b]</bpt>a<ept i="4">[/b]</ept>'
    path.write_text(TMX.format(source, target), encoding="utf-8")
    [segment] = read_segments(path, "kk", "en")
    assert [tag.id for tag in segment.source_tags] == ["7", "7"]
    assert [tag.id for tag in segment.target_tags] == ["8", "7", "7"]


TEXT = st.text("абв қ.", min_size=0, max_size=12)


@st.composite
def tagged(draw: st.DrawFn) -> tuple[str, tuple[Tag, ...]]:
    """A text with spans that may cross and tags that stand alone, in order."""
    text = collapse(draw(TEXT)) or "а"
    order: list[tuple[int, int, Tag]] = []
    for number in range(draw(st.integers(0, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        code = draw(st.sampled_from([None, "<b>", ""]))
        form = draw(st.sampled_from(["span", "alone", "open", "close"]))
        if form == "span":
            order.append((start, 2 * number, Tag(start, "open", str(number), "x:y", (), code)))
            order.append((end, 2 * number + 1, Tag(end, "close", str(number), "x:y", (), code)))
        else:
            order.append((start, 2 * number, Tag(start, form, str(number), "x:y", (), code)))  # type: ignore[arg-type]
    return text, tuple(tag for _, _, tag in sorted(order, key=lambda one: one[:2]))


@pytest.mark.parametrize("kind", WITH_TAGS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=tagged(), target=tagged())
def test_any_tags_survive_a_round_trip(
    kind: str, tmp_path: Path, source: tuple[str, tuple[Tag, ...]], target: tuple[str, tuple[Tag, ...]]
) -> None:
    segment = SegmentPair(source[0], target[0], source_tags=source[1], target_tags=target[1])
    path = write(kind, tmp_path, segment)
    [found] = read_segments(path, "kk", "en")
    assert (found.source, found.target) == (source[0], target[0])
    for before, after in ((source[1], found.source_tags), (target[1], found.target_tags)):
        assert [(tag.at, tag.kind, tag.code or "") for tag in after] == [
            (tag.at, tag.kind, tag.code or "") for tag in before
        ]
    if kind == "xliff2":
        check_references(path)
    # Written again from what was read, the file is the same: nothing wanders.
    first = path.read_bytes()
    assert write(kind, tmp_path, found).read_bytes().count(b"<") == first.count(b"<")


def check_references(path: Path) -> None:
    """What the specification of XLIFF 2 asks of ids: unique on a side, and every reference leads somewhere."""
    [unit] = etree.parse(str(path)).getroot().iter("{*}unit")
    data = {one.get("id") for one in unit.iter("{*}data")}
    for side in ("source", "target"):
        tags = list(next(unit.iter(f"{{*}}{side}")).iterdescendants())
        ids = [tag.get("id") for tag in tags if tag.get("id") is not None]
        assert len(set(ids)) == len(ids)
        assert {tag.get("startRef") for tag in tags if tag.get("startRef")} <= set(ids)
        assert all(tag.get("id") or tag.get("startRef") for tag in tags)
        assert {tag.get(name) for tag in tags for name in ("dataRef", "dataRefStart", "dataRefEnd")} <= {*data, None}


def test_tags_keep_their_places_when_white_space_collapses() -> None:
    text = "  a \n b  c "
    tags = [Tag(at, "alone", str(at), "x:y") for at in range(len(text) + 1)]
    assert [tag.at for tag in collapse_tags(text, tags)] == [0, 0, 0, 1, 2, 2, 2, 3, 4, 4, 5, 5]


@pytest.mark.parametrize(
    ("after", "places"),
    [
        ("one two three", [4, 7]),
        ("Now one two three", [8, 11]),
        ("one 2 three", [4, 5]),
        ("one three", [4, 4]),
        ("", [0, 0]),
    ],
)
def test_tags_follow_an_edit_by_the_words_that_stayed(after: str, places: list[int]) -> None:
    tags = [Tag(4, "open", "1", "x:y"), Tag(7, "close", "1", "x:y")]
    assert [tag.at for tag in follow_edit("one two three", after, tags)] == places


@given(before=TEXT, after=TEXT, data=st.data())
def test_tags_stay_in_order_and_inside_whatever_is_edited(before: str, after: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(before)), max_size=5)))
    kinds = data.draw(st.lists(st.sampled_from(["open", "close", "alone"]), min_size=5, max_size=5))
    tags = [Tag(at, kind, "1", "x:y") for at, kind in zip(places, kinds, strict=False)]
    found = [tag.at for tag in follow_edit(before, after, tags)]
    assert found == sorted(found)
    assert all(0 <= at <= len(after) for at in found)
    assert len(found) == len(tags)


class OneDocument:
    """A view of a corpus that has one document, split as every document is."""

    def __init__(self, imported: ImportedText) -> None:
        self._imported = imported
        self.split = segment(imported.text, "kk")

    def tags(self, name: str) -> tuple[Tag, ...]:  # noqa: ARG002
        return tuple(self._imported.tags)

    def document(self, name: str) -> SplitDocument:
        return replace(self.split, id=name)

    def pairs(self) -> list[Pair]:
        """Each sentence paired with itself."""
        return [
            Pair(str(number), "d", "d", "t", number, text, text, (sentence[:2],), (sentence[:2],),
                 "1-1", None, "", Provenance("original"), Provenance("human"))
            for number, (sentence, text) in enumerate(zip(self.split.sentences, self.split.texts, strict=True))
        ]  # fmt: skip


def letters_before(text: str, at: int) -> int:
    return sum(not char.isspace() and char != "\u200b" for char in text[:at])


WORDS = st.text("аБв. \u200b,!", max_size=20)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            WORDS, st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["open", "close", "alone"])), max_size=4)
        )
    )
)
def test_tags_stay_between_the_same_letters_from_import_to_export(lines: list[Any]) -> None:
    imported = ImportedText()
    for line, (text, places) in enumerate(lines):
        tags = [
            Tag(min(at, len(text)), kind, f"{line}:{number}", "x:y") for number, (at, kind) in enumerate(sorted(places))
        ]
        imported.add(text, tags)
    view = OneDocument(imported)
    placer = TagPlacer(cast(CorpusView, view), INVISIBLE_FAULTS)
    found, before = {}, 0
    for pair in view.pairs():
        tags_of_pair, of_target = placer.tags_of(pair)
        assert of_target == tags_of_pair
        assert [tag.at for tag in tags_of_pair] == sorted(tag.at for tag in tags_of_pair)
        found.update({tag.id: before + letters_before(pair.source_text, tag.at) for tag in tags_of_pair})
        before += letters_before(pair.source_text, len(pair.source_text))
    wanted = {tag.id: letters_before(imported.text, tag.at) for tag in imported.tags}
    assert found == {name: place for name, place in wanted.items() if name in found}
    # Those that have no place stand on lines without a sentence.
    alone = {tag.id for tag in imported.tags} - found.keys()
    assert all(not letters_before(lines[int(name.split(":")[0])][0], 99) for name in alone)


UNITS = (
    ('Сот <bpt i="1" x="1">[b]</bpt>бүгін<ept i="1">[/b]</ept> басталды. <ph x="2">[br]</ph>Ол кеше  келді.',
     'The trial began <bpt i="1" x="1">[b]</bpt>today<ept i="1">[/b]</ept>. <ph x="2">[br]</ph>He came yesterday.'),
    ('<it pos="begin" x="1">[i]</it>Ауа райы суық болды.', 'The <hi type="q">weather</hi> was cold.'),
    ("Біз үйге қайттық.", 'We went home.<ph x="1">[end]</ph>'),
    ('<ph x="1">[picture]</ph>', '<ph x="1">[picture]</ph>'),
)  # fmt: skip


def test_tags_survive_import_alignment_and_export(tmp_path: Path) -> None:
    from small_corpus import qosmatin

    units = "".join(
        f'<tu><prop type="x-document">d</prop><tuv xml:lang="kk"><seg>{kk}</seg></tuv><tuv xml:lang="en"><seg>{en}'
        "</seg></tuv></tu>"
        for kk, en in UNITS
    )
    (tmp_path / "in.tmx").write_text(f'<tmx version="1.4"><header/><body>{units}</body></tmx>', encoding="utf-8")
    done = qosmatin(tmp_path, "import", "in.tmx", "--as", "documents", "-o", "docs")
    assert "12 inline tags are kept" in done.stdout, done.stderr
    (tmp_path / "job.yaml").write_text(
        "corpus: {name: c, version: 1.0.0, folder: out}\nsources: [{manifest: docs/kk.jsonl, lang: kk}]\n"
        "translations: [{name: en, lang: en, manifest: docs/en.jsonl, kind: human}]\ndecisions: said.jsonl\n",
        encoding="utf-8",
    )
    (tmp_path / "said.jsonl").write_text("", encoding="utf-8")
    assert qosmatin(tmp_path, "run", "job.yaml", "--until", "filter").returncode == 0
    done = qosmatin(tmp_path, "export", "out", "-o", "out.tmx")
    assert "10 of 12 inline tags are in their places; 2 stand in sentences that are not exported" in done.stdout, (
        done.stdout + done.stderr
    )
    found = [segment_as_text(one) for one in read_segments(tmp_path / "out.tmx", "kk", "en")]
    # The splitter cut the first unit in two: its tags went where their words went.
    assert found == [
        ("Сот {1}бүгін{/1} басталды.", "The trial began {1}today{/1}."),
        ("{2}Ол кеше келді.", "{2}He came yesterday."),
        ("{1}Ауа райы суық болды.", "The {h}weather{/h} was cold."),
        ("Біз үйге қайттық.", "We went home.{1}"),
    ]
    for kind in ("xliff", "xliff2"):
        done = qosmatin(tmp_path, "export", "out", "--format", kind, "-o", f"out-{kind}.xlf")
        assert "10 of 12" in done.stdout
        assert len(list(read_segments(tmp_path / f"out-{kind}.xlf", "kk", "en"))) == 4
    done = qosmatin(tmp_path, "export", "out", "--format", "csv", "-o", "out.csv")
    assert "12 inline tags are left out" in done.stdout
    # Back from a translator: an edit that keeps its tags, and a tag that went away.
    reviewed = (tmp_path / "out.tmx").read_text(encoding="utf-8").replace("The trial began", "The court sat")
    (tmp_path / "out.tmx").write_text(reviewed.replace('<ph x="1">[end]</ph></seg>', "</seg>"), encoding="utf-8")
    done = qosmatin(tmp_path, "import", "out.tmx", "--corpus", "out", "--reviewer", "A. B.", "-o", "said.jsonl")
    assert "1 decisions, 3 rows unchanged, 0 conflicts" in done.stdout, done.stdout + done.stderr
    assert "1 rows have other inline tags" in done.stdout
    assert qosmatin(tmp_path, "run", "job.yaml", "--until", "filter").returncode == 0
    done = qosmatin(tmp_path, "export", "out", "-o", "out.tmx")
    assert "10 of 12 inline tags are in their places (2 of them by the words that stayed" in done.stdout
    first = next(read_segments(tmp_path / "out.tmx", "kk", "en"))
    assert as_text(first.target, first.target_tags) == "The court sat {1}today{/1}."


def segment_as_text(segment: SegmentPair) -> tuple[str, str]:
    return as_text(segment.source, segment.source_tags), as_text(segment.target, segment.target_tags)


def as_text(text: str, tags: tuple[Tag, ...]) -> str:
    for tag in reversed(tags):
        name = "h" if tag.element == "tmx:hi" else tag.id
        text = f"{text[: tag.at]}{{{'/' if tag.kind == 'close' else ''}{name}}}{text[tag.at :]}"
    return text


def test_tags_of_a_manifest_are_checked(tmp_path: Path) -> None:
    from qosmatin.corpus import InputError, Provenance
    from qosmatin.corpus.reading.documents import read_document
    from qosmatin.corpus.reading.entries import entries_from_manifest

    tag = {"at": 1, "kind": "alone", "id": "1", "element": "tmx:ph"}
    path = tmp_path / "m.jsonl"

    def entry(tags: object) -> None:
        path.write_text(json.dumps({"id": "a", "text": "ab", "tags": tags}), encoding="utf-8")
        [found] = entries_from_manifest(path, "kk", Provenance("original"))
        assert read_document(found).tags == (Tag(1, "alone", "1", "tmx:ph"),)

    entry([tag])
    for wrong in ([{**tag, "at": 3}], [{**tag, "at": 2}, tag], [{**tag, "kind": "x"}], "no tags"):
        with pytest.raises(InputError, match=r"m\.jsonl:1: 'tags'"):
            entry(wrong)
