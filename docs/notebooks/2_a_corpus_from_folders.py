# %% [markdown]
# # A corpus from folders
#
# Two folders of texts and a config become a corpus: tables that know who wrote what, and a dataset that anybody loads.
# All is written into the working folder.

# %%
import subprocess
import sys
from pathlib import Path

from datasets import load_dataset

import qosmatin

TEXTS = {
    "kk/school.txt": "Бүгін Алматыда жаңа мектеп ашылды. Оған мыңнан аса бала барады. Оқу тегін болады.",
    "en/school.txt": "A new school opened in Almaty today. More than a thousand children will go there. It is free.",
    "kk/snow.txt": "Астанада кеше қар жауды. Жолдар жабылып қалды. Мектептер онлайн оқытты.",
    "en/snow.txt": "Snow fell in Astana yesterday. Roads were closed. Schools taught online.",
}
CONFIG = """
corpus: {name: news, version: 1.0.0, folder: corpora/news, licence: CC-BY-4.0}
sources:
  - {files: [kk/*.txt], lang: kk, domain: news, licence: CC-BY-4.0}
translations:
  - {name: en, lang: en, kind: human, by: An agency, files: [en/*.txt], licence: CC-BY-4.0}
filters:
  - {name: length-ratio, max: 3}
"""
for name, text in TEXTS.items():
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")
Path("news.yaml").write_text(CONFIG, encoding="utf-8")

# %% [markdown]
# ## The job
#
# In a shell it is `qosmatin run news.yaml`. Run again, it does nothing that is done already.

# %%
subprocess.run([sys.executable, "-m", "qosmatin", "run", "news.yaml"], check=True)

# %% [markdown]
# ## The corpus, as frames

# %%
corpus = qosmatin.open("corpora/news")
pairs = corpus.pairs("kk-en").to_pandas()
print(pairs[["source_text", "target_text", "confidence", "target_by"]])
assert len(pairs) == 6
corpus

# %% [markdown]
# ## The dataset, as everybody loads it

# %%
dataset = load_dataset("corpora/news/dataset", "kk-en", split="train", cache_dir="cache")
print(dataset[0]["translation"])
