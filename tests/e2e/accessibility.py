"""What a person who sees, hears or points differently needs of a page, checked in the browser itself."""

from __future__ import annotations

from playwright.sync_api import Page

# Returns a sentence per fault. Contrast is measured on what is painted: a colour is drawn onto a canvas and read back,
# so that every way to write one counts; text over pictures is left out.
CHECK = """
() => {
  const faults = [];
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', {willReadFrequently: true});
  const paint = (colours) => {
    context.clearRect(0, 0, 1, 1);
    for (const colour of colours) { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); }
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const isShown = (element) => element.checkVisibility({opacityProperty: true, visibilityProperty: true})
    && !element.closest('[aria-hidden=true]');
  const read = (element, attribute) => element.getAttribute(attribute) || '';
  const follow = (element) => read(element, 'aria-labelledby').split(' ')
    .map(id => document.getElementById(id)?.textContent).join('');
  const name = (element) => (read(element, 'aria-label') || read(element, 'title') || follow(element)
    || [...(element.labels || [])].map(label => label.textContent).join('') || element.textContent
    || element.querySelector('img[alt]:not([alt=""]), svg title')?.textContent || '').trim();
  const describe = (element) => element.outerHTML.slice(0, 120);

  if (!document.documentElement.lang) faults.push('the document has no language');
  if (!document.title) faults.push('the document has no title');
  const tops = document.querySelectorAll('h1');
  if (tops.length !== 1) faults.push(`one h1 is expected, there are ${tops.length}`);
  let level = 0;
  for (const heading of document.querySelectorAll('h1, h2, h3, h4')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) faults.push(`heading "${heading.textContent}" skips a level`);
    level = next;
  }
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  const doubled = new Set(ids.filter((one, index) => ids.indexOf(one) !== index));
  for (const id of doubled) faults.push(`id ${id} is there twice`);
  const controls = 'button, a[href], input, select, textarea, [role=slider], [role=img]';
  for (const element of document.querySelectorAll(controls))
    if (element.type !== 'hidden' && isShown(element) && !name(element)) faults.push(`no name: ${describe(element)}`);
  for (const image of document.querySelectorAll('img:not([alt])')) faults.push(`no alt: ${describe(image)}`);

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !isShown(element)) continue;
    if (element.closest('svg, noscript, script, style, title, :disabled, [data-disabled], .js-plotly-plot')) continue;
    const backgrounds = [];
    let opacity = 1;
    for (let above = element; above; above = above.parentElement) {
      const style = getComputedStyle(above);
      backgrounds.unshift(style.backgroundColor);
      opacity *= Number(style.opacity);
    }
    if (opacity < 1) continue;
    const style = getComputedStyle(element);
    const below = paint(['white', ...backgrounds]);
    const above = paint(['white', ...backgrounds, style.color]);
    const [light, dark] = [luminance(below), luminance(above)].sort((one, other) => other - one);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5))
      faults.push(`contrast ${ratio.toFixed(2)} of "${walker.currentNode.textContent.trim().slice(0, 40)}"`);
  }
  return [...new Set(faults)];
}
"""


def list_faults(page: Page) -> list[str]:
    """Missing names, languages, titles and headings, doubled ids, and text of too little contrast (WCAG 2.2 AA)."""
    faults: list[str] = page.evaluate(CHECK)
    return faults


def measure_overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window; 0 means that nothing needs sideways scrolling."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
