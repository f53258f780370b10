/**
 * Names of colours that charts draw with; the style sheet gives each its light and dark value as `--<name>`. Hues follow
 * Okabe and Ito (https://jfly.uni-koeln.de/color/), told apart under every common colour blindness.
 */
export type Colour = 'blue' | 'orange' | 'pink' | 'green' | 'sky' | 'ink' | 'muted' | 'hairline' | 'surface';

const resolved = new Map<string, string>();
let probe: HTMLElement | undefined;

/** A colour as a canvas takes it, for the theme in use; `opacity` of 0 to 1. */
export function colour(name: Colour, opacity = 1): string {
  const key = `${name} ${opacity}`;
  let found = resolved.get(key);
  if (found === undefined) {
    found = resolve(name, opacity);
    resolved.set(key, found);
  }
  return found;
}

/** To be called when the theme has changed. */
export function forgetColours(): void {
  resolved.clear();
}

/** A canvas does not know custom properties, so an element is asked what they come to. */
function resolve(name: Colour, opacity: number): string {
  if (!probe) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `color-mix(in srgb, var(--${name}) ${opacity * 100}%, transparent)`;
  return getComputedStyle(probe).color;
}
