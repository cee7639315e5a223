// How our pages look: on a desk, on a phone, on paper, in the dark. The text holds no "<" and no "&",
// so that the page is well-formed XML, too.
#pragma once

#include <string_view>

namespace plimsoll::support {

inline constexpr std::string_view page_style = R"css(
:root { color-scheme: light dark; --ink: #1b2430; --quiet: #5c6773; --rule: #cfd6dd; --faint: #f4f6f8; --paper: #fff;
  --accent: #0b4f78; --bad: #a63a00; --bad-faint: #fdf1ea; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e8ec; --quiet: #a0abb5; --rule: #3b4651; --faint: #1d242c;
  --paper: #12171c; --accent: #7cc0ea; --bad: #ff9a62; --bad-faint: #2f2018; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 72rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
header { border-bottom: 2px solid var(--ink); padding-bottom: .9rem; margin-bottom: 1.4rem; }
.mark { display: flex; gap: .55rem; align-items: center; color: var(--quiet); font-size: .9rem; }
.mark svg { width: 1.7rem; height: 1.1rem; flex: none; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: .35rem 0 .2rem; overflow-wrap: anywhere; text-wrap: balance; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; }
p { margin: .4rem 0 .8rem; max-width: 46rem; }
.lead { color: var(--quiet); margin: 0; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1.2rem; margin: .9rem 0 0; font-size: .9rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
dd code { display: block; max-height: 7.5em; overflow: auto; }
code { font: .86em/1.5 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
ul { margin: .3rem 0; padding-left: 1.15rem; }
li { margin: .25rem 0; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .8rem 1.4rem; margin: 0 0 1.3rem; }
.tiles div { border-top: 2px solid var(--accent); padding-top: .35rem; }
.tiles span { display: block; color: var(--quiet); font-size: .82rem; line-height: 1.35; overflow-wrap: anywhere; }
.tiles data { display: block; font-size: 1.5rem; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums lining-nums; }
.findings { border-left: 4px solid var(--accent); background: var(--faint); padding: .7rem 1rem .7rem 1.1rem; }
.findings li:first-child { font-weight: 600; }
.faults { border: 2px solid var(--bad); background: var(--bad-faint); padding: .7rem 1.1rem; margin-bottom: 1.1rem; }
.faults h2 { margin: 0 0 .3rem; color: var(--bad); }
.notes { color: var(--quiet); font-size: .9rem; margin-top: .7rem; }
.scroll { overflow-x: auto; margin: .5rem 0 1rem; -webkit-overflow-scrolling: touch; }
table { border-collapse: separate; border-spacing: 0; font-size: .875rem; font-variant-numeric: tabular-nums lining-nums; min-width: 100%;
  border-top: 1.5px solid var(--ink); border-bottom: 1.5px solid var(--ink); }
caption { text-align: left; color: var(--quiet); padding-bottom: .3rem; }
th, td { padding: .32rem .6rem; text-align: left; white-space: nowrap; font-weight: 400; }
thead th { border-bottom: 1px solid var(--ink); font-weight: 600; vertical-align: bottom; }
tbody tr + tr > * { border-top: 1px solid var(--rule); }
tbody th { position: sticky; left: 0; background: var(--paper); font-weight: 500; }
.long { white-space: normal; overflow-wrap: anywhere; min-width: 13rem; }
.n { text-align: right; }
.best { font-weight: 700; }
.quiet { color: var(--quiet); }
td.quiet { font-size: .92em; }
.bad { color: var(--bad); font-weight: 700; }
svg.sample { vertical-align: -1px; margin-right: .5rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 1.2rem 1.8rem; }
figure { margin: 0; min-width: 0; }
figure svg { display: block; width: 100%; height: auto; max-width: 40rem; }
figure.broad { margin: .9rem 0 1.2rem; } figure.broad svg { max-width: none; min-width: 44rem; }
figure.broad .scroll { margin: 0; } figure.broad figcaption { max-width: 60rem; }
figcaption { font-size: .85rem; color: var(--quiet); margin-top: .3rem; max-width: 40rem; overflow-wrap: anywhere; }
details figure { max-width: 32rem; }
details { border-top: 1px solid var(--rule); padding: .45rem 0; }
details:last-of-type { border-bottom: 1px solid var(--rule); }
summary { cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
summary span { color: var(--quiet); font-weight: 400; }
footer { margin-top: 3rem; padding-top: .7rem; border-top: 1px solid var(--rule); color: var(--quiet); font-size: .85rem; }
@media (max-width: 40rem) { body { padding: 1.1rem .9rem 3rem; } h1 { font-size: 1.4rem; }
  dl { gap: .15rem .9rem; font-size: .85rem; } th, td { padding: .32rem .5rem; }
  .long { min-width: 8.5rem; } }
@page { size: A4; margin: 15mm 14mm; }
@media print { :root { color-scheme: light; --ink: #000; --quiet: #444; --rule: #bbb; --faint: #f4f4f4; --paper: #fff;
    --accent: #000; --bad: #8a3000; --bad-faint: #fff; }
  body { padding: 0; max-width: none; font-size: 10pt; } h1 { font-size: 17pt; } h2 { font-size: 12.5pt; margin-top: 1.4em; }
  h2, summary { break-after: avoid; } figure, tr, .findings { break-inside: avoid; }
  .figures { grid-template-columns: 1fr 1fr; gap: 6mm; } .scroll { overflow: visible; } figure.broad svg { min-width: 0; } .tiles { gap: 3mm 6mm; grid-template-columns: repeat(6, 1fr); }
  .tiles data { font-size: 12pt; } .tiles span { font-size: 7.5pt; } thead { display: table-header-group; }
  table { font-size: 7.6pt; } th, td { padding: 1.6pt 3.5pt; } tbody th { position: static; } .long { min-width: 28mm; }
  .wide table { font-size: 6.6pt; } .wide th, .wide td { padding: 1.4pt 2pt; }
  dd code { max-height: none; overflow: visible; font-size: 7.5pt; } figcaption, .notes { font-size: 8pt; }
  p { font-size: 9pt; } details figure { max-width: 84mm; }
  svg.sample { margin-right: 3pt; width: 18pt; height: 8pt; }
  main > details { break-inside: avoid; } details::details-content { content-visibility: visible; display: block; height: auto; } }
)css";

// Paper has no folds: opens them all before printing and closes them again. The page reads the same without it.
inline constexpr std::string_view page_script = R"js(
addEventListener("beforeprint", () => document.querySelectorAll("details:not([open])").forEach(d => {
  d.open = true; d.dataset.closed = ""; }));
addEventListener("afterprint", () => document.querySelectorAll("details[data-closed]").forEach(d => {
  d.open = false; delete d.dataset.closed; }));
)js";

}  // namespace plimsoll::support
