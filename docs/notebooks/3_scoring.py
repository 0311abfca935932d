# %% [markdown]
# # Scoring
#
# Two systems against one reference: corpus scores with their intervals and signatures, and whether the difference may
# be chance.

# %%
from pathlib import Path

import qosmatin
from qosmatin.eval import Settings, render, write_report

REFERENCE = ["The trial began today.", "He came home.", "Snow fell in the city.", "The roads were closed."]
SYSTEMS = {
    "first": ["The trial began today.", "He has come home.", "Snow fell in city.", "Roads were closed."],
    "second": ["Court started.", "He came house.", "It snowed.", "The roads were closed down."],
}

# %% [markdown]
# ## Scores
#
# The language chooses metrics and tokenizers. So few segments say nothing; the intervals tell.

# %%
settings = Settings(samples=200, trials=200, examples=2)
scores = qosmatin.score(SYSTEMS, REFERENCE, target_lang="en", settings=settings)
for row in scores:
    print(f"{row['system']:8} {row['metric']:10} {row['score']:6.2f} [{row['low']:.2f}, {row['high']:.2f}]")
scores

# %% [markdown]
# ## Is the difference one?

# %%
for test in scores.evaluation.comparisons:
    print(test)

# %% [markdown]
# ## A report, for the paper and for the browser

# %%
print(render("markdown", [scores.evaluation])[:400])
written = write_report(Path("report"), [scores.evaluation])
print([path.name for path in written])
