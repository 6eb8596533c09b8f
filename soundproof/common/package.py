"""Where the package itself lies: what is sent to the nodes of a cluster and put beside a registered model."""

from pathlib import Path

PACKAGE_FOLDER = Path(__file__).resolve().parents[1]
"""The folder `soundproof`. In a checkout its parts are links, which copies and archives follow."""
CHECKOUT = PACKAGE_FOLDER.parent
"""What it lies in: the project's folder in a checkout, site-packages elsewhere."""
