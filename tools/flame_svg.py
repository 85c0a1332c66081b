"""Stacks as `perf script` prints them -> folded stacks -> a flame graph as SVG. Standard library
only."""
import html
import re

WIDTH, ROW, LETTER = 1200, 16, 6.2
NARROWEST = 1.2  # Pixels; what is narrower is left out, so that a picture stays small.
FRAME = re.compile(r"^\s+([0-9a-f]+) (.+?)(?: \((\S+)\))?$")


def without_arguments(name):
    """A function's name without parameters and the arguments of its templates."""
    name = name.replace("(anonymous namespace)::", "").replace("operator()", "operator call")
    depth, kept = 0, []
    for letter in name.replace("->", "  "):
        depth -= letter in ">)"
        if depth == 0 and letter not in ">)":
            kept.append("" if letter in "<(" else letter)
        depth += letter in "<("
    return re.sub(r"^.* (?=[^ ]*::)| const$", "", "".join(kept).strip()) or name


def stacks(lines):
    """{(root, ..., leaf): samples}. Frames of the kernel are named [kernel] something."""
    found, frames, thread = {}, [], ""
    for line in [*lines, ""]:
        frame = FRAME.match(line)
        if frame:
            address, symbol, place = frame.groups()
            if symbol != "[unknown]":
                is_kernel = address.startswith("ffffffff") or (place or "").startswith("[")
                frames.append("[kernel] " + symbol if is_kernel else without_arguments(symbol))
        elif line.strip():
            thread = line.split()[0]
        elif thread:
            stack = (thread, *reversed(frames))
            found[stack] = found.get(stack, 0) + 1
            frames, thread = [], ""
    return found


def tree_of(folded):
    root = {"count": 0, "parts": {}}
    for stack, count in folded.items():
        node = root
        node["count"] += count
        for name in stack:
            node = node["parts"].setdefault(name, {"count": 0, "parts": {}})
            node["count"] += count
    return root


def colour(name):
    if name.startswith("[kernel]"):
        return "#b0b0b8"
    hue = next((hue for part, hue in (("grape::index", 14), ("grape::vector", 24),
                                      ("grape::http", 205), ("grape::query", 100),
                                      ("grape::shard", 130), ("grape::actors", 265))
                if part in name), 45)
    return f"hsl({hue + sum(map(ord, name)) % 12},70%,{68 + sum(map(ord, name)) % 9}%)"


def draw(folded, title):
    """Root below, leaves above; the width is the share of samples. The pointer shows the rest."""
    root, boxes, deepest = tree_of(folded), [], 0

    def place(node, x, depth):
        nonlocal deepest
        for name, part in sorted(node["parts"].items()):
            width = WIDTH * part["count"] / root["count"]
            if width >= NARROWEST:
                deepest = max(deepest, depth)
                boxes.append((name, part["count"], x, width, depth))
                place(part, x, depth + 1)
            x += width

    place(root, 0.0, 0)
    height = (deepest + 3) * ROW
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
           f'font-family="monospace" font-size="10">'
           f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
           f'<text x="4" y="13" font-size="12">{html.escape(title)}</text>']
    for name, count, x, width, depth in boxes:
        y = height - (depth + 1) * ROW
        share = 100 * count / root["count"]
        short = re.sub(r"grape::|\[kernel\] ", "", name)[:int((width - 4) / LETTER)]
        label = f'<text x="{x + 2:.0f}" y="{y + 11}">{html.escape(short)}</text>' \
            if len(short) > 2 else ""
        out.append(f'<g><title>{html.escape(name)}: {share:.1f} %</title>'
                   f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 1}" '
                   f'fill="{colour(name)}"/>{label}</g>')
    return "\n".join(out) + "\n</svg>\n"


def shares(folded, parts):
    """[(part, share)]: each sample belongs to the first part of which the innermost frame that any
    part knows is; `parts` are pairs of a name and a pattern. What none knows is `other`."""
    known = [(name, re.compile(pattern)) for name, pattern in parts]
    counts = {name: 0 for name, _ in parts} | {"other": 0}
    for stack, count in folded.items():
        counts[next((name for frame in reversed(stack) for name, pattern in known
                     if pattern.search(frame)), "other")] += count
    whole = sum(counts.values())
    return [(name, count / whole) for name, count in counts.items()]
