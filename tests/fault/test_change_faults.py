# SPDX-License-Identifier: BSD-2-Clause
"""A password change whose write goes wrong: the user is told what became of it, and that is true."""
import pytest

import frames
from dynamo_login import PASSWORD

NEW = "another long enough sentence"
REFUSED = "Passwords cannot be changed here: yours stays as it is."
AWAY = "The user directory is out of reach: the password stays as it is. Please try again later."
DOUBT = "Nobody knows whether the password was changed"


def holds(login, password):
    """Whether this one is right; nothing is wrong with the tables any more."""
    login.proxy.reset()
    verdict = "unavailable"
    while verdict == "unavailable":  # until the outage is known to be over
        verdict = login.authenticate(password=password).verdict
    return verdict == "success"


@pytest.mark.parametrize("fault,said", [("access_denied", REFUSED), ("throttle", AWAY),
                                        ("not_found", REFUSED)])
def test_what_was_not_written(login, fault, said):
    login.start()
    login.proxy.control(fault=fault, operation="UpdateItem")
    answer = login.change(PASSWORD, NEW)
    assert (answer.verdict, answer.text(frames.MESSAGE)) == ("unavailable", said)
    assert holds(login, PASSWORD) and not holds(login, NEW)


def test_nothing_can_be_read(login):
    login.start()
    login.proxy.control(fault="500")
    answer = login.change(PASSWORD, NEW)
    assert (answer.verdict, answer.text(frames.MESSAGE)) == ("unavailable", AWAY)
    assert holds(login, PASSWORD) and not holds(login, NEW)


@pytest.mark.parametrize("fault", ["drop", "drop_after", "500", "500_after", "truncated"])
def test_one_lost_answer_changes_nothing(login, fault):
    """Written or not the first time: it is found out, and done."""
    login.start()
    login.proxy.control(fault=fault, operation="UpdateItem", times=1)
    assert login.change(PASSWORD, NEW).verdict == "success"
    assert holds(login, NEW) and not holds(login, PASSWORD)


@pytest.mark.parametrize("fault", ["drop_after", "500_after", "hang"])
def test_no_answer_at_all(login, fault):
    """Success is said of what is written alone, and that nothing changed only where that is so."""
    login.start()
    login.proxy.control(fault=fault, operation="UpdateItem")
    answer = login.change(PASSWORD, NEW)
    said = answer.text(frames.MESSAGE) or ""
    new, old = holds(login, NEW), holds(login, PASSWORD)
    assert new != old
    if answer.verdict == "success":
        assert new
    else:
        assert answer.verdict == "unavailable" and said
        assert old or said.startswith(DOUBT)
