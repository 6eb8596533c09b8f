"""What MLflow and Ray are told before they are imported."""

import json
import os
import subprocess
import sys

import pytest

_PROGRAM = """
import json, os, urllib.request
import soundproof.common.library_settings
from requests.utils import get_environ_proxies
hosts = ["127.0.0.1:5000", "localhost", "[::1]:80", "example.org", "inside.org"]
print(json.dumps([[host for host in hosts if get_environ_proxies(f"http://{host}/")], os.environ.get("NO_PROXY")]))
"""


@pytest.mark.parametrize("spelling", ["no_proxy", "NO_PROXY"])
def test_loopback_goes_through_no_proxy(spelling: str) -> None:
    """As requests decides it, which MLflow's client uses; what the user exempts stays exempt."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"http_proxy": "http://proxy:3128", spelling: "inside.org"}
    done = subprocess.run([sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, check=True)
    proxied, exempt = json.loads(done.stdout)
    assert proxied == ["example.org"]
    assert exempt == "inside.org,localhost,127.0.0.1,::1"


def test_without_a_proxy_nothing_is_set() -> None:
    """The user's environment stays as it is."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run([sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[], None]
