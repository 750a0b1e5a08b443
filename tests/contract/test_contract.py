# SPDX-License-Identifier: BSD-2-Clause
"""The contract of the store on every engine, as built and once more with the sanitizers."""
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lib"))

import servers  # noqa: E402

TREES = {"plain": ROOT / "build", "sanitized": ROOT / "build" / "asan"}


@pytest.fixture(params=TREES)
def program(request):
    path = TREES[request.param] / "contract" / "test_store"
    assert path.exists(), f"{path} is missing: make B={TREES[request.param]} contract"
    return path


def run(program, *arguments):
    """Everything passes; each case is named in the output when one does not."""
    result = subprocess.run([program, *map(str, arguments)], text=True, errors="replace",
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=150,
                            env=dict(os.environ, CMOCKA_MESSAGE_OUTPUT="STDOUT"), check=False)
    assert result.returncode == 0, result.stdout
    assert "[  PASSED  ]" in result.stdout


@pytest.mark.parametrize("engine", ["memory", "failing"])
def test_in_memory(program, engine):
    run(program, engine)


def test_sqlite(program, tmp_path):
    tmp_path.chmod(0o700)
    run(program, "sqlite", tmp_path)
    run(program, "sqlite", tmp_path)  # on the file of the run before


def test_dynoxide(program, tmp_path):
    with servers.dynoxide(tmp_path) as server:
        run(program, "dynamodb", server.url)


def test_dynalite(program, tmp_path):
    with servers.dynalite(tmp_path) as server:
        run(program, "dynamodb", f"{server.url},no-transactions")
