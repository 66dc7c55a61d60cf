"""Microsoft Teams: chats with one person, and questions in teams and group chats that mention the bot.

``botbuilder`` checks who calls; the library is imported in ``gate.py`` alone. What Microsoft documents of the protocol:
https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""
