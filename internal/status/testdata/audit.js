// What is wrong with the page for people with weak eyes, a screen reader, or a phone.
(() => {
  const wrong = new Set();
  const numbers = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = numbers(color).map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backdrop = (e) => {
    for (; e; e = e.parentElement) {
      const color = numbers(getComputedStyle(e).backgroundColor);
      if (color.length < 4 || color[3] > 0) return getComputedStyle(e).backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  for (const e of document.body.querySelectorAll("*:not(script)")) {
    const text = Array.from(e.childNodes).some((n) => n.nodeType === 3 && n.data.trim());
    if (!text || !e.checkVisibility()) continue;
    const style = getComputedStyle(e);
    const [a, b] = [luminance(e instanceof SVGElement ? style.fill : style.color), luminance(backdrop(e))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) wrong.add(`contrast ${contrast.toFixed(1)} of <${e.localName}> ${e.textContent.slice(0, 20)}`);
  }
  for (const th of document.querySelectorAll("th:not([scope])")) wrong.add("a heading without scope: " + th.textContent);
  for (const s of document.querySelectorAll("section")) {
    if (!document.getElementById(s.getAttribute("aria-labelledby"))) wrong.add("a section without a heading");
  }
  const ids = Array.from(document.querySelectorAll("[id]"), (e) => e.id);
  if (new Set(ids).size < ids.length) wrong.add("two elements with one id");
  if (document.querySelectorAll("h1").length !== 1) wrong.add("not one h1");
  if (document.documentElement.scrollWidth > innerWidth) wrong.add(`it scrolls sideways: ${document.documentElement.scrollWidth} of ${innerWidth}`);
  return Array.from(wrong);
})();
