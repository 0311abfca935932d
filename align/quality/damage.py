"""Pairs made wrong on purpose, to learn from: what bicleaner does (Sánchez-Cartagena et al. 2018), of more kinds."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Pair = tuple[str, str]

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NUMBER = re.compile(r"\d+")
_LETTERS = {
    "Cyrl": "аеиоуыэюябвгджзйклмнпрстфхцчшіәңөүқғ",
    "Latn": "aeiouybcdfghjklmnpqrstvwxzäöüşçñı",
}


@dataclass(frozen=True, slots=True)
class Source:
    """What damage is drawn from: the pairs in their order, their names, the draw."""

    pairs: Sequence[Pair]
    by_length: Sequence[int]
    rank: dict[int, int]
    names: Sequence[str]
    draw: random.Random


def _swapped(of: Source, at: int, other: int) -> Pair | None:
    """Return the pair with the target of another."""
    source, target = of.pairs[at]
    wrong = of.pairs[other % len(of.pairs)]
    if wrong[1] == target or wrong[0] == source:
        return None
    return (source, wrong[1]) if of.draw.random() < 0.5 else (wrong[0], target)


def neighbour(of: Source, at: int) -> Pair | None:
    """Return the source with the target before or after."""
    return _swapped(of, at, at + of.draw.choice((-1, 1)))


def unrelated(of: Source, at: int) -> Pair | None:
    """Return the source with a target of like length."""
    return _swapped(of, at, of.by_length[(of.rank[at] + of.draw.choice((-3, -2, -1, 1, 2, 3))) % len(of.pairs)])


def similar(of: Source, at: int) -> Pair | None:
    """Return the source with that of twenty-four targets, near by or of like length, which shares most words."""
    wanted = {word[:5] for word in _WORD.findall(of.pairs[at][1].lower())}
    count = len(of.pairs)
    rank = of.rank[at]
    others = [(at + step) % count for step in range(-8, 9) if step] + [
        of.by_length[(rank + step) % count] for step in range(-8, 9) if step
    ]
    others = [one for one in others if of.pairs[one][1] != of.pairs[at][1]]
    if not others:
        return None

    def shared(one: int) -> float:
        words = {word[:5] for word in _WORD.findall(of.pairs[one][1].lower())}
        return len(words & wanted) / (len(words) + len(wanted) + 1)

    return _swapped(of, at, max(others, key=lambda one: (shared(one), -one)))


def extra(of: Source, at: int) -> Pair | None:
    """Return the pair with one sentence more on one side."""
    return _one_side(of, at, lambda text, side: f"{text} {of.pairs[(at + 1) % len(of.pairs)][side]}")


def truncated(of: Source, at: int) -> Pair | None:
    """Return the pair with one side broken off."""

    def cut(text: str, _side: int) -> str:
        words = text.split()
        kept = max(1, round(len(words) * of.draw.uniform(0.3, 0.7)))
        return " ".join(words[:kept]) if len(words) > 2 else text

    return _one_side(of, at, cut)


def other_number(of: Source, at: int) -> Pair | None:
    """Return the pair with a number changed that both sides have."""
    source, target = of.pairs[at]
    both = sorted(set(_NUMBER.findall(source)) & set(_NUMBER.findall(target)))
    if not both:
        return None
    old = of.draw.choice(both)
    new = str(of.draw.randint(max(1, int(old) // 3), 2 * int(old) + 9)) if len(old) < 12 else old[::-1]
    return _one_side(of, at, lambda text, _side: re.sub(rf"(?<!\d){old}(?!\d)", new, text, count=1))


def other_name(of: Source, at: int) -> Pair | None:
    """Return the pair with a capitalised word inside the target exchanged for another of the corpus."""
    source, target = of.pairs[at]
    found = [one for one in _WORD.finditer(target) if one.start() > 0 and one.group()[0].isupper() and len(one[0]) > 3]
    found = [one for one in found if target[one.start() - 2 : one.start() - 1] not in tuple(".!?")]
    if not found or not of.names:
        return None
    old, new = of.draw.choice(found), of.draw.choice(of.names)
    if old.group()[:4].lower() == new[:4].lower():
        return None
    changed = target[: old.start()] + new + target[old.end() :]
    return source, changed


def copy(of: Source, at: int) -> Pair | None:
    """Return one side twice."""
    text = of.draw.choice(of.pairs[at])
    return text, text


def sister(of: Source, at: int) -> Pair | None:
    """Return the pair with one side as in a sister language: some letters have become others throughout."""

    def shifted(text: str, _side: int) -> str:
        letters = max(_LETTERS.values(), key=lambda script: sum(map(text.lower().count, script)))
        there = [letter for letter in letters if letter in text.lower()]
        if not there:
            return text
        changed = of.draw.sample(there, min(len(there), of.draw.randint(3, 9)))
        table = {old: of.draw.choice(letters) for old in changed}
        table |= {old.upper(): new.upper() for old, new in table.items() if len(new.upper()) == 1}
        return "".join(table.get(letter, letter) for letter in text)

    return _one_side(of, at, shifted)


def looping(of: Source, at: int) -> Pair | None:
    """Return the pair with a target that ends in the same words again and again."""
    source, target = of.pairs[at]
    words = target.split()
    size = of.draw.randint(1, min(5, len(words))) if words else 0
    end = of.draw.randint(size, len(words))
    return source, " ".join(words[:end] + words[end - size : end] * of.draw.randint(2, 9))


def mojibake(of: Source, at: int) -> Pair | None:
    """Return the pair with one side decoded wrongly, or with the letters lost that an encoding lacks."""
    way = of.draw.choice(("cp1252", "cp1251", "latin-1", "lost"))

    def broken(text: str, _side: int) -> str:
        if way == "lost":
            return text.encode("cp1251", "replace").decode("cp1251")
        return text.encode().decode(way, "ignore")

    return _one_side(of, at, broken)


KINDS: dict[str, Callable[[Source, int], Pair | None]] = {
    "neighbour": neighbour, "unrelated": unrelated, "similar": similar, "extra": extra, "truncated": truncated,
    "number": other_number, "name": other_name, "copy": copy, "sister": sister, "looping": looping,
    "mojibake": mojibake,
}  # fmt: skip


def _one_side(of: Source, at: int, change: Callable[[str, int], str]) -> Pair | None:
    """Return the pair with one side changed, the other where that one stays as it was; None where both stay."""
    for side in of.draw.sample((0, 1), 2):
        text = of.pairs[at][side]
        changed = change(text, side)
        if changed != text:
            return (changed, of.pairs[at][1]) if side == 0 else (of.pairs[at][0], changed)
    return None


def damaged(pairs: Sequence[Pair], each: int, seed: int = 0) -> list[tuple[str, int, Pair]]:
    """Return (kind, number of the pair that it was, damaged pair), up to ``each`` of every kind."""
    by_length = sorted(range(len(pairs)), key=lambda at: (len(pairs[at][1]), at))
    names = sorted(
        {
            found.group()
            for _, target in pairs
            for found in _WORD.finditer(target)
            if found.start() > 0 and found.group()[0].isupper() and len(found.group()) > 3
        }
    )
    result = []
    for kind, make in KINDS.items():
        rank = {one: at for at, one in enumerate(by_length)}
        of = Source(pairs, by_length, rank, names, random.Random(f"{seed} {kind}"))
        done = 0
        for at in of.draw.sample(range(len(pairs)), len(pairs)):
            if done == each:
                break
            made = make(of, at)
            if made is not None and made != pairs[at]:
                result.append((kind, at, made))
                done += 1
    return result
