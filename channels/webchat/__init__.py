"""Web chat: Direct Line 3.0, for our own widget and for Microsoft's unmodified Web Chat."""
