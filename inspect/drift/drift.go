// Package drift compares the states that an application keeps with what replay says they
// should be: the rows of a read model, the application's own snapshots, or the states of
// another fold.
//
// Both sides of a read model come in the order of their keys, byte by byte, and are
// merged: one row of each is in memory. Values are compared as what they are: a number in
// a text is a number, times are equal across zones, and JSON is compared by structure.
package drift

import (
	"errors"

	"asof/replay"
	"asof/replay/state"
)

// A Want is the row of a stream as replay gives it.
type Want struct {
	Key    string
	Stream replay.StreamID
	Values []state.Value // by column
	State  state.Value   // the whole, if there are no columns
	Err    error         // why there is no state

	// Setter returns the event that last set the value at a path; nil: none did.
	Setter func(path state.Path) (*replay.Event, error)
}

// A Got is a row that the application keeps.
type Got struct {
	Key    string
	Values []state.Value // by column
	State  state.Value   // the whole, if there are no columns
}

// A Column is a column that is compared, and where its value is in the state.
type Column struct {
	Name, Path string
}

// Options say what is compared, and how.
type Options struct {
	Columns   []Column // nil: whole states, whose members are the columns
	Exact     bool     // values must be of one type, and null is not nothing
	Tolerance string   // by how much numbers may differ; empty: not at all
	Most      int      // cells, and keys of each kind, that are listed
	After     *Place   // list what comes after it; nil: all

	// Order compares the keys of two rows in the order in which they come; nil: byte by byte.
	Order func(a, b string) int
}

// A Cell is a wrong value. The values are outside any state.
type Cell struct {
	Key    string
	Stream replay.StreamID
	Column Column // its path is that of the value
	Inside bool   // the value is in a member, at that path
	Want   state.Value
	Got    state.Value
	Event  *replay.Event // that last set the right value; nil: none did
}

// A Failure is a stream that could not be folded, so that its row is not compared.
type Failure struct {
	Key    string
	Stream replay.StreamID
	Err    error
}

// A Result counts the rows, and lists the first that differ. Keyless are rows of the read
// model that no stream can be: [Run] never sees them.
type Result struct {
	Identical, Modified, Missing, Extra, Repeated, Keyless, Failed int64

	Columns []Column // that were compared, or members that differ
	Wrong   []int64  // wrong cells, by column

	Cells    []Cell
	Lacks    []string // keys of missing rows
	Surplus  []string // keys of extra rows
	Twice    []string // keys of more than one row
	Failures []Failure

	Before Counts // what lists leave out that comes before them
	Last   *Place // where the lists end; nil: nothing comes after them

	Groups []Group // what set the wrong values, most wrong ones first by kind
}

// Blank reports whether there was nothing to compare.
func (r *Result) Blank() bool {
	return r.Identical+r.Modified+r.Missing+r.Extra+r.Repeated+r.Keyless+r.Failed == 0
}

// Drifted reports whether the kept states are not known to be right.
func (r *Result) Drifted() bool {
	return r.Blank() || r.Modified+r.Missing+r.Extra+r.Repeated+r.Keyless+r.Failed > 0
}

// WrongCells counts the values that are wrong.
func (r *Result) WrongCells() (n int64) {
	for _, w := range r.Wrong {
		n += w
	}
	return n
}

// A Comparison compares rows one by one.
type Comparison struct {
	o       Options
	same    same
	paths   []state.Path   // of the columns
	members map[string]int // the columns of members
	groups  groups
	out     Result
	pager   pager

	cellsWrong int64
}

// New begins a comparison.
func New(o Options) (*Comparison, error) {
	c := &Comparison{o: o, members: map[string]int{}, out: Result{Columns: o.Columns, Wrong: make([]int64, len(o.Columns))}}
	c.same = (*tolerance)(nil).same
	if o.Tolerance != "" {
		t, err := parseTolerance(o.Tolerance)
		if err != nil {
			return nil, err
		}
		c.same = t.same
	}
	if o.Exact {
		c.same = equal
	}
	c.pager.begin(o)
	for _, col := range o.Columns {
		path, err := state.ParsePath(col.Path)
		if err != nil {
			return nil, err
		}
		c.paths = append(c.paths, path)
	}
	return c, nil
}

// Result is the answer so far.
func (c *Comparison) Result() *Result {
	c.out.Groups = c.groups.list()
	c.out.Before, c.out.Last = c.pager.before(), c.pager.end()
	return &c.out
}

func (c *Comparison) list(from *pagedKeys, keys *[]string, key string) {
	if c.pager.lists(from, key) {
		*keys = append(*keys, key)
	}
}

// Extra counts a kept row that replay does not give.
func (c *Comparison) Extra(key string) {
	c.out.Extra++
	c.list(&c.pager.surplus, &c.out.Surplus, key)
}

// Repeated counts a row whose key another row has.
func (c *Comparison) Repeated(key string) {
	c.out.Repeated++
	c.list(&c.pager.twice, &c.out.Twice, key)
}

// Missing counts a row of replay that is not kept.
func (c *Comparison) Missing(w *Want) {
	if w.Err != nil {
		c.Failed(w.Key, w.Stream, w.Err)
		return
	}
	c.out.Missing++
	c.list(&c.pager.lacks, &c.out.Lacks, w.Key)
}

// Failed counts a stream that cannot be compared.
func (c *Comparison) Failed(key string, stream replay.StreamID, err error) {
	c.out.Failed++
	if c.pager.lists(&c.pager.failed, key) {
		c.out.Failures = append(c.out.Failures, Failure{key, stream, err})
	}
}

// Compare counts a kept row that replay gives, too.
func (c *Comparison) Compare(w *Want, got *Got) error {
	if w.Err != nil {
		c.Failed(w.Key, w.Stream, w.Err)
		return nil
	}
	before := c.cellsWrong
	if err := c.cells(w, got); err != nil {
		return err
	}
	if c.cellsWrong > before {
		c.out.Modified++
	} else {
		c.out.Identical++
	}
	return nil
}

func (c *Comparison) cells(w *Want, got *Got) error {
	if c.o.Columns == nil {
		return c.whole(w, got)
	}
	for i, col := range c.o.Columns {
		right := c.same(w.Values[i], got.Values[i])
		e, err := setter(w, c.paths[i])
		if err != nil {
			return err
		}
		if c.groups.count(e, right); !right {
			c.wrong(i, w, Cell{Column: col, Want: w.Values[i], Got: got.Values[i], Event: e})
		}
	}
	return nil
}

// wrong counts a wrong cell of a column.
func (c *Comparison) wrong(column int, w *Want, cell Cell) {
	c.cellsWrong++
	c.out.Wrong[column]++
	at := CellPlace{w.Key, cell.Column.Name, cell.Column.Path}
	if !c.pager.listsCell(at, cell.Inside) {
		return
	}
	cell.Key, cell.Stream = w.Key, w.Stream
	cell.Want, cell.Got = state.Clone(cell.Want), state.Clone(cell.Got)
	c.out.Cells = append(c.out.Cells, cell)
}

// setter is the event that last set a value; nil if the state has no such path.
func setter(w *Want, path state.Path) (*replay.Event, error) {
	if w.Setter == nil {
		return nil, nil //nolint:nilnil // nobody asks
	}
	e, err := w.Setter(path)
	var missing *state.PathError
	if errors.As(err, &missing) {
		return nil, nil //nolint:nilnil // nothing set what is not there
	}
	return e, err
}
