"""Telegram by python-telegram-bot: a webhook (or polling in development), buttons with short keys, paced sends."""
