"""Documents that find each other by content alone: news made up of sentences with names, places and numbers."""

import random
from pathlib import Path

CITIES = [
    ("Алматы", "Almaty"), ("Астана", "Astana"), ("Шымкент", "Shymkent"), ("Қарағанды", "Karaganda"),
    ("Ақтау", "Aktau"), ("Павлодар", "Pavlodar"), ("Семей", "Semey"), ("Тараз", "Taraz"), ("Көкшетау", "Kokshetau"),
]  # fmt: skip
PEOPLE = [
    ("Асқар Мамин", "Askar Mamin"), ("Айгүл Сейітова", "Aigul Seitova"), ("Ержан Оспанов", "Yerzhan Ospanov"),
    ("Дана Нұржанова", "Dana Nurzhanova"), ("Бауыржан Әлиев", "Bauyrzhan Aliyev"), ("Марат Ахметов", "Marat Akhmetov"),
]  # fmt: skip
SENTENCES = [
    ("{city}: бүгін жаңа мектеп ашылды.", "{city}: a new school opened today."),
    ("Мектепте {number} бала оқиды.", "{number} children study at the school."),
    ("Бұл туралы {person} айтты.", "{person} said this."),
    ("Дәрігерлер {number} адамды емдеді.", "Doctors treated {number} people."),
    ("{city} қаласында кеше қар жауды.", "Snow fell yesterday in the city of {city}."),
    ("{person} министр болып тағайындалды.", "{person} was appointed minister."),
    ("Үкімет {number} миллион теңге бөлді.", "The government allocated {number} million tenge."),
    ("Жол {year} жылы салынған.", "The road was built in {year}."),
    ("Полиция {number} көлікті тоқтатты.", "The police stopped {number} cars."),
    ("{city} әкімі {person} халықпен кездесті.", "The mayor of {city}, {person}, met with the people."),
    ("Сот {person} туралы шешім шығарды.", "The court made a decision about {person}."),
    ("Зауытта {number} жұмысшы жұмыс істейді.", "{number} workers work at the plant."),
    ("{year} жылы халық саны {number} мың болды.", "In {year} the population was {number} thousand."),
    ("Кітапханада {number} кітап бар.", "There are {number} books in the library."),
    ("{city} командасы {number} ұпай жинады.", "The team of {city} scored {number} points."),
    ("Мұғалімдер {person} деген оқушыны мақтады.", "The teachers praised a pupil named {person}."),
    ("Судың бағасы {number} теңгеге өсті.", "The price of water rose by {number} tenge."),
    ("Көрме {city} қаласында өтеді.", "The exhibition will be held in the city of {city}."),
]


def made_document(seed: int) -> tuple[str, str]:
    """Return a document of twelve sentences in Kazakh, and its translation into English."""
    rng = random.Random(seed)
    lines = []
    for sentence in rng.sample(SENTENCES, 12):
        city, person = rng.choice(CITIES), rng.choice(PEOPLE)
        number, year = rng.randint(100, 9999), rng.randint(1950, 2025)
        lines.append([
            text.format(city=city[side], person=person[side], number=number, year=year)
            for side, text in enumerate(sentence)
        ])  # fmt: skip
    return "\n".join(line[0] for line in lines), "\n".join(line[1] for line in lines)


def write_folders(folder: Path, count: int, alone: int = 1) -> dict[str, str]:
    """Write ``count`` documents and their translations into ``a`` and ``b``, in random order and under random names.

    Each side has ``alone`` documents more that nobody translates. Returns the names, without ending, that belong
    together; no name stands on both sides.
    """
    rng = random.Random(count)
    names = [f"{at:04x}" for at in rng.sample(range(16**4), 2 * (count + alone))]
    left, right = names[: count + alone], names[count + alone :]
    for side in ("a", "b"):
        (folder / side).mkdir(parents=True)
    for at in range(count + alone):
        kazakh, english = made_document(at)
        (folder / "a" / f"{left[at]}.txt").write_text(kazakh, encoding="utf-8")
        english = english if at < count else made_document(1000 + at)[1]
        (folder / "b" / f"{right[at]}.txt").write_text(english, encoding="utf-8")
    return dict(zip(left[:count], right[:count], strict=True))
