"""Texts that try to act on a terminal, on Textual or on whoever reads them; every screen is fed with them."""

from __future__ import annotations

from itertools import product

# fmt: off
CONTROLS = tuple(chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0)))
"""Every C0 and C1 control, and DEL."""

UNSEEN = tuple(
    chr(code)
    for code in (
        0x00A0, 0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, *range(0x200B, 0x2010),
        0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x2800, 0x3000, 0x3164, 0xFE00,
        0xFE0F,
        0xFEFF, 0xFFA0, 0xFFF9, 0x1D173, 0xE0001, 0xE0041, 0xE0100, 0xE01EF, 0xD800, 0xDFFF, 0xFFFE,
        0x10FFFF,
    )
)
"""What turns, joins, hides or means nothing: bidi controls, joiners, fillers, tags, lone surrogates."""

SEQUENCES = (
    "\x1b[2J\x1b[H", "\x1b[31mred", "\x1b[?1049l", "\x1b[?1003h", "\x1b[5n", "\x1b[6n", "\x1b[c", "\x1bc",
    "\x1b[!p",
    "\x1b]0;title\x07", "\x1b]52;c;ZXZpbA==\x07", "\x1b]52;c;?\x1b\\",
    "\x1b]8;;https://evil.invalid\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]10;?\x07", "\x1b]4;0;?\x07", "\x1b]1337;File=inline=1:AAAA\x07", "\x1bP$qm\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x1b_Gf=24;AAAA\x1b\\", "\x1b^private\x1b\\", "\x1bXstring\x1b\\", "\x9b31mred", "\x9d52;c;ZXZpbA==\x9c",
    "\x90q\x9c",
    "\x1b[1000000b", "\x1b[999999999;999999999H", "\x1b[20t", "\x1b[21t", "\x1b#8", "\x1b(0lqqk", "\x0e\x0f",
    "\x1b%G",
    "one\r\ntwo", "over\rwritten", "back\b\b\bspaced", "bell\a\a\a", "tab\tbed", "form\ffeed", "nul\0byte",
)
"""What terminals obey."""

MARKUP = (
    "[/]boom", "[bold", "[/bold]", "[@click=app.quit]quit[/]", "[@click=app.simulate_key('y')]approve[/]",
    "[@click='app.bell']x[/]", '["k=v"]', '{"a": ["b=c", "[/]"]}', "[link=https://evil.invalid]x[/link]",
    "[red]not red[/red]",
    "[on red]x", "[$error]x[/]", "[[nested]]", "\\[escaped]", "[/][/][/]", "[=]", "[ ]", "[]", "[a=b c='d]",
    "[#ff0000]x[/]",
    "[reverse blink]x", "[@click=app.action_open('/etc/passwd')]x", "[not italic]x", "$primary",
    "${variable}", ":smile:", "&lt;b&gt;",
)
"""What a markup parser would take for orders."""

SHAPES = (
    "", " ", "   lead and trail   ", "x" * 5000, "é" * 5000, "漢" * 5000, "a" + "\u0301" * 5000,
    "\u0301leading mark",
    "Z̴̧̛͚͇̜̣͔͈͖̯̖̦̎̅͊̅̒̆̂͌̇͗̒͊̈́͐̕͝ͅa̶̢̛̤̠͈͖̭̥̳̘̖͙̐̈́̆̓̽͐̏͛̎̌͘͜͠͝l̸g̵o", "漢字かな交じり文",
    "ｆｕｌｌｗｉｄｔｈ", "한국어 텍스트", "ภาษาไทย ที่นี่", "עברית טקסט", "مرحبا بالعالم",
    "हिन्दी पाठ", "👩‍👩‍👧‍👦 family", "👍🏿 tone", "🇨🇭 flag", "❤️ heart", "1️⃣ keycap", "☎︎ text style",
    "ﷺ wide", "𒐫 wide", "ﬁ ligature",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "ᄀᄀᄀ각ᆨᆨ", "\u1100\u1161\u11a8", "a\u20e3\u20e3", "NULL", "–", "••••••••", "=1+1",
    "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)",
    "'; DROP TABLE users; --", "%s%n%x", "../../etc/passwd", "\\x1b[31m", "\\u001b", "{{7*7}}", "`id`",
    "$(id)", "admin\u200b@example.org",
    "pаypal (Cyrillic a)", "user\u202etxt.exe", "\u2066isolate\u2069", "right\u200fmark",
    "a\u0000b\u001bc\u009bd",
)
"""What breaks widths, columns and assumptions."""

STRINGS = (
    *(f"a{c}b" for c in CONTROLS), *(f"a{c}b" for c in UNSEEN), *SEQUENCES, *MARKUP, *SHAPES,
    *map("".join, product(
        ("\x1b[31m", "[red]", "漢", "\u202e"), ("\x1b]52;c;eA==\x07", "[/]", "\x9b2J", "\n", "\u0301" * 9),
    )),
)
"""All of them."""
# fmt: on
