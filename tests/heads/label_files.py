"""Small label files for the tests of `train heads`."""

import json
import random

WORDS = {
    True: ("refund", "card", "bank", "money", "days"),
    False: ("hello", "address", "parcel", "thanks", "number"),
}


def row(number, **changes):
    return {
        "id": f"r{number}", "conversation_id": f"c{number // 2}", "lang": "en", "role": "agent",
        "text": f"text number {number}", "context": "and then", "label": number % 2 == 0, **changes,
    }  # fmt: skip


def separable_rows(n, *, seed=1, yes=True, no=False, **changes):
    """Rows whose label can be told from their words; two a conversation."""
    rng = random.Random(seed)
    rows = []
    for number in range(n):
        is_yes = number % 3 == 0
        text = " ".join([*rng.choices(WORDS[is_yes], k=4), str(number)])
        rows.append(row(number, text=text, label=yes if is_yes else no, **changes))
    return rows


def write_rows(path, rows):
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    return path
