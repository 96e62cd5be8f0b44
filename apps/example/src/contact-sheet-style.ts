/** The style of the sheet. It loads no font and no file. */
export const styleSheet = `
:root { color-scheme: light dark; --paper: #f6f4ef; --card: #fff; --ink: #1d1f1c; --soft: #6a6f68; --line: #e2ded4; --leaf: #2f7d4f; --amber: #a86400; --red: #b3362b; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #131512; --card: #1c1f1b; --ink: #eceee9; --soft: #9aa097; --line: #2e332c; --leaf: #6fcf97; --amber: #e6b35a; --red: #ff8a7a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 96rem; padding: clamp(1rem, 4vw, 3.5rem); background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header { margin-bottom: 2.25rem; }
.kicker { margin: 0; color: var(--soft); font-size: .8rem; letter-spacing: .09em; text-transform: uppercase; }
h1 { margin: .35rem 0 .9rem; font: 500 clamp(1.6rem, 4vw, 2.9rem)/1.15 ui-serif, Georgia, serif; overflow-wrap: anywhere; }
.sum { display: flex; flex-wrap: wrap; gap: .4rem 1.6rem; margin: 0; color: var(--soft); }
.sum b { color: var(--ink); font-weight: 600; }
.emulated { margin: 1.1rem 0 0; padding: .65rem .95rem; border-left: 3px solid var(--amber); background: color-mix(in srgb, var(--amber) 10%, transparent); border-radius: 0 .4rem .4rem 0; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1.5rem; align-items: start; }
article { overflow: hidden; border: 1px solid var(--line); border-radius: .8rem; background: var(--card); box-shadow: 0 1px 2px #0001, 0 8px 24px #0000000d; }
.frame { position: relative; display: block; background: var(--line); cursor: zoom-in; }
.frame img { display: block; width: 100%; height: auto; max-height: 30rem; object-fit: contain; }
.frame input { position: absolute; opacity: 0; inset: 0; margin: 0; cursor: inherit; }
.frame input:focus-visible + img { outline: 3px solid var(--leaf); outline-offset: -3px; }
.frame input:checked { position: fixed; z-index: 3; cursor: zoom-out; }
.frame input:checked + img { position: fixed; z-index: 2; inset: 0; width: 100vw; height: 100vh; max-height: none; padding: 1.5rem; background: #000d; }
.missing { display: grid; place-items: center; min-height: 12rem; padding: 1.5rem; color: var(--red); text-align: center; overflow-wrap: anywhere;
  background: repeating-linear-gradient(45deg, transparent 0 12px, color-mix(in srgb, var(--red) 6%, transparent) 12px 24px); }
.about { padding: 1rem 1.15rem 1.15rem; }
h2 { margin: 0 0 .3rem; font-size: .97rem; font-weight: 650; overflow-wrap: anywhere; }
.badges { display: flex; flex-wrap: wrap; gap: .35rem; margin: 0 0 .8rem; }
.badge { padding: .05rem .55rem; border: 1px solid currentColor; border-radius: 99px; font-size: .72rem; line-height: 1.6; color: var(--soft); }
.active { color: var(--leaf); } .legacy, .mock { color: var(--amber); } .retired { color: var(--red); }
dl { display: grid; grid-template-columns: auto 1fr; gap: .15rem .9rem; margin: 0; font-variant-numeric: tabular-nums; }
dt { color: var(--soft); } dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
dd.file { font-size: .85rem; align-self: center; }
dd.hash { font: .62rem/1.5 ui-monospace, monospace; align-self: center; }
ul { margin: .8rem 0 0; padding: .6rem 0 0 1.1rem; border-top: 1px solid var(--line); font-size: .85rem; overflow-wrap: anywhere; }
ul.warnings { color: var(--amber); }
details { margin-top: .8rem; padding-top: .6rem; border-top: 1px solid var(--line); font-size: .85rem; }
summary { cursor: pointer; color: var(--soft); }
pre { margin: .6rem 0 0; padding: .7rem; overflow: auto; max-height: 22rem; border-radius: .4rem; background: var(--paper); font: .75rem/1.5 ui-monospace, monospace; }
footer { margin-top: 2.25rem; color: var(--soft); font-size: .85rem; }
@media print { article { break-inside: avoid; box-shadow: none; } details { display: none; } }
`
