"""Known vulnerabilities of what is locked: `make audit`. Fails where one is found, and where no service answers.

Exceptions stand in EXCEPTIONS, each with its reason.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("run", "dev")
# By id, such as GHSA-…: why it does not matter here.
EXCEPTIONS: dict[str, str] = {}


def audit_python(lock: str) -> bool:
    """Whether every release of the lock was looked up, and none is known to be vulnerable."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    # Without --strict what the service does not know is passed over, and the answer is that all is well.
    command += ["--strict", "-r", str(ROOT / "requirements" / f"{lock}.lock")]
    command += [part for name in EXCEPTIONS for part in ("--ignore-vuln", name)]
    print(f"== pip-audit, {lock}.lock", flush=True)
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603  # our own command


def audit_page() -> bool:
    """Whether npm's service answered, and knows of nothing but exceptions."""
    print("== npm audit, frontend/package-lock.json", flush=True)
    command = ["../setup/with-node", "npm", "audit", "--package-lock-only", "--json"]
    done = subprocess.run(command, cwd=ROOT / "frontend", capture_output=True, text=True, check=False)  # noqa: S603
    try:
        found = json.loads(done.stdout)["vulnerabilities"]
    except (ValueError, KeyError):
        print(f"npm's service did not answer: {(done.stderr or done.stdout).strip()[-500:]}")
        return False
    names = {
        str(via["url"]).rpartition("/")[2]: name
        for name, entry in found.items()
        for via in entry["via"]
        if isinstance(via, dict)
    }
    for identity in names.keys() - EXCEPTIONS.keys():
        print(f"{names[identity]}: {identity}")
    return not names.keys() - EXCEPTIONS.keys()


def main() -> None:
    failed = [lock for lock in LOCKS if not audit_python(lock)] + ([] if audit_page() else ["package-lock.json"])
    if failed:
        raise SystemExit(f"NOT AUDITED, OR NOT CLEAN: {', '.join(failed)}. See above which of the two.")


if __name__ == "__main__":
    main()
