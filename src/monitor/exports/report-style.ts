/** Style of the HTML report. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --text: #1c2024; --soft: #5b6470; --line: #d9dee4; --page: #ffffff; --head: #f4f6f8; --good: #1a7f37; --bad: #b42318; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ed; --soft: #9aa4b0; --line: #313a44; --page: #14181d; --head: #1d232a; --good: #5fd07f; --bad: #ff8a7a; --warn: #e6b450; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; margin: 0 0 0.5rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 0.5rem; color: var(--soft); }
.table { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
.table:focus-visible { outline: 2px solid var(--soft); }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { padding: 0.35rem 0.75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { background: var(--head); white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.good { color: var(--good); }
.bad { color: var(--bad); font-weight: 600; }
.warn { color: var(--warn); }
`;
