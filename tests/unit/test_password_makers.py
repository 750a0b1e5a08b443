# SPDX-License-Identifier: BSD-2-Clause
"""Our verification against hashes that other programs have just made of random passwords."""
import os
import pathlib
import random
import secrets
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

import password_makers  # noqa: E402

TOOL = ROOT / os.environ.get("PAM_DYNAMO_BUILD", "build") / "unit" / "test_password_formats"
COUNT = 4
MATCH = "1"


def verify(pairs):
    """[(answer, name of the format)] of our own code."""
    text = "".join(f"{typed.hex()}\t{encoded}\n" for typed, encoded in pairs)
    result = subprocess.run([TOOL, "verify"], input=text.encode(), stdout=subprocess.PIPE,
                            timeout=300, check=True)
    return [line.split(" ") for line in result.stdout.decode().splitlines()]


def others(chance, typed):
    """Passwords that are not the right one."""
    at = chance.randrange(len(typed))
    yield typed[:-1]
    yield typed + b" "
    yield typed + b"\0"
    yield typed[:at] + bytes([typed[at] ^ 1 << chance.randrange(8)]) + typed[at + 1:]


def changed(chance, encoded):
    """The hash with one other character, outside the name of a scheme, whose case is free."""
    places = [at for at in range(encoded.rfind("}") + 1, len(encoded))
              if encoded[at - 2:at] != "$2"]  # bcrypt's 2a, 2b and 2y are one
    at = chance.choice(places)
    letter = chance.choice([c for c in password_makers.LETTERS if c != encoded[at]])
    return encoded[:at] + letter + encoded[at + 1:]


@pytest.mark.parametrize("program,name,make,short", password_makers.MAKERS,
                         ids=[f"{maker[1]} by {maker[0]}" for maker in password_makers.MAKERS])
def test_random_passwords(program, name, make, short):
    seed = secrets.randbits(32)
    chance = random.Random(seed)
    good, bad = [], []
    for _ in range(COUNT):
        text = password_makers.password(chance)
        typed, encoded = text.encode(), make(chance, text)
        if short and len(typed) > 72:
            bad.append((typed, encoded))
            continue
        good.append((typed, encoded))
        bad += [(other, encoded) for other in others(chance, typed)]
        bad += [(typed, changed(chance, encoded)) for _ in range(3)]
    for pair, answer in zip(good, verify(good), strict=True):
        assert answer == [MATCH, name], f"seed {seed}: {pair}"
    for pair, answer in zip(bad, verify(bad), strict=True):
        assert answer[0] != MATCH, f"seed {seed}: {pair}"
