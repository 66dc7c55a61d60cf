"""Web chat: Direct Line 3.0, for our own widget and for Microsoft's unmodified Web Chat."""

from __future__ import annotations

from channels.webchat.channel import WebChat

__all__ = ["WebChat"]
