"""Made-up segments in Kazakh, Russian and English that the tests of ``eval`` score."""

import random

WORDS = (
    "Қазақстан «Нұр Отан» партиясы 2020 жылы №5 заңын қабылдады деп хабарлады Әлнұр Ильяшев бүгін Алматыда сот",
    "Суд в Алматы признал активиста виновным, “ложная информация” — 100 часов; Сергей Ёлкин не согласен (12,5 %)",
    "The court's verdict, according to Ms. O'Neill & Sons, restricts U.S.-style freedom for 3.5 years !",
)


def segments(count: int, seed: int) -> tuple[list[str], list[str], list[str]]:
    """A system's segments in three languages, and two references for each; some are empty or lack words."""
    source = random.Random(seed)
    columns: tuple[list[str], list[str], list[str]] = ([], [], [])
    for number in range(count):
        words = WORDS[number % 3].split()
        reference = [source.choice(words) for _ in range(source.randrange(0, 18))]
        for column, change in zip(columns, (0.3, 0.0, 0.2), strict=True):
            kept = [word if source.random() > change else source.choice(words) for word in reference]
            column.append(" ".join(kept) + ("." if number % 2 else ""))
    return columns
