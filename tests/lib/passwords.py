# SPDX-License-Identifier: BSD-2-Clause
"""The list of common passwords, for programs that run from the build tree."""
import pathlib
import shutil

LIST = pathlib.Path(__file__).resolve().parent.parent.parent / "conf" / "common-passwords"


def common(folder):
    """A copy that the programs trust, whatever the umask of the clone was."""
    path = pathlib.Path(folder) / "common-passwords"
    if not path.exists():
        shutil.copyfile(LIST, path)
        path.chmod(0o644)
    return path
