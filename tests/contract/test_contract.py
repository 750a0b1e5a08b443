# SPDX-License-Identifier: BSD-2-Clause
"""The contract of the store on every engine, as built and once more with the sanitizers."""
import itertools
import os
import pathlib
import subprocess
import sys
import threading

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


def test_signed(program, tmp_path):
    """Every request's signature is recomputed on the way."""
    with servers.proxied_dynoxide(tmp_path) as (proxy, _server):
        run(program, "dynamodb", proxy.url)
        assert not proxy.state()["refused"]


WRITES = ("UpdateItem", "PutItem", "TransactWriteItems", "DeleteItem")
LOST = ("drop_after", "500_after", "drop")  # done and not told, or not done


def lose_answers(proxy, ended):
    """One write after the other gets no answer, or a wrong one."""
    for fault, operation in itertools.cycle(itertools.product(LOST, WRITES)):
        if ended.wait(0.015):
            return
        proxy.control(fault=fault, operation=operation, times=1)


def test_lost_answers(program, tmp_path):
    """No failure is lost or counted twice, no token taken twice, no address or uid given twice."""
    ended = threading.Event()
    with servers.proxied_dynoxide(tmp_path) as (proxy, _server):
        loser = threading.Thread(target=lose_answers, args=(proxy, ended))
        loser.start()
        try:
            run(program, "dynamodb", proxy.url, "unique", "failures", "tokens", "rates")
        finally:
            ended.set()
            loser.join()
        assert proxy.state()["connections"] > 10  # each lost answer costs one
