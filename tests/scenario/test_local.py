# SPDX-License-Identifier: BSD-2-Clause
"""Local accounts beside the directory."""
import machine


def test_local_account_needs_no_service(host):
    """root and local people answer to pam_unix while the service is away."""
    machine.run("useradd", "--create-home", "localuser", check=True)
    machine.run("chpasswd", stdin="localuser:a local password\n", check=True)
    host.stop_service()
    try:
        result = host.pam("sshd", "root", "", "acct")
        assert "acct: PAM_SUCCESS" in result.stdout
        assert "auth: PAM_SUCCESS" in host.pam("su", "localuser", "a local password", "auth").stdout
    finally:
        host.start_service()
        machine.run("userdel", "-r", "localuser")
