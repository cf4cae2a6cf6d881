"""Texts that do harm where somebody takes them for more than text, and what hears it when that happens."""

from __future__ import annotations

from playwright.sync_api import Dialog, Page, Request

from tests.e2e.conftest import Complaints

# Run as soon as they are read as markup.
ACTIVE = (
    "<img src=x onerror=window.hacked=1>",
    "<svg onload=window.hacked=1><circle r=9 /></svg>",
    "<input autofocus onfocus=window.hacked=1>",
)
# Run in a page that is made of them, or once they are clicked.
WAITING = (
    "<script>window.hacked=1</script>",
    '"><script>window.hacked=1</script>',
    '<a href="javascript:window.hacked=1">x</a>',
    "<iframe srcdoc='<script>parent.hacked=1</script>'>",
)
# Look otherwise than they are written: HTML, plotly.js, TeX, templates, spreadsheets, bidirectional text.
CHANGED = (
    "<b>bold</b>",
    "a<br>b",
    "x<sup>2</sup>",
    "&amp;&lt;b&gt;",
    "a & b < c > d",
    "$x^2$",
    r"$\href{javascript:window.hacked=1}{x}$",
    "%{y} {{7*7}} ${7*7}",
    '=HYPERLINK("http://127.0.0.1:9/x")',
    "javascript:window.hacked=1",
    "left \u202eto right",
    "zero\u200bwidth",
    "\U0001f4c9 :skull: \U0001f469\u200d\U0001f52c",
    "a" * 200,
)
# Are something else to a program than to a reader.
WORDS = ("__proto__", "null", "undefined", "true", "0", '{"a":1}')
TEXTS = (*ACTIVE, *WAITING, *CHANGED, *WORDS)

HEARD = "a text ran as a script"
_TRAP = f"Object.defineProperty(window, 'hacked', {{configurable: true, set: () => console.error('{HEARD}')}})"
_MARKUP = """() => [...document.querySelectorAll('*')].filter(element =>
  element.matches('script:not([src]), iframe, object, embed, mjx-container, svg a') ||
  [...element.attributes].some(({name, value}) => name.startsWith('on') ||
    (/href|src|action/.test(name) && /^\\s*javascript:/i.test(value)))
).map(element => element.outerHTML.slice(0, 200))"""


def cut_tag(text: str) -> str:
    """As much of ``text`` as a tag can hold."""
    return text[:50].strip()


class Guard:
    """Hears whatever a text does in a page: runs, opens a dialog or a window, asks another server for something.

    ``url``: where the page may get things from. To be made before the page is opened there.
    """

    def __init__(self, page: Page, url: str, complaints: Complaints) -> None:
        self._page, self._url = page, url
        self._heard = complaints.heard
        page.add_init_script(_TRAP)
        page.on("dialog", self._hear_dialog)
        page.on("popup", lambda popup: self._heard.append(f"window: {popup.url}"))
        page.on("download", lambda download: self._heard.append(f"download: {download.url}"))
        page.on("request", self._hear_request)

    def _hear_dialog(self, dialog: Dialog) -> None:
        self._heard.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _hear_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self._url}/", "data:", "blob:", "about:")):
            self._heard.append(f"request: {request.url}")

    def list_markup(self) -> list[str]:
        """Elements in the page that Ridgeline makes nowhere: scripts, handlers, frames, links in charts."""
        found: list[str] = self._page.evaluate(_MARKUP)
        return found
