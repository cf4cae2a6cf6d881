"""Names, notes and tags that would be markup, script, formula or a trap, were they anything but text."""

from __future__ import annotations

HOSTILE = (
    "<script>window.hacked = 1</script>",
    '<img src=x onerror="window.hacked = 1">',
    '"><svg onload="window.hacked = 1">',
    "<b>bold</b> &amp; &lt;i&gt;",
    r"$x$ $\href{javascript:window.hacked=1}{y}$",
    '<a href="javascript:window.hacked=1">link</a><br>two<sup>3</sup>',
    '=HYPERLINK("http://evil.invalid","x")',
    "javascript:window.hacked=1",
    "%{y} ${alert(1)} {{7*7}}",
    "\u202egnp.exe\u202c \u200bzero\u200bwidth",
    "👩‍🔬🧪 한국어 العربية",
    "null",
    "undefined",
    "__proto__",
    "W" * 200,
)
