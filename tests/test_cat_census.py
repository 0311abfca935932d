"""Every element and attribute of TMX 1.4b, XLIFF 1.2 and 2.1 and XCES: read, kept as a tag, or left out and counted.

The tables are the specifications' lists. The walk sets each attribute in a small file that has every element, and
looks what the reader makes of it: what is *read* changes what is read (or makes an error), what is a *tag* stands in a
tag, what is *left out* is counted by its name, or with the element that it belongs to.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.files import read_segments
from qosmatin.corpus.formats.told import Told

READ, TAG, OUT = "read", "tag", "left out"
FORM = "form"
"""Read, and changes nothing by itself: it joins things, or says how the file is written."""

Table = dict[str, tuple[str, dict[str, str]]]


def element(
    fate: str, /, *, read: str = "", form: str = "", tag: str = "", out: str = ""
) -> tuple[str, dict[str, str]]:
    fates = ((READ, read), (FORM, form), (TAG, tag), (OUT, out))
    return fate, {name: one for one, names in fates for name in names.split()}


TMX_ABOUT = "creationtool creationtoolversion creationid o-encoding datatype usagecount lastusagedate o-tmf"
TMX: Table = {
    "tmx": element(READ, form="version"),
    "header": element(OUT, out="creationtool creationtoolversion segtype o-tmf adminlang srclang datatype o-encoding "
                               "creationdate creationid changedate changeid"),
    "header/note": element(OUT, out="xml:lang lang o-encoding"),
    "header/prop": element(OUT, out="type xml:lang lang o-encoding"),
    "ude": element(OUT, out="name base"),
    "map": element(OUT, out="unicode code ent subst"),
    "body": element(READ),
    "tu": element(READ, read="tuid creationdate changedate changeid", out=f"{TMX_ABOUT} segtype srclang"),
    "tu/note": element(READ, out="xml:lang lang o-encoding"),
    "tu/prop": element(READ, read="type", out="xml:lang lang o-encoding"),
    "tuv": element(READ, read="xml:lang creationdate changedate", form="lang", out=f"{TMX_ABOUT} changeid"),
    "seg": element(READ),
    "bpt": element(TAG, tag="type", form="i x"),
    "ept": element(TAG, form="i"),
    "it": element(TAG, tag="type", form="x", read="pos"),
    "ph": element(TAG, tag="type assoc", form="x"),
    "hi": element(TAG, tag="type", form="x"),
    "ut": element(TAG, form="x"),
    "sub": element(READ, out="type datatype"),
}  # fmt: skip
TMX_FILE = """<tmx version="1.4"><header><note>n</note><prop type="x-document">p</prop><ude name="u" base="b"><map/>
</ude></header><body><tu><note>n</note><prop type="x-kind">human</prop><tuv xml:lang="kk"><seg>a <bpt i="1" x="1">1</bpt>b
<ept i="1">2</ept> <it pos="begin" x="2">3</it> <ph x="3">4<sub>s</sub></ph> <hi x="4">c</hi> <ut x="5">5</ut></seg></tuv>
<tuv xml:lang="en"><seg>d</seg></tuv></tu></body></tmx>"""  # noqa: E501

RESOURCE = ("ts restype resname extradata help-id menu menu-option menu-name coord font css-style style exstyle extype "
            "maxbytes minbytes size-unit maxheight minheight maxwidth minwidth charclass")  # fmt: skip
XLIFF_12: Table = {
    "xliff": element(READ, read="version", out="xml:lang"),
    "file": element(READ, read="original source-language target-language",
                    out="datatype tool tool-id date xml:space ts category product-name product-version build-num"),
    "header": element(READ),
    "skl": element(OUT),
    "internal-file": element(OUT, out="form crc"),
    "external-file": element(OUT, out="href uid crc"),
    "glossary": element(OUT),
    "reference": element(OUT),
    "phase-group": element(OUT),
    "phase": element(OUT, out="phase-name process-name company-name tool tool-id date job-id contact-name contact-email"
                              " contact-phone"),
    "tool": element(OUT, out="tool-id tool-name tool-version tool-company"),
    "header/note": element(OUT, out="xml:lang from priority annotates"),
    "count-group": element(OUT, out="name"),
    "count": element(OUT, out="count-type phase-name unit"),
    "prop-group": element(OUT, out="name"),
    "prop": element(OUT, out="prop-type xml:lang"),
    "body": element(READ),
    "group": element(READ, read="translate", form="xml:space", out=f"id datatype reformat merged-trans {RESOURCE}"),
    "trans-unit": element(READ, read="id approved translate", form="xml:space",
                          out=f"reformat datatype phase-name {RESOURCE}"),
    "source": element(READ, read="xml:lang", out="ts"),
    "seg-source": element(READ, form="xml:lang", out="ts"),
    "target": element(READ, read="state state-qualifier xml:lang",
                      out="phase-name ts restype resname coord font css-style style exstyle equiv-trans"),
    "trans-unit/note": element(READ, out="xml:lang from priority annotates"),
    "alt-trans": element(OUT, out=f"match-quality tool tool-id crc xml:lang origin datatype xml:space phase-name "
                                  f"alttranstype {RESOURCE}"),
    "bin-unit": element(OUT, out="id mime-type approved translate reformat restype resname phase-name"),
    "bin-source": element(OUT, out="ts"),
    "bin-target": element(OUT, out="mime-type ts state phase-name restype resname state-qualifier"),
    "context-group": element(OUT, out="crc name purpose"),
    "context": element(OUT, out="context-type match-mandatory crc"),
    "g": element(TAG, tag="ctype ts clone xid equiv-text", form="id"),
    "x": element(TAG, tag="ctype ts clone xid equiv-text", form="id"),
    "bx": element(TAG, tag="ctype ts clone xid equiv-text", form="id rid"),
    "ex": element(TAG, tag="ts xid equiv-text", form="id rid"),
    "ph": element(TAG, tag="ctype ts crc assoc xid equiv-text", form="id"),
    "bpt": element(TAG, tag="ctype ts crc xid equiv-text", form="id rid"),
    "ept": element(TAG, tag="ts crc xid equiv-text", form="id rid"),
    "it": element(TAG, tag="ctype ts crc xid equiv-text", form="id rid", read="pos"),
    "sub": element(READ, out="datatype ctype xid"),
    "mrk": element(TAG, tag="mtype comment ts", form="mid"),
}  # fmt: skip
XLIFF_12_FILE = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="o"
source-language="kk" target-language="en"><header><skl><internal-file/><external-file/></skl><glossary/><reference/>
<phase-group><phase/></phase-group><tool/><note>n</note><count-group><count/></count-group><prop-group><prop/></prop-group>
</header><body><group><trans-unit id="1"><source>a <g id="1">b</g> <x id="2"/> <bx id="3" rid="3"/>c<ex id="4" rid="3"/>
<ph id="5">5<sub>s</sub></ph> <bpt id="6" rid="6">6</bpt>d<ept id="7" rid="6">7</ept> <it id="8" pos="open">8</it> <mrk
mtype="term" mid="9">e</mrk></source><seg-source/><target>f</target><context-group><context/></context-group><note>n
</note><alt-trans><source>g</source><target>h</target></alt-trans></trans-unit></group><bin-unit><bin-source/><bin-target/>
</bin-unit></body></file></xliff>"""

CODE = "canCopy canDelete canReorder subType type"
XLIFF_21: Table = {
    "xliff": element(READ, read="version srcLang trgLang", form="xml:space"),
    "file": element(READ, read="original translate", form="id xml:space", out="canResegment srcDir trgDir"),
    "skeleton": element(OUT, out="href"),
    "file/notes": element(OUT),
    "file/notes/note": element(OUT, out="id appliesTo category priority"),
    "group": element(READ, read="translate", form="id xml:space", out="name canResegment srcDir trgDir type"),
    "unit": element(READ, read="id translate", form="xml:space", out="name canResegment srcDir trgDir type"),
    "unit/notes": element(READ),
    "unit/notes/note": element(READ, out="id appliesTo category priority"),
    "originalData": element(READ),
    "data": element(READ, read="id", form="xml:space", out="dir"),
    "segment": element(READ, read="state", form="id subState", out="canResegment"),
    "ignorable": element(READ, form="id"),
    "source": element(READ, read="xml:lang", form="xml:space"),
    "target": element(READ, read="xml:lang", form="xml:space", out="order"),
    "cp": element(READ, read="hex"),
    "ph": element(TAG, tag=f"{CODE} disp equiv subFlows", form="id copyOf", read="dataRef"),
    "pc": element(TAG, tag=f"{CODE} canOverlap dispStart dispEnd equivStart equivEnd subFlowsStart subFlowsEnd dir",
                  form="id copyOf", read="dataRefStart dataRefEnd"),
    "sc": element(TAG, tag=f"{CODE} canOverlap disp equiv subFlows dir", form="id copyOf isolated", read="dataRef"),
    "ec": element(TAG, tag=f"{CODE} canOverlap disp equiv subFlows dir", form="id copyOf isolated startRef",
                  read="dataRef"),
    "mrk": element(TAG, tag="translate type ref value", form="id"),
    "sm": element(TAG, tag="translate type ref value", form="id"),
    "em": element(TAG, form="startRef"),
    "mtc:matches": element(OUT),
    "gls:glossary": element(OUT),
    "mda:metadata": element(OUT),
    "res:resourceData": element(OUT),
    "val:validation": element(OUT),
    "ctr:changeTrack": element(OUT),
    "its:provenanceRecords": element(OUT),
}  # fmt: skip
XLIFF_21_FILE = """<xliff version="2.1" srcLang="kk" trgLang="en" xmlns="urn:oasis:names:tc:xliff:document:2.0"
xmlns:mtc="urn:oasis:names:tc:xliff:matches:2.0" xmlns:gls="urn:oasis:names:tc:xliff:glossary:2.0"
xmlns:mda="urn:oasis:names:tc:xliff:metadata:2.0" xmlns:res="urn:oasis:names:tc:xliff:resourcedata:2.0"
xmlns:val="urn:oasis:names:tc:xliff:validation:2.0" xmlns:ctr="urn:oasis:names:tc:xliff:changetracking:2.1"
xmlns:its="http://www.w3.org/2005/11/its" ><file id="f"><skeleton/><notes><note>n</note></notes><group id="g"><unit
id="1"><mtc:matches/><gls:glossary/><mda:metadata/><res:resourceData/><val:validation/><ctr:changeTrack/>
<its:provenanceRecords/><notes><note>n</note></notes><originalData><data id="d">[d]</data></originalData><segment>
<source>a <ph id="1" dataRef="d"/> <pc id="2" dataRefStart="d" dataRefEnd="d">b</pc> <sc id="3" dataRef="d"/>c
<ec startRef="3" dataRef="d"/> <mrk id="4" type="term">d</mrk> <sm id="5" type="term"/>e<em startRef="5"/> <cp hex="0007"/></source>
<target>f</target></segment><ignorable><source> </source></ignorable></unit></group></file></xliff>"""  # noqa: E501

XCES: Table = {
    "cesAlign": element(READ, form="version", out="type fromDoc toDoc"),
    "cesHeader": element(OUT, out="version"),
    "linkList": element(READ, out="id"),
    "linkGrp": element(READ, read="fromDoc toDoc", form="targType", out="id type targOrder domains evaluate"),
    "link": element(READ, read="xtargets certainty", form="id", out="type overlap targets evaluate"),
}
XCES_FILE = """<cesAlign version="1.0"><cesHeader/><linkList><linkGrp targType="s" fromDoc="kk/a.xml" toDoc="en/a.xml">
<link id="SL0" xtargets="1;1" certainty="0.5"/></linkGrp></linkList></cesAlign>"""
XCES_TEXT: Table = {
    "document": element(READ, out="id"),
    "text": element(READ, out="id"),
    "meta": element(OUT),
    "body": element(READ, out="id"),
    "head": element(OUT),
    "p": element(READ, form="id", out="type"),
    "s": element(READ, read="id", out="type"),
    "time": element(OUT, out="id value"),
    "chunk": element(OUT, out="type id"),
    "w": element(READ, form="id", out="pos lem tnt hun tree lemma upos feats head deprel misc"),
}
XCES_TEXT_FILE = """<document><meta/><text><body><head/><p id="1"><s id="1"><time id="T1S" value="00:00:01,000"/><w
id="1.1">a</w><chunk/></s></p></body></text></document>"""

CENSUS = {
    "a.tmx": (TMX, TMX_FILE),
    "12.xlf": (XLIFF_12, XLIFF_12_FILE),
    "21.xlf": (XLIFF_21, XLIFF_21_FILE),
    "links.xml": (XCES, XCES_FILE),
    "sentences.xml": (XCES_TEXT, XCES_TEXT_FILE),
}

# What an attribute is set to; "x" says nothing to anybody, so these are what makes a difference.
SAMPLES = {
    "translate": "no", "xml:lang": "de", "lang": "en", "srcLang": "de", "trgLang": "de", "source-language": "de",
    "target-language": "de", "version": "9", "state": "final", "state-qualifier": "rejected-grammar",
    "approved": "yes", "creationdate": "20240102T030405Z", "changedate": "20250102T030405Z", "hex": "0041",
    "type": "x-note", "pos": "close", "subState": "x:y",
}  # fmt: skip
XML = "http://www.w3.org/XML/1998/namespace"


def find(root: etree._Element, path: str) -> etree._Element:
    """Return the first element of that path's names; a name with a prefix is of another namespace."""
    names = [f"*[name()='{name}']" for name in path.split("/")]
    found: Any = root.xpath("//" + "/".join(names))
    return found[0]


def look(path: Path, root: etree._Element) -> tuple[object, Told]:
    """Read a file: what came of it, or the error."""
    if path.suffix == ".xml":
        path = place_xces(path, root)
    else:
        path.write_bytes(etree.tostring(root))
    told = Told()
    try:
        return list(read_segments(path, "kk", "en", told)), told
    except InputError as error:
        return str(error), told


def place_xces(path: Path, root: etree._Element) -> Path:
    """Write an alignment file and the texts that it joins, one of these as it is given; returns the former."""
    files = {"links.xml": XCES_FILE, "kk/a.xml": XCES_TEXT_FILE, "en/a.xml": XCES_TEXT_FILE}
    files["links.xml" if path.name == "links.xml" else "kk/a.xml"] = etree.tostring(root, encoding="unicode")
    for name, text in files.items():
        (path.parent / name).parent.mkdir(exist_ok=True)
        (path.parent / name).write_text(text, encoding="utf-8")
    return path.with_name("links.xml")


CASES = [
    (file, name, attribute, fate)
    for file, (table, _) in CENSUS.items()
    for name, (_, attributes) in table.items()
    for attribute, fate in attributes.items()
]


@pytest.mark.parametrize("file", CENSUS)
def test_each_element_is_what_the_table_says(file: str, tmp_path: Path) -> None:
    table, text = CENSUS[file]
    root = etree.fromstring(text)
    [segment], told = look(tmp_path / file, root)  # type: ignore[misc]
    kept = {tag.element.partition(":")[2] for tag in segment.source_tags}
    for path, (fate, _) in table.items():
        at = find(root, path)
        assert (fate == OUT) == any(name in told.left_out for name in _above(at)), path
        assert (fate == TAG) == (path in kept), path
    missing = {str(one.xpath("name()")) for one in root.iter()} - {path.rpartition("/")[2] for path in table}
    assert not missing, "the file has elements that the table lacks"


@pytest.mark.parametrize(("file", "name", "attribute", "fate"), CASES)
def test_each_attribute_is_what_the_table_says(file: str, name: str, attribute: str, fate: str, tmp_path: Path) -> None:
    _, text = CENSUS[file]
    before, told_before = look(tmp_path / file, etree.fromstring(text))
    root = etree.fromstring(text)
    at = find(root, name)
    value = SAMPLES.get(attribute, "zzz")
    at.set(f"{{{XML}}}{attribute[4:]}" if attribute.startswith("xml:") else attribute, value)
    after, told = look(tmp_path / file, root)
    new = told.left_out - told_before.left_out
    own = name.rpartition("/")[2]
    if fate == OUT:
        inside = any(one in told.left_out for one in _above(at))
        assert new[f"{own}@{attribute}"] == 1 or inside, (new, told.left_out)
        assert after == before
        return
    assert f"{own}@{attribute}" not in new
    if fate == READ:
        assert (after, told.languages) != (before, told_before.languages)
    elif fate == TAG:
        [segment] = after  # type: ignore[misc]
        assert any((attribute, value) in tag.attributes for tag in segment.source_tags)


def _above(at: etree._Element) -> list[str]:
    """Return what an element and those above it may be counted as."""
    names = [str(one.xpath("name()")) for one in (at, *at.iterancestors())]
    return names + [f"{parent}/{name}" for name, parent in pairwise(names)]
