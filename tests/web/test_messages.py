# SPDX-License-Identifier: BSD-2-Clause
"""Every sentence of the page is in every catalogue, with the same places to fill in."""
import re
import subprocess

import pytest
from conftest import BUILD, ROOT

CATALOGUES = sorted((ROOT / "web" / "po").glob("*.po"))


@pytest.fixture(scope="module")
def sentences(tmp_path_factory):
    path = tmp_path_factory.mktemp("messages") / "page.pot"
    subprocess.run(["xgettext", "--language=C", "--from-code=UTF-8", "--omit-header", "-k",
                    "-kMESSAGE", "-klanguage_plural:1,2", "-o", path,
                    *sorted((ROOT / "web").glob("*.[ch]")), BUILD / "web" / "templates.c"],
                   check=True)
    return path


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_nothing_is_left_in_english(sentences, catalogue):
    done = subprocess.run(["msgcmp", catalogue, sentences], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_places_are_the_same(catalogue):
    pairs = re.findall(r'^msgid (.*)\nmsgstr (.*)$', catalogue.read_text(), re.M)
    assert len(pairs) > 100
    for english, other in pairs[1:]:
        assert sorted(re.findall(r"\{.*?\}", english)) == sorted(re.findall(r"\{.*?\}", other))


def test_there_are_catalogues():
    assert [path.stem for path in CATALOGUES] == ["de"]
