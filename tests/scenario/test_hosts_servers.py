# SPDX-License-Identifier: BSD-2-Clause
"""Servers of Debian whose users have no shell here: nginx with auth_pam, vsftpd."""
import ftplib
import pathlib
import shutil

import hosts_matrix
import pytest

import machine
import servers

PAM_D = pathlib.Path("/etc/pam.d")
NGINX = """\
user www-data;
worker_processes 1;
daemon off;
pid {tmp}/nginx.pid;
error_log {tmp}/nginx.log info;
load_module modules/ngx_http_auth_pam_module.so;
events {{ worker_connections 64; }}
http {{
    access_log off;
    server {{
        listen 127.0.0.1:{port};
        root {tmp}/www;
        auth_pam "people of the directory";
        auth_pam_service_name "nginx";
    }}
}}
"""

VSFTPD = """\
listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable=NO
local_enable=YES
session_support=YES
delay_failed_login=0
pam_service_name=vsftpd
secure_chroot_dir=/run/vsftpd/empty
"""


@pytest.fixture(scope="module")
def nginx(host):
    """Its driver: the status of one page."""
    tmp = pathlib.Path("/run/nginx_test")  # where a worker may read
    (tmp / "www").mkdir(parents=True)
    (tmp / "www" / "page").write_text("hello\n")
    shutil.copy(machine.ROOT / "conf" / "pam.d" / "nginx", PAM_D)
    port = servers.free_port()
    (tmp / "nginx.conf").write_text(NGINX.format(tmp=tmp, port=port))

    def driver(_, user, password):
        return machine.run("curl", "-q", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-K", "-",
                           f"http://127.0.0.1:{port}/page", check=True,
                           stdin=f'user = "{user}:{password}"\n').stdout

    with machine.daemon(tmp / "start.log", "nginx", "-c", tmp / "nginx.conf",
                        ready=lambda: machine.accepts(port)):
        yield driver
    shutil.rmtree(tmp)
    (PAM_D / "nginx").unlink()


@pytest.fixture(scope="module")
def vsftpd(host, tmp_path_factory):
    """Its driver: the reply to the password."""
    tmp = tmp_path_factory.mktemp("vsftpd")
    pathlib.Path("/run/vsftpd/empty").mkdir(parents=True, exist_ok=True)
    hosts_matrix.use_directory(host, "vsftpd")
    port = servers.free_port()
    (tmp / "vsftpd.conf").write_text(VSFTPD.format(port=port))

    def driver(_, user, password):
        with ftplib.FTP() as session:
            session.connect("127.0.0.1", port, timeout=60)
            try:
                return session.login(user, password)
            except ftplib.error_perm as refusal:
                return str(refusal)

    with machine.daemon(tmp / "vsftpd.log", "vsftpd", tmp / "vsftpd.conf",
                        ready=lambda: machine.accepts(port)):
        yield driver


@pytest.mark.parametrize(**hosts_matrix.cells("nginx"))
def test_nginx(matrix, nginx, program, column):
    matrix.check(program, column, nginx, "nginx")


@pytest.mark.parametrize(**hosts_matrix.cells("vsftpd"))
def test_vsftpd(matrix, vsftpd, program, column):
    matrix.check(program, column, vsftpd, "vsftpd")
