# SPDX-License-Identifier: BSD-2-Clause
"""Real programs on a host with pam_dynamo, once on each store. Runs in the private machine."""
import os
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
pytest.register_assert_rewrite("hosts_matrix")
import hosts_matrix  # noqa: E402
import machine  # noqa: E402
import servers  # noqa: E402

PASSWORD = hosts_matrix.PASSWORD


def is_wanted(item):
    """Of the matrix, the second store gets some columns only."""
    column = getattr(item, "callspec", None) and item.callspec.params.get("column")
    return column is None or "[sqlite" in item.nodeid or column in hosts_matrix.THIN


def pytest_collection_modifyitems(items):
    # Programs that speak DynamoDB have nothing to say to a file.
    items[:] = [item for item in items
                if not (item.path.name in ("test_foreign.py", "test_existing_tables.py",
                                           "test_existing_tables_page.py")
                        and "[sqlite" in item.nodeid)
                and is_wanted(item)]
    if os.environ.get("PRIVATE_MACHINE") != "1":
        for item in items:
            item.add_marker(pytest.mark.skip(reason="run through tests/lib/private_machine.sh"))


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """`make install`, once."""
    machine.Machine(tmp_path_factory.mktemp("install")).install()


class Behind:
    """dynoxide behind the proxy that checks every signature."""

    def __init__(self, tmp):
        self.upstream = servers.start_dynoxide(tmp)
        self.proxy = servers.start_proxy(tmp, self.upstream, access_key=machine.ACCESS_KEY,
                                         secret_key=machine.SECRET_KEY, region=machine.REGION)
        self.url = self.proxy.url

    def stop(self):
        self.proxy.stop()
        self.upstream.stop()


def start_host(tmp, engine, layout="common", settings=None):
    """A running host on a new store of this engine that knows alice alone."""
    host = machine.Machine(tmp)
    pathlib.Path("/var/lib/pam-dynamo/users.db").unlink(missing_ok=True)
    for name in ("alice", "guessed"):  # of another uid
        shutil.rmtree(f"/home/{name}", ignore_errors=True)
    host.use_in_pam(layout)
    try:
        if engine == "dynamodb":
            host.start_server(Behind)
        host.configure(engine, settings)
        host.command("init")
        host.add("alice", PASSWORD, "--hosts", "*", "--full-name", "Alice Example")
        host.start_service()
        host.start_sshd()
    except BaseException:
        host.close()
        raise
    return host


@pytest.fixture(scope="session", params=[("sqlite", "common"), ("dynamodb", "services")],
                ids=lambda param: param[0])
def host(request, installed, tmp_path_factory):
    engine, layout = request.param
    host = start_host(tmp_path_factory.mktemp(engine), engine, layout, hosts_matrix.SETTINGS)
    host.engine, host.layout = engine, layout
    yield host
    host.close()


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    """Two public keys; the private one lies beside each."""
    made = [tmp_path_factory.mktemp("keys") / name for name in ("own", "other")]
    for path in made:
        machine.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path, check=True)
    return [path.with_suffix(".pub") for path in made]


@pytest.fixture(scope="session")
def matrix(host, keys):
    """One user of each kind on this host."""
    hosts_matrix.add_people(host, keys)
    yield hosts_matrix.Matrix(host)
    hosts_matrix.remove_people(host)


@pytest.fixture
def password():
    return PASSWORD
