package browse

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"asof/cmd/render"
	"asof/replay/state"
)

// A style is the SGR sequence before styled text; empty: none. All of them use the 16
// colors of the terminal's theme.
type style string

const (
	strong  style = "\x1b[1m"
	dim     style = "\x1b[2m"
	inverse style = "\x1b[7m"
	red     style = "\x1b[31m"
	green   style = "\x1b[32m"
	yellow  style = "\x1b[33m"
	cyan    style = "\x1b[36m"
	reset         = "\x1b[0m"
)

// A pen paints safe text.
type pen struct{ color bool }

func (p pen) paint(s style, text string) string {
	if !p.color || text == "" || s == "" {
		return text
	}
	return string(s) + text + reset
}

// line is a line that has exactly w columns. If it is marked, it is inverse.
func (p pen) line(text string, w int, marked bool) string {
	text = pad(cut(text, w), w)
	if !marked || !p.color {
		return text
	}
	return string(inverse) + strings.ReplaceAll(text, reset, reset+string(inverse)) + reset
}

// cut returns text in at most w columns. The text may have styles.
func cut(text string, w int) string {
	if w <= 0 {
		return ""
	}
	if len(text) <= w || ansi.StringWidth(text) <= w {
		return text
	}
	return ansi.Truncate(text, w, "…")
}

// pad returns text in at least w columns.
func pad(text string, w int) string {
	return text + strings.Repeat(" ", max(0, w-ansi.StringWidth(text)))
}

// padLeft is pad with the text at the right.
func padLeft(text string, w int) string {
	return strings.Repeat(" ", max(0, w-ansi.StringWidth(text))) + text
}

// sides puts one text at the left of a line and one at its right, if there is room.
func sides(left, right string, w int) string {
	room := w - ansi.StringWidth(right)
	if right == "" || room < w/3 {
		return cut(left, w)
	}
	return pad(cut(left, room-1), room) + right
}

// blank are lines without text up to a height.
func fill(lines []string, h int) []string {
	for len(lines) < h {
		lines = append(lines, "")
	}
	return lines[:max(h, 0)]
}

// clean makes foreign text safe to show. A long text is cut first.
func clean(s string) string {
	const most = 2000
	if len(s) > most {
		s = s[:most] + "…"
	}
	return render.Safe(s)
}

// storeName is the name of a store, or the last part of a long path.
func storeName(name string) string {
	const most = 30
	if i := strings.LastIndexByte(name, '/'); len(name) > most && i >= 0 && i < len(name)-1 {
		name = "…" + name[i:]
	}
	return clean(name)
}

// number is a number with thousands separators.
func number[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted is a number with its noun.
func counted[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// clock is a time to the second.
func clock(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

// valueText is a value on one line in about w columns. A container is its size.
func valueText(v state.Value, w int) string {
	switch v.Kind() {
	case state.Absent:
		return "nothing"
	case state.Array:
		return fmt.Sprintf("[%s]", number(v.Node().Len()))
	case state.Object:
		return fmt.Sprintf("{%s}", number(v.Node().Len()))
	case state.String:
		return stringText(v.Text(), w)
	}
	text := v.Text()
	if v.Kind() != state.Number {
		text = string(state.AppendJSON(nil, v))
	}
	return cut(clean(text), w)
}

// stringText is a string in quotes, cut at w columns.
func stringText(s string, w int) string {
	most := 4 * max(w, 1)
	whole := len(s) <= most
	if !whole {
		for most > 0 && !utf8.RuneStart(s[most]) {
			most--
		}
		s = s[:most]
	}
	text := render.Safe(string(state.AppendQuoted(nil, s)))
	if whole && ansi.StringWidth(text) <= w {
		return text
	}
	return cut(strings.TrimSuffix(text, `"`)+"…", w)
}
