"""The style sheet that pages share, drawn anew for each."""

from __future__ import annotations

from bench.redaction.office.kit import Kit

BASE = """
*{box-sizing:border-box}
html,body{margin:0;height:100%;overflow:hidden}
body{display:flex;flex-direction:column}
a{color:var(--accent);text-decoration:none}
.top{display:flex;align-items:center;gap:1.4em;padding:.65em 1.2em;background:var(--bar);
 color:var(--onbar);border-bottom:1px solid var(--line);flex:none}
.top .grow,.grow{flex:1}
.main{display:flex;flex:1;min-height:0}
.side{width:13em;flex:none;padding:.9em .6em;border-right:1px solid var(--line);
 background:var(--panel);display:flex;flex-direction:column;gap:.15em}
.side a{color:var(--text);padding:.42em .8em;border-radius:var(--r)}
.side a.on{background:var(--chosen);color:var(--accent);font-weight:600}
.body{flex:1;min-width:0;padding:1.1em 1.5em}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:var(--r);
 padding:1em 1.2em;margin-bottom:1em}
.cols{display:flex;gap:1.2em;align-items:flex-start}
.cols>*{flex:1;min-width:0}.cols>.fix{flex:none}
h1{font-size:1.45em;margin:.1em 0 .6em;font-weight:600;line-height:1.25}
h2{font-size:1.1em;margin:.1em 0 .6em;font-weight:600}
p{margin:.4em 0 .7em}
.muted,dt,th,.meta{color:var(--muted)}
.meta,.small{font-size:max(12px,.9em)}
.mono,code,pre{font-family:var(--mono),monospace}
code{background:var(--chosen);padding:.08em .3em;border-radius:3px}
.break,.mono,pre,code{overflow-wrap:anywhere;word-break:break-all}
pre{margin:.4em 0;white-space:pre-wrap}
.box{background:var(--page);border:1px solid var(--line);border-radius:var(--r);padding:.7em .9em}
.kv>div{display:flex;gap:1em;padding:.24em 0}
.kv dt{width:10.5em;flex:none}.kv dd{margin:0;min-width:0;overflow-wrap:anywhere}
.kv.over>div{display:block;margin-bottom:.5em}.kv.over dt{width:auto;font-size:max(12px,.88em)}
.kv.two{display:grid;grid-template-columns:1fr 1fr;column-gap:1.5em}
table{border-collapse:collapse;width:100%}
th{text-align:left;font-weight:600;font-size:max(12px,.92em)}
th,td{padding:var(--cell) .7em;border-bottom:1px solid var(--line);vertical-align:top}
td{overflow-wrap:anywhere}
.num{text-align:right;white-space:nowrap}
.nw,.nw td{white-space:nowrap}
tr.chosen td{background:var(--chosen)}
.chip{display:inline-block;padding:.05em .6em;border-radius:1em;font-size:max(12px,.85em);
 background:var(--line);color:var(--text);white-space:nowrap}
.chip.good{background:var(--good);color:var(--ongood)}
.chip.bad{background:var(--bad);color:var(--onbad)}
.chip.warn{background:var(--warn);color:var(--onwarn)}
.btn{display:inline-block;padding:.4em 1em;border-radius:var(--r);border:1px solid var(--line);
 background:var(--panel);color:var(--text)}
.btn.go{background:var(--accent);color:var(--on);border-color:var(--accent);font-weight:600}
.in{border:1px solid var(--line);border-radius:var(--r);padding:.42em .7em;background:var(--page);
 margin:.2em 0 .7em;min-height:2.2em;overflow-wrap:anywhere}
label{color:var(--muted);font-size:max(12px,.92em)}
.ava{display:inline-flex;width:2.2em;height:2.2em;border-radius:50%;background:var(--accent);
 color:var(--on);align-items:center;justify-content:center;font-weight:600;flex:none}
.chrome{display:flex;gap:.7em;align-items:center;padding:.45em .9em;background:var(--line);
 color:var(--text);flex:none}
.dots{display:flex;gap:.45em}.dots i{width:.8em;height:.8em;border-radius:50%;background:#ff5f57}
.dots i+i{background:#febc2e}.dots i+i+i{background:#28c840}
.addr{flex:1;background:var(--page);border-radius:1em;padding:.2em 1em;color:var(--muted)}
img{display:block}
"""


def sheet(kit: Kit) -> str:
    """Return the sheet with a page's colours, type and habits."""
    random = kit.random
    states = (
        "#12361f #7ee2a0 #4a1519 #ffb3b3 #46320a #f8d477"
        if kit.dark
        else "#dff5e3 #14532d #fde2e1 #8f1d18 #fff1cc #6b4a00"
    ).split()
    names = ("good", "ongood", "bad", "onbad", "warn", "onwarn")
    colours = kit.colours | dict(zip(names, states, strict=True))
    tokens = ";".join(f"--{name}:{value}" for name, value in colours.items())
    lines = [
        BASE,
        (
            f":root{{{tokens};--mono:{kit.mono};--r:{random.choice((0, 3, 4, 6, 8, 10))}px;"
            f"--cell:{random.choice(('.34em', '.42em', '.5em'))}}}"
        ),
        (
            f"body{{font:{random.choice((400, 400, 400, 500))} {kit.size}px/"
            f"{random.choice(('1.35', '1.42', '1.5', '1.55'))} {kit.sans},sans-serif;"
            f"letter-spacing:{random.choice(('0', '0', '0', '.01em', '-.005em'))};"
            "background:var(--page);color:var(--text)}"
        ),
    ]
    if random.random() < 0.4:
        lines.append("tbody tr:nth-child(even){background:var(--panel)}")
    if random.random() < 0.25:
        lines.append("th,.kv dt{text-transform:uppercase;letter-spacing:.04em}")
    if random.random() < 0.2:
        lines.append("dd{font-weight:500}")
    if random.random() < 0.15:
        lines.append(".meta{font-style:italic}")
    return "\n".join(lines)


def page(kit: Kit, body: str, extra: str = "") -> str:
    """Return a whole page."""
    return (
        f'<!doctype html><html lang="{kit.lang}"><meta charset="utf-8">'
        f"<style>{sheet(kit)}{extra}</style><body>{body}</body></html>"
    )


def chrome(kit: Kit, address: str) -> str:
    """Return a browser's bar with an address."""
    lock = kit.of("https://", "")
    return (
        '<div class="chrome"><span class="dots"><i></i><i></i><i></i></span><span>‹ › ↻</span>'
        f'<span class="addr">{lock}{address}</span><span>⋮</span></div>'
    )
