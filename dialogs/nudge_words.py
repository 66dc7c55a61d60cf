"""The kinds under which what the city wrote first travels with a message into a dialog."""

from __future__ import annotations

NUDGE = "nudge"
"""The id of the newest one."""
CHOICE = "nudge_choice"
"""The ids of a nudge and of one of its choices, with ``|`` between them."""
