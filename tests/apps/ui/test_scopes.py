"""Screens read and write as the person in front of them; what works for the whole installation says why."""

import re

from tests.houses import ROOT

WHOLE_INSTALLATION = {
    "apps/ui/reruns.py": "a sign-in is in use, whichever organization it acts in",
    "apps/ui/session.py": "finds out who somebody is, before there is an organization to act in",
    "apps/ui/screens/account_security.py": "a person's own sign-ins, passwords and factors belong to no organization",
    "apps/ui/screens/insights_runs.py": "the operator starts and stops what runs for the whole installation",
    "apps/ui/screens/operations_errors.py": "the operator sees what failed anywhere on the installation",
    "apps/ui/screens/organization_outbox.py": "the operator sees every mail of an installation in development",
}
OPENED = re.compile(r"\b(?:reading|writing)\(\)")


def test_a_screen_that_reads_past_the_organization_says_why() -> None:
    found = {
        str(path.relative_to(ROOT)) for path in (ROOT / "apps" / "ui").rglob("*.py") if OPENED.search(path.read_text())
    }
    assert found == set(WHOLE_INSTALLATION)
