package render

import "time"

// A column of a [table].
type column struct {
	head  safe
	right bool // align right, for numbers
	most  int  // maximum width on a terminal; 0 means no limit, as for what is copied
}

// A piece is text in a style.
type piece struct {
	st paint
	s  safe
}

type cell []piece

func (c cell) width() int {
	w := 0
	for _, p := range c {
		w += width(p.s)
	}
	return w
}

// A row is one cell for each column of the table, and an optional function that prints
// lines below them.
type row struct {
	cells []cell
	below func()
}

// A table aligns rows as they arrive. The first rows set the column widths, and a wider
// row widens the columns for the rows after it. An empty column takes no room. The last
// column is never padded.
type table struct {
	p         *Printer
	cols      []column
	heads     bool // print the column names
	fitLast   bool // cut the last column to the terminal's width
	keepLast  bool // cut other columns to make room for all of the last one
	lookahead int  // rows collected before the first is printed
	indent    int

	rows    []row
	widths  []int
	started bool
	first   time.Time // when the first row came
}

// lookaheadTime is how long rows are collected for somebody who waits at a terminal.
const lookaheadTime = 200 * time.Millisecond

const (
	tableGap   = 2
	wrapIndent = 4 // of the second line of a row
)

func (t *table) add(r row) {
	for i := range r.cells {
		if most := t.cols[i].most; most > 0 && t.p.o.Width > 0 {
			r.cells[i] = cutCell(r.cells[i], most)
		}
	}
	t.widen(r.cells)
	if t.started {
		t.print(r)
		return
	}
	if len(t.rows) == 0 {
		t.first = time.Now()
	}
	if t.rows = append(t.rows, r); len(t.rows) >= t.lookahead || t.p.o.Width > 0 && time.Since(t.first) > lookaheadTime {
		t.begin()
	}
}

func (t *table) widen(cells []cell) {
	if t.widths == nil {
		t.widths = make([]int, len(t.cols))
	}
	for i, c := range cells {
		t.widths[i] = max(t.widths[i], c.width())
	}
}

// makeRoom narrows the columns that may be cut until a row fits a line. If that is not
// enough, they stay as they are, and rows continue in a second line.
func (t *table) makeRoom() {
	excess, can := t.indent-tableGap-t.p.o.Width, 0
	for i, w := range t.widths {
		if w == 0 {
			continue
		}
		if t.cols[i].most > 0 {
			can += max(0, w-leastCols/2)
		}
		if i == len(t.widths)-1 && !t.keepLast {
			w = t.least(i)
		}
		excess += w + tableGap
	}
	if can < excess {
		return
	}
	for i := len(t.cols) - 1; i >= 0; i-- { // the first columns matter most
		c := &t.cols[i]
		if excess <= 0 || c.most == 0 || t.widths[i] <= leastCols/2 {
			continue
		}
		c.most = max(t.widths[i]-excess, leastCols/2)
		excess -= t.widths[i] - c.most
		t.widths[i] = c.most
		for _, r := range t.rows {
			r.cells[i] = cutCell(r.cells[i], c.most)
		}
	}
}

// least is the least room that a column takes.
func (t *table) least(i int) int {
	if i == len(t.cols)-1 && t.fitLast {
		return min(t.widths[i], leastCols/3)
	}
	return t.widths[i]
}

func (t *table) begin() {
	t.started = true
	heads := make([]cell, len(t.cols))
	if t.heads && len(t.rows) > 0 {
		for i, c := range t.cols {
			if t.widths[i] > 0 {
				heads[i] = cell{{t.p.st.dim, c.head}}
			}
		}
		t.widen(heads)
	}
	if t.p.o.Width > 0 && len(t.rows) > 0 {
		t.makeRoom()
	}
	if t.heads && len(t.rows) > 0 {
		t.print(row{cells: heads})
	}
	for _, r := range t.rows {
		t.print(r)
	}
	t.rows = nil
}

// end prints the remaining rows.
func (t *table) end() {
	if !t.started {
		t.begin()
	}
}

func (t *table) print(r row) {
	p := t.p
	at := t.indent
	for i, c := range r.cells {
		if t.widths[i] == 0 {
			continue
		}
		if p.o.Width > 0 && at > t.indent && at+t.least(i) > p.o.Width {
			p.newline()
			at = t.indent + wrapIndent
		}
		start := at
		if t.cols[i].right {
			start += t.widths[i] - c.width()
		}
		if i == len(r.cells)-1 && t.fitLast && p.o.Width > 0 {
			c = cutCell(c, max(p.o.Width-start, leastCols/3))
		}
		if c.width() > 0 {
			p.pad(start)
		}
		for _, piece := range c {
			p.put(piece.st, piece.s)
		}
		at += t.widths[i] + tableGap
	}
	p.newline()
	if r.below != nil {
		r.below()
	}
}

// cutCell returns the cell in at most w columns.
func cutCell(c cell, w int) cell {
	if c.width() <= w {
		return c
	}
	var out cell
	for _, p := range c {
		n := width(p.s)
		if n >= w {
			s := p.s
			if n == w {
				s += " " // there is more: make room for the ellipsis
			}
			return append(out, piece{p.st, cut(s, w)})
		}
		out = append(out, p)
		w -= n
	}
	return out
}
