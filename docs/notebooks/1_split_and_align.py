# %% [markdown]
# # Split and align
#
# A text and its translation become pairs of sentences, each with the probability that it is right. This script is a
# notebook: `jupytext --to ipynb 1_split_and_align.py` makes one of it, and editors show its cells. It needs no network.

# %%
import qosmatin

KAZAKH = """\
Бүгін Алматыда жаңа мектеп ашылды. Оған 1200 бала барады. «Оқу тегін болады», – деді Қ. Сәтбаев.
Ғимарат 2020 ж. салынған. Оның ауласында бақ бар, ал жанында стадион тұр.
"""
ENGLISH = """\
A new school opened in Almaty today. 1200 children will go there. "Study will be free," said Q. Satbayev.
The building was built in 2020. There is a garden in its yard. A stadium stands beside it.
"""

# %% [markdown]
# ## Sentences
#
# `«...», – деді` is one sentence, and `2020 ж.` ends none. The result has offsets into the text, and is a table.

# %%
kazakh, english = qosmatin.split(KAZAKH, "kk"), qosmatin.split(ENGLISH, "en")
for row in kazakh:
    print(row["start"], row["end"], row["text"])
kazakh

# %% [markdown]
# ## Pairs
#
# `shape` says how many sentences of either side are in a pair: one Kazakh sentence became two English ones.

# %%
pairs = qosmatin.align(kazakh.texts, english.texts, "kk", "en")
for row in pairs:
    print(f"{row['confidence']:.2f} {row['shape']} {row['source']} | {row['target']}")
assert len(pairs) == 5
pairs

# %% [markdown]
# ## As a frame

# %%
frame = pairs.to_pandas()
print(frame[frame["confidence"] > 0.5])

# %% [markdown]
# ## Which text translates which
#
# Where names do not tell, `match` compares what the texts say.

# %%
others = ["Snow fell in Astana yesterday. Roads were closed.", ENGLISH]
found = qosmatin.match([KAZAKH, "Астанада кеше қар жауды. Жолдар жабылды."], others, "kk", "en")
print([(row["source"], row["target"]) for row in found])
