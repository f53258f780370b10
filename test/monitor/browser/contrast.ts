import type { Page } from 'playwright-core';

/** A piece of text on the page, and how it stands out from what is behind it: 1 to 21. */
export interface TextContrast {
  readonly text: string;
  readonly contrast: number;
}

/**
 * Contrasts of all text that can be seen, by the rule of WCAG 2.2. Behind a text is taken for the nearest background that is not
 * transparent. Disabled controls are left out, as the rule does.
 *
 * Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
 */
export function textContrasts(page: Page): Promise<TextContrast[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    // Colours come in many notations; a pixel is always the same.
    const pixel = (...colours: string[]): number[] => {
      context.clearRect(0, 0, 1, 1);
      for (const colour of colours) {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
      }
      return [...context.getImageData(0, 0, 1, 1).data];
    };
    const luminance = ([r = 0, g = 0, b = 0]: number[]): number => {
      const [red = 0, green = 0, blue = 0] = [r, g, b].map((value) =>
        value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element: Element): string[] => {
      const layers: string[] = [];
      for (let at: Element | null = element; at; at = at.parentElement) {
        const { backgroundColor } = getComputedStyle(at);
        layers.unshift(backgroundColor);
        if (pixel(backgroundColor)[3] === 255) break;
      }
      return layers;
    };
    const all: { text: string; contrast: number }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement!;
      const text = walker.currentNode.textContent?.trim() ?? '';
      const isSeen = element.checkVisibility() && !element.closest('script, style, .unseen, .skip, :disabled');
      if (text === '' || !isSeen) continue;
      const layers = behind(element);
      const [lighter, darker] = [
        luminance(pixel(...layers)),
        luminance(pixel(...layers, getComputedStyle(element).color)),
      ].sort((a, b) => b - a);
      all.push({ text: text.slice(0, 40), contrast: Math.round(((lighter! + 0.05) / (darker! + 0.05)) * 100) / 100 });
    }
    return all;
  });
}
