"""A browser that notices when something runs that should not, and sees what could. Nothing protects its pages but
what stands in them: they are served without any header."""

import mimetypes
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, BrowserContext

from tests.attacks.payloads import CALL

SITE = "http://attacked.example"
# Asked for by Chromium itself, whatever the page. No payload names them.
BROWSERS_OWN = (".googleapis.com:443", ".google.com:443", ".gstatic.com:443")
# In every frame, before anything of the page: who calls is written down.
LISTEN = f"window.{CALL} = window.alert = said => top.ran.push(`ran ${{String(said).replace(/\\D/g, '')}}`); ran = [];"
# Loads the pages one after another, fires what a pointer, a keyboard or time could fire, and names what should not be
# on a page of ours at all.
LOOK = r"""async count => {
  const events = ['error', 'focus', 'load', 'toggle', 'beforetoggle', 'mouseover', 'pointerenter', 'start', 'begin',
                  'beginEvent', 'animationstart', 'pageshow', 'formdata'];
  const leads = ['href', 'src', 'action', 'formaction', 'data', 'xlink:href', 'srcdoc'];
  const foreign = 'script:not([src]), iframe, frame, object, embed, base, portal, math, foreignObject, template, ' +
                  'meta[http-equiv=refresh]';
  const runs = /^(java|vb)script:/i, holds = /^((java|vb)script|data):/i;

  const press = (element, name) => {
    if (element.tagName === 'FORM') HTMLFormElement.prototype.submit.call(element);
    else element.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
  };
  const lookAt = page => {
    const found = new Set(page.querySelectorAll(foreign));
    for (const element of page.querySelectorAll('*')) {
      for (const {name, value} of [...element.attributes]) {
        const read = value.replace(/[\x00-\x20]/g, '');
        const handles = name.startsWith('on'), is_address = leads.includes(name);
        if (handles) events.forEach(event => element.dispatchEvent(new Event(event)));
        if (is_address && runs.test(read)) press(element, name);
        if (handles || name === 'srcdoc' || (is_address && holds.test(read))) found.add(element);
      }
    }
    return [...found].map(element => element.outerHTML.slice(0, 200));
  };
  const told = [];
  for (let number = 0; number < count; number++) {
    ran.length = 0;
    const frame = document.createElement('iframe');
    frame.hidden = true;
    frame.src = `/page/${number}/`;
    await new Promise(done => { frame.onload = done; document.body.append(frame); });
    const could = frame.contentDocument ? lookAt(frame.contentDocument) : ['went elsewhere'];
    await new Promise(done => setTimeout(done));
    told.push([...ran, ...could]);
    frame.remove();
  }
  return told;
}"""


class _Server(ThreadingHTTPServer):
    """Stands for the whole internet: the pages, our own static files, and nothing else."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.pages: list[str] = []
        self.asked: dict[int, list[str]] = {}
        self.last = 0

    def handle_error(self, *about: Any) -> None:
        """A browser may go away before it has read an answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*about)


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        _, kind, name = f"{urlsplit(self.path).path}//".split("/", 2)
        ours, name = self.path.startswith(f"{SITE}/"), name.rstrip("/")
        file = finders.find(name) if kind == "static" else None
        if self.path == f"{SITE}/":
            self._send(b"<!doctype html><link rel=icon href=data:,><body></body>", "text/html", "no-store")
        elif ours and kind == "page" and name.isdigit():
            self.server.last = int(name)
            self._send(self.server.pages[self.server.last].encode(), "text/html; charset=utf-8", "no-store")
        elif ours and file:
            self._send(Path(file).read_bytes(), mimetypes.guess_type(file)[0] or "", "max-age=3600")
        else:
            self._nothing(404)

    def do_CONNECT(self) -> None:
        if self.path.endswith(BROWSERS_OWN):
            self.send_error(502)
        else:
            self._nothing(502)

    def _nothing(self, status: int) -> None:
        self.server.asked.setdefault(self.server.last, []).append(f"asked for {self.path}")
        self.send_error(status)

    def _send(self, body: bytes, kind: str, keep: str) -> None:
        self.send_response(200)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": keep}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *about: Any) -> None:
        """Nothing: what is asked for is in `asked`."""


class Watch:
    """`look_at` answers with everything that ran, could run, or was fetched from elsewhere, for each page with such."""

    def __init__(self, context: BrowserContext, server: _Server) -> None:
        context.add_init_script(LISTEN)
        self._server, self._page = server, context.new_page()
        self._page.set_default_timeout(120_000)

    def look_at(self, pages: Mapping[str, str]) -> dict[str, list[str]]:
        self._server.pages = list(pages.values())
        self._server.asked.clear()
        self._page.goto(f"{SITE}/")
        told = self._page.evaluate(LOOK, len(pages))
        asked = (self._server.asked.get(number, []) for number in range(len(pages)))
        found = {name: [*said, *more] for name, said, more in zip(pages, told, asked, strict=True)}
        return {name: said for name, said in found.items() if said}

    def look(self, html: str) -> list[str]:
        return self.look_at({"": html}).get("", [])


@contextmanager
def watching(browser: Browser) -> Iterator[Watch]:
    """Whatever address the browser asks for, it asks us."""
    server = _Server()
    Thread(target=server.serve_forever, daemon=True).start()
    proxy: Any = {"server": f"http://127.0.0.1:{server.server_port}"}
    context = browser.new_context(bypass_csp=True, proxy=proxy)
    yield Watch(context, server)
    context.close()
    server.shutdown()
    server.server_close()
