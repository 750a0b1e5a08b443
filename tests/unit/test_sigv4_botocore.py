# SPDX-License-Identifier: BSD-2-Clause
"""Our signatures against botocore's on random requests, and against the official suite where a copy
of it lies beside the project (../shared/vectors/sigv4)."""
import calendar
import json
import pathlib
import re
import secrets
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

import sigv4_botocore  # noqa: E402

TOOL = ROOT / "build" / "unit" / "test_sigv4"
VECTORS = ROOT.parent / "shared" / "vectors" / "sigv4" / "v4"
COUNT = 500


def run(mode, lines):
    text = "".join("\t".join(fields) + "\n" for fields in lines)
    result = subprocess.run([TOOL, mode], input=text.encode(), stdout=subprocess.PIPE, timeout=60,
                            check=True)
    return result.stdout.decode().splitlines()


def test_random_requests():
    seed = secrets.randbits(32)
    cases = sigv4_botocore.requests(COUNT, seed)
    answers = run("sign", [fields for fields, _ in cases])
    assert len(answers) == COUNT
    for answer, (fields, wanted) in zip(answers, cases):
        assert answer == wanted, f"seed {seed}: {fields}"


def vector(folder):
    """The fields of a case, as a caller that sends this request would hand them over."""
    context = json.loads((folder / "context.json").read_text())
    raw = (folder / "request.txt").read_bytes().decode().replace("\r\n", "\n")
    head, _, body = raw.partition("\n\n")
    first, *lines = re.sub(r"\n[ \t]+", " ", head).rstrip("\n").split("\n")
    method, target = first.rsplit(" ", 1)[0].split(" ", 1)
    path, _, query = target.partition("?")
    headers = [line.split(":", 1) for line in lines]
    when = time.strptime(context["timestamp"], "%Y-%m-%dT%H:%M:%SZ")
    headers.append(["X-Amz-Date", time.strftime("%Y%m%dT%H%M%SZ", when)])
    keys = context["credentials"]
    if "token" in keys and not context.get("omit_session_token"):
        headers.append(["X-Amz-Security-Token", keys["token"]])
    canonical = (folder / "header-canonical-request.txt").read_text()
    if context["sign_body"]:
        headers.append(["X-Amz-Content-Sha256", canonical.rsplit("\n", 1)[1]])
    fields = [str(calendar.timegm(when)), keys["access_key_id"], keys["secret_access_key"],
              context["region"], context["service"], method, path, query, body.encode().hex(),
              "0" if context["normalize"] else "1"]
    return fields + [part for pair in headers for part in pair]


def test_official():
    """Nothing to do in a clone without the suite: the cases above and test_sigv4.c stand alone."""
    for folder in sorted(VECTORS.glob("*")):
        fields = vector(folder)
        canonical = bytes.fromhex(run("canonical", [fields])[0]).decode()
        assert canonical == (folder / "header-canonical-request.txt").read_text(), folder.name
        signature = (folder / "header-signature.txt").read_text().strip()
        assert run("sign", [fields])[0].endswith(f"Signature={signature}"), folder.name
