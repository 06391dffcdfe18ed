package render

import (
	"strings"

	"asof/replay"
	"asof/replay/state"
)

const (
	summaryCols = 300 // maximum width of a summary
	memberCols  = 60  // maximum width of a value in it without a terminal
)

// summary returns a payload in short: its members as key=value.
func (p *Printer) summary(e *replay.Event) cell {
	data, opaque := p.events.Payload(e)
	if opaque != "" {
		return cell{{p.st.dim, "(" + clean(opaque) + ")"}}
	}
	most := summaryCols
	if p.o.Width > 0 {
		most = min(most, p.o.Width)
	}
	if data.Kind() != state.Object {
		return cell{{paint{}, p.brief(data)}}
	}
	var c cell
	used, left := 0, data.Node().Len()
	data.Node().Each(func(key string, v state.Value) bool {
		k := cut(clean(key[:prefixLen(key, memberCols, false)]), memberCols) + "="
		if used > 0 {
			k = " " + k
		}
		val := p.brief(v)
		c = append(c, piece{p.st.dim, k}, piece{paint{}, val})
		used += width(k) + width(val)
		left--
		return used <= most
	})
	if left > 0 && p.o.Width == 0 {
		c = append(c, piece{p.st.dim, " … " + more(data.Node(), left)})
	}
	return c
}

// brief is a value in a few columns.
func (p *Printer) brief(v state.Value) safe {
	cols := memberCols
	if p.o.Width > cols {
		cols = p.o.Width // the table cuts the line
	}
	if s := v.Text(); v.Kind() == state.String && len(s) <= cols && isBare(s) {
		return safe(s)
	}
	q := Printer{o: p.o}
	q.oneLine(v, palette{}, cols)
	return safe(q.b)
}

// isBare reports whether a string is unambiguous without quotes.
func isBare(s string) bool {
	if s == "" || s == "true" || s == "false" || s == "null" || state.IsNumber(s) {
		return false
	}
	return isPlain(s) && !strings.ContainsAny(s, ` "\=[]{},`)
}
