"""``qosmatin lexicon``: learn lexicons from texts and their translations, merge them, look into them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qosmatin.align import load_lexicon, merge_lexicons, save_lexicon
from qosmatin.align.batch import Options, find_jobs, learn_lexicon
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.languages import check_languages
from qosmatin.job.opened import choose_translations, open_corpus
from qosmatin.stages.align import learn_from_corpus

from .align import SOURCE_LANG, TARGET_LANG
from .console import error_console, open_output

app = typer.Typer(
    help="Learn lexicons that `qosmatin align` and jobs can use.", no_args_is_help=True, rich_markup_mode=None
)

_OUTPUT = Annotated[Path, typer.Option("-o", "--output", help="The lexicon to write.", show_default=False)]


@app.command("learn")
def learn(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="A folder of texts.", show_default=False)],
    target: Annotated[Path, typer.Argument(metavar="TGT", help="Their translations, by equal file names.")],
    output: _OUTPUT,
    *,
    source_lang: SOURCE_LANG = "kk",
    target_lang: TARGET_LANG = "en",
    sentences: Annotated[bool, typer.Option("--sentences", help="The texts have one sentence a line already.")] = False,
) -> None:
    """Align two folders of texts and keep what that taught of words.

    Example: qosmatin lexicon learn examples/ilyashev/kk examples/ilyashev/en -o kk-en.lexicon
    """
    langs = check_languages(source_lang, target_lang)
    jobs, _ = find_jobs(source, target)
    lexicon = learn_lexicon(jobs, Options(*langs, sentences))
    if lexicon is None:
        raise InputError("none of the documents can be read as text", source)
    save_lexicon(lexicon, output)
    error_console().print(f"{len(lexicon.pairs):,} pairs of words in {output}", markup=False, highlight=False)


@app.command("from-corpus")
def from_corpus(
    corpus: Annotated[Path, typer.Argument(help="The corpus folder that `qosmatin run` made.", show_default=False)],
    output: _OUTPUT,
    translation: Annotated[str | None, typer.Option(help="Which one, where the corpus has several.")] = None,
) -> None:
    """Learn words from a corpus, certain of the pairs that people confirmed, for the next corpus to begin with.

    Example: qosmatin lexicon from-corpus corpora/ilyashev --translation en -o kk-en.lexicon
    """
    job = open_corpus(corpus, error_console())
    names = choose_translations(job, [translation] if translation else [])
    if len(names) > 1:
        raise InputError(f"say which translation with --translation: {', '.join(names)}", corpus)
    lexicon, confirmed = learn_from_corpus(job, names[0])
    save_lexicon(lexicon, output)
    error_console().print(
        f"{len(lexicon.pairs):,} pairs of words in {output}; people had confirmed {confirmed:,} pairs of the corpus",
        markup=False,
        highlight=False,
    )


@app.command("merge")
def merge(
    lexicons: Annotated[list[Path], typer.Argument(help="Lexicons for the same languages.", show_default=False)],
    output: _OUTPUT,
) -> None:
    """Merge lexicons into one; each counts by how much text it has seen.

    Example: qosmatin lexicon merge news.lexicon laws.lexicon -o kk-en.lexicon
    """
    save_lexicon(merge_lexicons([load_lexicon(path) for path in lexicons]), output)


@app.command("show")
def show(
    lexicon: Annotated[Path, typer.Argument(help="A lexicon.", show_default=False)],
    word: Annotated[str | None, typer.Argument(help="Show words that begin so.")] = None,
) -> None:
    """Print word pairs with their probabilities in both directions and how often they were seen, likeliest first.

    Example: qosmatin lexicon show kk-en.lexicon сот
    """
    rows = sorted(load_lexicon(lexicon).pairs.items(), key=lambda row: (row[0][0], -row[1][0]))
    with open_output(None) as stream:
        for (source, target), (forward, backward, count) in rows:
            if word is None or source.startswith(word.lower()) or target.startswith(word.lower()):
                stream.write(f"{source}\t{target}\t{forward:.3f}\t{backward:.3f}\t{count:g}\n")
