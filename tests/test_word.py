"""DOCX: a census of what may stand in a paragraph of Word, and whether it is read, left out and listed, or no text."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from qosmatin.corpus.extraction import extract
from qosmatin.corpus.extraction.extracted import EXTRACT_DEFAULTS, ExtractSettings

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def write_word(path: Path, body: str, **parts: str) -> Path:
    """Write a Word document by hand: what stands in its body, and in further parts (``footnotes``, ``header`` ...)."""
    roots = {"footnotes": "footnotes", "endnotes": "endnotes", "header": "hdr", "footer": "ftr", "comments": "comments",
             "styles": "styles"}  # fmt: skip
    types = "".join(f'<Override PartName="/word/{name}.xml" ContentType="{TYPE}.{name}+xml"/>' for name in parts)
    relations = "".join(f'<Relationship Id="r{name}" Type="{RELATION}/{name}" Target="{name}.xml"/>' for name in parts)
    package = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.'
            'openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
            f'ContentType="{TYPE}.document.main+xml"/>'
            f"{types}</Types>",
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{RELATION}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="{package}/relationships">{relations}</Relationships>',
        )
        archive.writestr("word/document.xml", f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", f"<w:{roots[name]} {NAMESPACES}>{content}</w:{roots[name]}>")
    return path


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def paragraph(*content: str, mark: str = "") -> str:
    return f"<w:p><w:pPr><w:rPr>{mark}</w:rPr></w:pPr>{''.join(content)}</w:p>"


BOX = f"<w:txbxContent>{paragraph(run('қорап'))}</w:txbxContent>"
UP = '<w:vertAlign w:val="superscript"/>'

CENSUS: list[tuple[str, str, str, list[tuple[str, str]]]] = [
    # element, what stands between "А" and "Б", what is read of it, what is left out and listed
    ("w:t", run("сөз"), "АсөзБ", []),
    ("w:tab", "<w:r><w:tab/></w:r>", "А\tБ", []),
    ("w:ptab", "<w:r><w:ptab/></w:r>", "А\tБ", []),
    ("w:br", "<w:r><w:br/></w:r>", "А\nБ", []),
    ("w:cr", "<w:r><w:cr/></w:r>", "А\nБ", []),
    ("w:noBreakHyphen", "<w:r><w:noBreakHyphen/></w:r>", "А\u2011Б", []),
    ("w:softHyphen", "<w:r><w:softHyphen/></w:r>", "АБ", []),
    ("w:lastRenderedPageBreak", "<w:r><w:lastRenderedPageBreak/></w:r>", "АБ", []),
    ("w:sym of Symbol", '<w:r><w:sym w:font="Symbol" w:char="F061"/></w:r>', "АαБ", []),
    ("w:sym of Unicode", '<w:r><w:sym w:font="Arial" w:char="2116"/></w:r>', "А№Б", []),
    ("w:sym unknown", '<w:r><w:sym w:font="Wingdings" w:char="F04A"/></w:r>', "АБ", [("symbol", "Wingdings F04A")]),
    ("w:ins", f'<w:ins w:id="1">{run("жаңа")}</w:ins>', "АжаңаБ", []),
    ("w:moveTo", f'<w:moveTo w:id="1">{run("жаңа")}</w:moveTo>', "АжаңаБ", []),
    ("w:del", '<w:del w:id="1"><w:r><w:delText>ескі</w:delText></w:r></w:del>', "АБ", [("deleted", "ескі")]),
    ("w:moveFrom", f'<w:moveFrom w:id="1">{run("ескі")}</w:moveFrom>', "АБ", [("moved away", "ескі")]),
    ("w:fldSimple", f'<w:fldSimple w:instr="DATE">{run("2024")}</w:fldSimple>', "А2024Б", []),
    ("w:instrText", "<w:r><w:instrText>PAGE</w:instrText></w:r>", "АБ", []),
    ("w:fldChar", '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> REF x </w:instrText></w:r>'
     f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("5")}<w:r><w:fldChar w:fldCharType="end"/></w:r>',
     "А5Б", []),
    ("w:hyperlink", f"<w:hyperlink>{run('сілтеме')}</w:hyperlink>", "АсілтемеБ", []),
    ("w:smartTag", f"<w:smartTag>{run('сөз')}</w:smartTag>", "АсөзБ", []),
    ("w:customXml", f"<w:customXml>{run('сөз')}</w:customXml>", "АсөзБ", []),
    ("w:dir", f"<w:dir>{run('сөз')}</w:dir>", "АсөзБ", []),
    ("w:sdt", f"<w:sdt><w:sdtPr/><w:sdtContent>{run('сөз')}</w:sdtContent></w:sdt>", "АсөзБ", []),
    ("w:sdt, placeholder", f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('жазыңыз')}</w:sdtContent>"
     "</w:sdt>", "АБ", [("placeholder", "жазыңыз")]),
    ("w:ruby", f"<w:r><w:ruby><w:rt>{run('kan')}</w:rt><w:rubyBase>{run('漢')}</w:rubyBase></w:ruby></w:r>", "А漢Б",
     [("ruby", "kan")]),
    ("w:vanish", run("жасырын", "<w:vanish/>"), "АБ", [("hidden", "жасырын")]),
    ("w:vanish, off", run("сөз", '<w:vanish w:val="0"/>'), "АсөзБ", []),
    ("w:vertAlign, exponent", run(" 20 м") + run("2", UP), "А 20 м²Б", []),
    ("w:vertAlign, note", run(" 1931") + run("4", UP) + run(" "), "А 1931 Б", [("note mark", "4")]),
    ("w:vertAlign, index", run("H") + run("2", '<w:vertAlign w:val="subscript"/>'), "АH₂Б", []),
    ("w:position", run(" 1931") + run("4", '<w:position w:val="6"/>') + run(" "), "А 1931 Б", [("note mark", "4")]),
    ("w:rStyle, note", run("сөз") + run("7", '<w:rStyle w:val="Mark"/>') + run(" "), "Асөз Б", [("note mark", "7")]),
    ("w:rStyle, hidden", run("сөз", '<w:rStyle w:val="Ghost"/>'), "АБ", [("hidden", "сөз")]),
    ("w:footnoteReference", '<w:r><w:footnoteReference w:id="2"/></w:r>', "АБ\n\nТүсініктеме.", [("note mark", "2")]),
    ("w:footnoteReference, custom", '<w:r><w:footnoteReference w:id="2" w:customMarkFollows="1"/><w:t>*</w:t></w:r>',
     "АБ\n\nТүсініктеме.", [("note mark", "*")]),
    ("w:endnoteReference", '<w:r><w:endnoteReference w:id="3"/></w:r>', "АБ\n\nСоңғы.", [("note mark", "3")]),
    ("w:commentReference", '<w:r><w:commentReference w:id="1"/></w:r>', "АБ", []),
    ("w:annotationRef", "<w:r><w:annotationRef/><w:footnoteRef/><w:separator/></w:r>", "АБ", []),
    ("w:bookmarkStart", '<w:bookmarkStart w:id="1" w:name="x"/><w:bookmarkEnd w:id="1"/><w:proofErr/>', "АБ", []),
    ("w:pgNum", "<w:r><w:pgNum/></w:r>", "АБ", [("page number", "pgNum")]),
    ("w:drawing", '<w:r><w:drawing><wp:docPr id="1" name="Сурет"/></w:drawing></w:r>', "АБ", [("picture", "Сурет")]),
    ("w:drawing, told", '<w:r><w:drawing><wp:docPr id="1" name="Сурет 1" descr="Тау"/></w:drawing></w:r>', "АБ",
     [("picture", "Тау")]),
    ("w:pict", "<w:r><w:pict/></w:r>", "АБ", [("picture", "pict")]),
    ("w:object", "<w:r><w:object/></w:r>", "АБ", [("embedded object", "object")]),
    ("w:txbxContent", f"<w:r><mc:AlternateContent><mc:Choice>{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback>"
     "</mc:AlternateContent></w:r>", "АБ\n\nқорап", []),
    ("w:txbxContent, old", f"<w:r><w:pict><v:textbox>{BOX}</v:textbox></w:pict></w:r>", "АБ\n\nқорап", []),
    ("mc:AlternateContent, text", f"<mc:AlternateContent><mc:Choice>{run('жаңа')}</mc:Choice><mc:Fallback>"
     f"{run('ескі')}</mc:Fallback></mc:AlternateContent>", "АжаңаБ", []),
    ("mc:AlternateContent, in a run", "<w:r><mc:AlternateContent><mc:Choice><w:t>жаңа</w:t></mc:Choice><mc:Fallback>"
     "<w:t>ескі</w:t></mc:Fallback></mc:AlternateContent></w:r>", "АжаңаБ", []),
    ("mc:AlternateContent, fallback alone", f"<mc:AlternateContent><mc:Choice/><mc:Fallback>{run('ескі')}"
     "</mc:Fallback></mc:AlternateContent>", "АескіБ", []),
    ("w:ins in w:del", f'<w:ins w:id="1"><w:del w:id="2"><w:r><w:delText>ескі</w:delText></w:r></w:del>{run("а")}'
     "</w:ins>", "АаБ", [("deleted", "ескі")]),
    ("w:del of a mark", '<w:del w:id="1"><w:r><w:footnoteReference w:id="2"/></w:r></w:del>', "АБ",
     [("deleted", "del")]),
    ("w:sdt in w:hyperlink", f"<w:hyperlink><w:sdt><w:sdtContent>{run('а')}</w:sdtContent></w:sdt></w:hyperlink>",
     "АаБ", []),
    ("w:fldSimple, nested", f'<w:fldSimple w:instr="IF"><w:fldSimple w:instr="PAGE">{run("3")}</w:fldSimple>'
     "</w:fldSimple>", "А3Б", []),
    ("w:contentPart", '<w:r><w:contentPart/></w:r>', "АБ", []),
    ("w:dayShort", "<w:r><w:dayShort/></w:r>", "АБ", []),
    ("w:subDoc", "<w:subDoc/>", "АБ", [("embedded document", "subDoc")]),
    ("w:altChunk", "<w:altChunk/>", "АБ", [("embedded document", "altChunk")]),
    ("w16se:symEx", '<w:r><mc:AlternateContent><mc:Choice Requires="w16se"><x:symEx xmlns:x="urn:x" x:char="1F60A"/>'
     "</mc:Choice><mc:Fallback><w:t>😊</w:t></mc:Fallback></mc:AlternateContent></w:r>", "А😊Б", []),
    ("m:oMath", "<m:oMath><m:sSup><m:sSupPr/><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup>"
     "</m:sSup><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>c</m:t></m:r></m:den></m:f></m:oMath>",
     "Аx²(a+b)/cБ", []),
    ("m:rad", "<m:oMath><m:rad><m:deg/><m:e><m:r><m:t>2</m:t></m:r></m:e></m:rad><m:d><m:e><m:r><m:t>y</m:t></m:r>"
     "</m:e></m:d></m:oMath>", "А√(2)(y)Б", []),
]  # fmt: skip

PARTS = {
    "footnotes": f'<w:footnote w:id="0" w:type="separator">{paragraph(run("—"))}</w:footnote>'
    f'<w:footnote w:id="2">{paragraph("<w:r><w:footnoteRef/></w:r>", run("Түсініктеме."))}</w:footnote>',
    "endnotes": f'<w:endnote w:id="3">{paragraph(run("Соңғы."))}</w:endnote>',
    "styles": f'<w:style w:type="character" w:styleId="Mark"><w:rPr>{UP}</w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Ghost"><w:rPr><w:vanish/></w:rPr></w:style>',
}


@pytest.mark.parametrize(("content", "text", "left_out"), [row[1:] for row in CENSUS], ids=[row[0] for row in CENSUS])
def test_the_census(tmp_path: Path, content: str, text: str, left_out: list[tuple[str, str]]) -> None:
    path = write_word(tmp_path / "a.docx", paragraph(run("А"), content, run("Б")), **PARTS)
    found = extract(path)
    assert (found.text, list(found.left_out)) == (text, left_out)


@pytest.mark.parametrize(
    ("body", "paragraphs"),
    [
        (paragraph(run("Бір "), mark="<w:del w:id='1'/>") + paragraph(run("сөйлем.")), ["Бір сөйлем."]),
        (paragraph(run("Бір "), mark="<w:moveFrom w:id='1'/>") + paragraph(run("сөйлем.")), ["Бір сөйлем."]),
        (paragraph(run("Бір."), mark="<w:ins w:id='1'/>") + paragraph(run("Екі.")), ["Бір.", "Екі."]),
        (paragraph(run("Бір."), mark="<w:del w:id='1'/>") + f"<w:tbl><w:tr><w:tc>{paragraph(run('Ұя'))}</w:tc></w:tr>"
         "</w:tbl>", ["Бір.", "Ұя"]),
        (f"<w:tbl><w:tr><w:trPr><w:del w:id='1'/></w:trPr><w:tc>{paragraph(run('ескі'))}</w:tc></w:tr><w:tr><w:tc>"
         f"{paragraph(run('жаңа'))}</w:tc></w:tr></w:tbl>", ["жаңа"]),
        (paragraph(f"<w:moveFrom w:id='1'>{run('Көшті.')}</w:moveFrom>", mark="<w:moveFrom w:id='2'/>")
         + paragraph(run("Орта.")) + paragraph(f"<w:moveTo w:id='3'>{run('Көшті.')}</w:moveTo>"), ["Орта.", "Көшті."]),
    ],
)  # fmt: skip
def test_tracked_changes_are_accepted(tmp_path: Path, body: str, paragraphs: list[str]) -> None:
    assert extract(write_word(tmp_path / "a.docx", body)).text.split("\n\n") == paragraphs


def test_what_is_no_running_text_is_listed(tmp_path: Path) -> None:
    body = paragraph(run("Мәтін"), '<w:r><w:footnoteReference w:id="2"/></w:r>', run("."))
    more: dict[str, Any] = {
        "header": paragraph(run("Жоғары")),
        "footer": paragraph(run("Төмен")),
        "comments": f'<w:comment w:id="1">{paragraph(run("Пікір"))}</w:comment>',
    }
    path = write_word(tmp_path / "a.docx", body, **PARTS, **more)
    outside = [("header", "Жоғары"), ("footer", "Төмен"), ("comment", "Пікір"), ("note mark", "2")]
    found = extract(path, settings=EXTRACT_DEFAULTS)
    assert (found.text, list(found.left_out)) == ("Мәтін.\n\nТүсініктеме.", outside)
    found = extract(path, settings=ExtractSettings(notes=False))
    assert (found.text, list(found.left_out)) == ("Мәтін.", [("note", "Түсініктеме."), *outside])
    [tag] = extract(path, settings=ExtractSettings(note_marks="tags")).tags
    assert (tag.at, tag.code) == (5, "2")
