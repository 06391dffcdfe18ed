package render

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"asof/replay"
)

// Info prints the properties of a store.
func (p *Printer) Info(i replay.Info, s replay.Summary) {
	leftOut := s.LeftOut
	if leftOut == nil {
		leftOut = i.LeftOut
	}
	const col = 14
	p.put(p.st.strong, clean(i.Path))
	p.newline()
	p.field("dialect", col, clean(i.Dialect))
	p.field("recognized", col, clean(i.Recognised))
	p.field("opened", col, clean(i.Access))
	p.field("events", col, number(s.Events))
	p.field("streams", col, number(s.Streams))
	categories := s.Categories
	if n := len(categories) - typesMost; n > 0 {
		more := "… " + strconv.Itoa(n) + " more; --json lists all"
		categories = append(slices.Clone(categories[:typesMost]), more)
	}
	p.list("categories", col, categories, ", ")
	p.field("first", col, p.clock(s.FirstTime))
	p.field("last", col, p.clock(s.LastTime))
	p.field("times", col, p.timesText(s))
	if s.Snapshots > 0 {
		p.field("snapshots", col, number(s.Snapshots)+" (never used as a base)")
	}
	p.list("live rows", col, liveTexts(s.Live), "\n")
	p.list("left out", col, leftOut, "\n")
	p.list("lacks", col, i.Lacks, ", ")
	if len(s.Types) == 0 {
		return
	}
	p.newline()
	types, rest := mostFrequent(s.Types)
	g := grid{heads: []string{"events", "revision", "type"}, right: []bool{true, true, false}}
	for _, c := range types {
		revision := safe("")
		if c.Revision != 0 {
			revision = integer(int64(c.Revision))
		}
		g.add(number(c.Events), revision, clean(c.Type))
	}
	if err := p.grid(g, 2); err != nil && p.err == nil {
		p.err = err
	}
	if rest > 0 {
		p.dim("  … " + count(int64(rest), "rarer type", "rarer types") + "; --json lists all")
		p.newline()
	}
}

// liveTexts says where the rows of a history are now.
func liveTexts(tables []replay.LiveTable) []string {
	var found, out []string
	for i := range tables {
		switch t := &tables[i]; {
		case t.Reason != "" && t.Name != "":
			out = append(out, "only which rows exist, of "+t.Category+": "+t.Reason)
		case t.Reason != "":
			out = append(out, "not compared: "+t.Category+": "+t.Reason)
		case t.Name == t.Category:
			found = append(found, t.Name)
		default:
			found = append(found, t.Category+" in "+t.Name)
		}
	}
	if n := len(found) - typesMost; n > 0 {
		found = append(found[:typesMost], "… "+strconv.Itoa(n)+" more; --json lists all")
	}
	if found == nil {
		return out
	}
	return append([]string{strings.Join(found, ", ") + "; asof check --live compares them"}, out...)
}

// timesText says how a store holds its times, and in which zone they are shown.
func (p *Printer) timesText(s replay.Summary) safe {
	text := clean(s.Times)
	if s.FirstTime.IsZero() && s.LastTime.IsZero() {
		return text
	}
	if text != "" {
		text += "; "
	}
	return text + "shown in " + p.zone()
}

// typesMost is the maximum number of types, and of categories, listed in text.
const typesMost = 200

// mostFrequent returns the types to list, the most frequent first where not all are
// listed, and how many others there are.
func mostFrequent(types []replay.TypeCount) (listed []replay.TypeCount, rest int) {
	if len(types) <= typesMost {
		return types, 0
	}
	byCount := slices.Clone(types)
	slices.SortStableFunc(byCount, func(a, b replay.TypeCount) int { return cmp.Compare(b.Events, a.Events) })
	return byCount[:typesMost], len(types) - typesMost
}

// list prints a labelled list: on lines that fill the width, or one a line where
// sep is a line break.
func (p *Printer) list(name safe, col int, items []string, sep safe) {
	if len(items) == 0 {
		return
	}
	p.label(name, col)
	for i, item := range items {
		s := clean(item)
		if i > 0 {
			if sep == "\n" || p.o.Width > 0 && p.col+2+width(s)+1 > p.o.Width {
				if sep != "\n" {
					p.text(",")
				}
				p.newline()
				p.pad(col)
			} else {
				p.text(sep)
			}
		}
		p.text(s)
	}
	p.newline()
}

// Streams prints streams as they arrive, one per line. It returns the error of seq, after
// printing the streams before it, or a write error.
func (p *Printer) Streams(seq iter.Seq2[replay.Stream, error]) error {
	t := &table{p: p, heads: true, lookahead: logAhead, cols: []column{
		{head: "stream"},
		{head: "category", most: 24},
		{head: "events", right: true},
		{head: "versions"},
		{},
		{head: "last"},
	}}
	defer t.end()
	first := &t.cols[len(t.cols)-2]
	return each(p, seq, func(s replay.Stream) {
		if first.head == "" {
			first.head = p.timeHead("first", len("2006-01-02 15:04")+tableGap)
		}
		t.add(p.streamRow(s))
	})
}

func (p *Printer) streamRow(s replay.Stream) row {
	one := func(st paint, s safe) cell { return cell{{st, s}} }
	return row{cells: []cell{
		one(paint{}, clean(string(s.ID))),
		one(paint{}, clean(s.Category)),
		one(paint{}, number(s.Events)),
		one(paint{}, integer(s.First)+".."+integer(s.Last)),
		one(p.st.dim, p.minute(s.FirstTime)),
		one(p.st.dim, p.minute(s.LastTime)),
	}}
}

// narrow is the width below which a list of streams shows dates without times.
const narrow = 110

// minute returns a time to the minute, or to the day on a narrow terminal.
func (p *Printer) minute(t time.Time) safe {
	layout := "2006-01-02 15:04"
	if p.o.Width > 0 && p.o.Width < narrow {
		layout = time.DateOnly
	}
	return p.timeAs(t, layout)
}
