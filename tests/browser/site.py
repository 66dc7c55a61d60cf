"""TEMPORARY: not to be committed."""
import sys
from contextlib import asynccontextmanager
from aiohttp import web
sys.path.insert(0, "/tmp/wc")
class Site:
    def __init__(self, url): self.url = url; self.taken = []
@asynccontextmanager
async def scripted_site(database_url):
    import standin
    from tests.browser.script import answer
    site = Site("")
    def reply(a):
        v = a.get("value"); site.taken.append(a.get("text", ""))
        for r in answer(a.get("text", ""), v, a.get("locale", "fi")):
            b = {"type": "message", "from": {"id": "n", "role": "bot"}, "locale": r.language, "textFormat": "markdown", "text": r.text + "".join(f"\n\n[{l.label}]({l.url})" for l in r.links)}
            if r.choices: b["suggestedActions"] = {"actions": [{"type": "messageBack", "title": c.label, "displayText": c.label, "text": c.label, "value": c.payload} for c in r.choices]}
            b["attachments"] = [{"contentType": "application/vnd.microsoft.card.hero", "content": {"title": c.title, "text": "\n".join(c.lines), "buttons": [{"type": "openUrl", "title": "Sivut", "value": c.url}]}} for c in r.cards]
            yield b
    standin.reply = reply
    runner = web.AppRunner(standin.app(), shutdown_timeout=0.1); await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield site
    await runner.cleanup()
