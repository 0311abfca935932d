"""The recipe "an operation with a key" of CONTRIBUTING.md, followed once in a copy of the house."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from recipes import recipe_text
from review_material import ROOT

FAMILY = "review/editing/flagging.py"
CATALOGUES = {code: f"review/locale/{code}/LC_MESSAGES/messages.po" for code in ("ru", "kk")}

CODE = '''
@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Request):
    """Flag a pair with a question mark, and what is asked if it is said."""

    kind: Literal["question"]
    about: str = ""


def _question(scene: Scene[Question]) -> Change:
    return Change((scene.row,), (replace(scene.row, category="Other", comment=f"? {scene.request.about}"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionMany(RowsRequest):
    """Flag all rows of a query with a question mark."""

    kind: Literal["question"]


def _asking(_bulk: QuestionMany, _by: By) -> Callable[[BeadRow], Outcome]:
    return lambda row: replace(row, category="Other", comment="?")
'''

ENTRY = """
    Operation(
        "question",
        "KeyQ",
        N_("flag with a question mark"),
        N_("Ask"),
        request=Question,
        apply=_question,
        in_bulk=RowByRow(N_("flag with a question mark"), QuestionMany, _asking),
    ),
"""

WORDS = {
    "ru": {"flag with a question mark": "пометить вопросом", "Ask": "Спросить"},
    "kk": {"flag with a question mark": "сұрақпен белгілеу", "Ask": "Сұрау"},
}

TRIAL = """
import re, sys
from pathlib import Path
from starlette.testclient import TestClient
import qosmatin
from qosmatin.review.app import make_app
from qosmatin.review.api.openapi import openapi
from qosmatin.review.editing.bulk import Batches
from qosmatin.review.editing.catalogue import bulk_of, request_of
from qosmatin.review.editing.operations import Review
from qosmatin.review.exchange.importing import import_corpus
from qosmatin.review.store import log
from qosmatin.review.store.database import open_database, sqlite_url
from qosmatin.review.store.queries import Query

assert Path(qosmatin.__file__).is_relative_to(Path.cwd()), "not the copy"
folder = Path(sys.argv[1])
engine = open_database(sqlite_url(folder))
import_corpus(engine, folder)
review = Review(engine)

def rows():
    with engine.connect() as connection:
        return log.read_rows(connection, 1)

# Through the store, and undone.
row = rows()[0]
review.operate(request_of("question", document=1, number=row.number, version=row.version, about="which court"), "r1")
assert (rows()[0].category, rows()[0].comment) == ("Other", "? which court"), rows()[0]
review.undo("r1")
assert rows() == [row, *rows()[1:]]

# On the page: its line in the help with the key, its button, what can be done to all rows, in each language.
client = TestClient(make_app(review, "r1", "news", 8765), base_url="http://127.0.0.1:8765")
for language, words, button in (("en", "flag with a question mark", "Ask"), ("ru", "пометить вопросом", "Спросить"),
                                ("kk", "сұрақпен белгілеу", "Сұрау")):
    page = client.get("/", headers={"Accept-Language": language}).text
    line = re.search(r'<tr data-command="question" data-keys="KeyQ" data-operation="question">.*?</tr>', page, re.S)
    assert line and words in line[0], language
    assert re.search(rf'<button type="button" data-command="question">{button} ', page), language
    assert f'<option value="question">{words}</option>' in page, language

# As the page's script and a script of somebody's ask for it.
token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
body = {"kind": "question", "document": 1, "number": row.number, "version": rows()[0].version}
answer = client.post("/operations", json=body, headers={"Origin": "http://127.0.0.1:8765", "X-CSRF-Token": token})
assert answer.status_code == 200, answer.text
body["version"] = rows()[0].version
answer = client.post("/api/operations", json={**body, "about": "who"}, headers={"X-Qosmatin-Script": "1"})
assert answer.json()["pairs"][0]["comment"] == "? who", answer.text
assert client.post("/api/operations", json=body, headers={"X-Qosmatin-Script": "1"}).status_code == 409
assert "question" in openapi()["components"]["schemas"]["Request"]["discriminator"]["mapping"]
batches = Batches(review)
seen = batches.preview(bulk_of("question", query=Query("en", document=1)), "r1")
while batches.run(seen.batch, "r1").more:
    pass
assert all(row.comment == "?" for row in rows())
"""


def test_the_recipe_adds_an_operation_with_a_key(job: Path, tmp_path: Path) -> None:
    house = tmp_path / "house" / "qosmatin"
    shutil.copytree(ROOT / "qosmatin", house, ignore=lambda folder, names: _links(Path(folder), names))
    for room in ("corpus", "align", "review"):
        shutil.copytree(ROOT / room, house / room, ignore=shutil.ignore_patterns("__pycache__"))
    additions = {FAMILY: CODE + ENTRY}
    family = (house / FAMILY).read_text(encoding="utf-8")
    family = (
        family.replace("\n\nOPERATIONS = (", f"{CODE}\n\nOPERATIONS = (").removesuffix(")\n") + f"{ENTRY.lstrip()})\n"
    )
    (house / FAMILY).write_text(family, encoding="utf-8")
    for code, path in CATALOGUES.items():
        additions[path] = "".join(f'\n#: {FAMILY}\nmsgid "{old}"\nmsgstr "{new}"\n' for old, new in WORDS[code].items())
        with (house / path).open("a", encoding="utf-8") as file:
            file.write(additions[path])
    assert sum(len(text.splitlines()) for text in additions.values()) < 60
    recipe = recipe_text("An operation with a key")
    assert all(path.replace("flagging", "FAMILY") in recipe for path in additions)
    command = [sys.executable, "-c", TRIAL, str(job.parent / "news")]
    environment = {**os.environ, "PYTHONPATH": str(house.parent)}
    done = subprocess.run(command, cwd=house.parent, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _links(folder: Path, names: list[str]) -> set[str]:
    """What is not copied with the face: its links to the rooms, and caches."""
    return {name for name in names if (folder / name).is_symlink() or name == "__pycache__"}
