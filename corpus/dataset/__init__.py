"""The dataset folder: Parquet files and a card that ``datasets.load_dataset`` reads without a script.

One config for each translation (``kk-en``), one row for each pair that no filter refused; each row says where its
texts stand, who made them and under which licence.
"""

from .card import CardFacts, PublishedConfig, TranslationFacts, read_version, write_card
from .context import add_context, held_back
from .croissant import CroissantFacts, write_croissant
from .documents import DocumentsSummary, PairOfDocument, WholeDocument, write_documents
from .judged import JudgedSummary, judged_features, read_judgements, write_judged
from .kept import read_kept
from .leaks import Leak, LeakCheck, read_benchmark
from .licences import Permission, licence_obstacles
from .parallel import ParallelRow, ParallelSummary, parallel_features, parallel_rows, parallel_table, write_parallel
from .paraphrases import ParaphraseCheck
from .remarks import Remarks, find_flags, flags_from_table
from .responsible import responsible_use
from .scores import SegmentScores
from .shards import ShardWriter, SplitCounts
from .splits import SPLITS, SplitMove, SplitPlan, SplitShares, plan_splits
from .versions import compare_rows, content_hash, next_version, write_changelog
from .writing import ConfigSummary, Source, config_name, origin, write_translation

__all__ = [
    "SPLITS",
    "CardFacts",
    "ConfigSummary",
    "CroissantFacts",
    "DocumentsSummary",
    "JudgedSummary",
    "Leak",
    "LeakCheck",
    "PairOfDocument",
    "ParallelRow",
    "ParallelSummary",
    "ParaphraseCheck",
    "Permission",
    "PublishedConfig",
    "Remarks",
    "SegmentScores",
    "ShardWriter",
    "Source",
    "SplitCounts",
    "SplitMove",
    "SplitPlan",
    "SplitShares",
    "TranslationFacts",
    "WholeDocument",
    "add_context",
    "compare_rows",
    "config_name",
    "content_hash",
    "find_flags",
    "flags_from_table",
    "held_back",
    "judged_features",
    "licence_obstacles",
    "next_version",
    "origin",
    "parallel_features",
    "parallel_rows",
    "parallel_table",
    "plan_splits",
    "read_benchmark",
    "read_judgements",
    "read_kept",
    "read_version",
    "responsible_use",
    "write_card",
    "write_changelog",
    "write_croissant",
    "write_documents",
    "write_judged",
    "write_parallel",
    "write_translation",
]
