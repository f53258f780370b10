const SVG = 'http://www.w3.org/2000/svg';

/** Each state has a shape of its own, so that colour is never needed to tell them apart. */
const SHAPES = {
  met: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.6 5.2-4.2 4.9a.9.9 0 0 1-1.3.05L4.3 9.4a.9.9 0 0 1 1.25-1.3l1.1 1.05 3.6-4.15a.9.9 0 1 1 1.35 1.2Z',
  missed:
    'M6.9 1.9a1.3 1.3 0 0 1 2.2 0l6 10.6a1.3 1.3 0 0 1-1.1 1.9H2a1.3 1.3 0 0 1-1.1-1.9l6-10.6ZM7.1 5.6v3.3a.9.9 0 0 0 1.8 0V5.6a.9.9 0 0 0-1.8 0Zm.9 5a1 1 0 1 0 0 2 1 1 0 0 0 0-2Z',
  unknown:
    'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6a5.4 5.4 0 1 1 0 10.8A5.4 5.4 0 0 1 8 2.6ZM5.3 7.1a.9.9 0 0 0 0 1.8h5.4a.9.9 0 0 0 0-1.8H5.3Z',
  pending:
    'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6a5.4 5.4 0 1 1 0 10.8A5.4 5.4 0 0 1 8 2.6Zm-.8 2.1v3.7c0 .24.1.47.28.63l2.2 2a.85.85 0 1 0 1.15-1.26L8.9 8.02V4.7a.85.85 0 0 0-1.7 0Z',
  resolving:
    'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6a5.4 5.4 0 1 1 0 10.8A5.4 5.4 0 0 1 8 2.6Zm-.85 2.2v4.05L5.9 7.6a.85.85 0 0 0-1.2 1.2l2.7 2.7a.85.85 0 0 0 1.2 0l2.7-2.7a.85.85 0 0 0-1.2-1.2L8.85 8.85V4.8a.85.85 0 0 0-1.7 0Z',
  unfold:
    'M5.2 2.6a.9.9 0 0 1 1.27 0l4.76 4.76a.9.9 0 0 1 0 1.28l-4.76 4.76a.9.9 0 0 1-1.27-1.28L9.32 8 5.2 3.88a.9.9 0 0 1 0-1.28Z',
} as const;

/** A state that has a sign. */
export type IconName = keyof typeof SHAPES;

/** A sign in the colour of the text. The words beside it say the same. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const attributes = { class: 'icon', viewBox: '0 0 16 16', width: '16', height: '16', 'aria-hidden': 'true' };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', SHAPES[name]);
  path.setAttribute('fill', 'currentColor');
  path.setAttribute('fill-rule', 'evenodd');
  svg.append(path);
  return svg;
}
