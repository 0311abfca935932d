# %% [markdown]
# # Training
#
# A small Marian model is trained from nothing on a corpus, on a CPU, and translates. So few pairs and steps teach it
# nothing: this is how it goes, not how good it gets (docs/training.md). Needs `pip install 'qosmatin[train]'`.

# %%
import itertools
import subprocess
import sys
from pathlib import Path

import qosmatin

NAMES = {"Асан": "Asan", "Айгүл": "Aigul", "Марат": "Marat", "Дана": "Dana"}
PLACES = {"Алматыда": "in Almaty", "Астанада": "in Astana", "Шымкентте": "in Shymkent"}
THINGS = {"кітап": "books", "газет": "newspapers", "хат": "letters", "өлең": "poems"}
ROWS = [
    (f"{name[0]} {place[0]} {thing[0]} оқиды.", f"{name[1]} reads {thing[1]} {place[1]}.")
    for name, place, thing in itertools.product(NAMES.items(), PLACES.items(), THINGS.items())
]

# %% [markdown]
# ## A corpus to learn from

# %%
CONFIG = """
corpus: {name: reading, version: 1.0.0, folder: corpora/reading, licence: CC0-1.0}
sources: [{files: [kk/*.txt], lang: kk, licence: CC0-1.0}]
translations: [{name: en, lang: en, kind: human, by: An example, files: [en/*.txt], licence: CC0-1.0}]
"""
for side, lang in enumerate(("kk", "en")):
    Path(lang).mkdir(exist_ok=True)
    for part in range(4):
        lines = [row[side] for row in ROWS[part::4]]
        Path(lang, f"{part}.txt").write_text("\n".join(lines), encoding="utf-8")
Path("reading.yaml").write_text(CONFIG, encoding="utf-8")
subprocess.run([sys.executable, "-m", "qosmatin", "run", "reading.yaml"], check=True)

# %% [markdown]
# ## The training
#
# In a shell it is `qosmatin train train.yaml`; stopped, it goes on when started again.

# %%
TRAINING = """
output: models/reading
data: {dataset: corpora/reading/dataset, config: kk-en, source: kk, target: en, validation: 0.1}
from_scratch: {vocabulary: 150, layers: 1, width: 64, heads: 4, feed_forward: 128}
training: {learning_rate: 0.004, warmup_steps: 5, batch_sentences: 24, max_tokens: 40, max_steps: 10, device: cpu}
"""
Path("train.yaml").write_text(TRAINING, encoding="utf-8")
subprocess.run([sys.executable, "-m", "qosmatin", "train", "train.yaml"], check=True)

# %% [markdown]
# ## The model translates
#
# What has learnt so little finds no end: the search stops at 40 tokens, not at the 256 that are its default.

# %%
sentences = [source for source, _ in ROWS[:3]]
settings = {"engine": "transformers", "model": "models/reading", "device": "cpu", "decoding": {"max_tokens": 40}}
answers = qosmatin.translate(sentences, "kk", "en", **settings)
print(answers.texts)
answers
