package query

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// A Plan is what a statement would read and fold, in the order of its loops.
type Plan struct {
	Tables []PlannedTable

	Limit  bool // the statement has a LIMIT
	Sorted bool // rows are sorted or grouped before the first is known

	Members []string // tables whose states are all folded first, to know every column of *
}

// A PlannedTable is one loop of a plan.
type PlannedTable struct {
	Name, Alias string
	At          string   // the moment, as written; empty: the head
	EachRow     bool     // the moment comes from a row of the tables before
	Folds       bool     // states are folded from the events
	Whole       bool     // no row is known before all events are read
	Ordered     bool     // rows come in the order of the statement
	Conditions  []string // that narrow what is read
	Columns     []string // that are used

	// Streams and Events are how many of the store, up to now, the conditions on stream
	// and category leave. Below zero: it depends on rows of the tables before.
	Streams, Events int64
}

// Stops reports whether reading ends with the last row of LIMIT.
func (p *Plan) Stops() bool {
	stops := p.Limit && !p.Sorted
	for _, t := range p.Tables {
		stops = stops && !t.Whole
	}
	return stops
}

// choice of an index, as BestIndex made it.
type planChoice struct {
	t          *table
	used       need
	conditions []string
	at         string
	eachRow    bool
	ordered    bool
	stream     *replay.StreamID
	category   *string
	bound      bool // stream depends on rows of the tables before
}

var plannedScan = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:SCAN|SEARCH) (.+?) VIRTUAL TABLE INDEX (\d+):`)
})

// Explain says what a statement would read, without reading any of it.
func (db *DB) Explain(sql string) (*Plan, error) {
	out := &Plan{}
	if starred(sql) {
		if err := db.recall(sql); err != nil {
			return nil, err
		}
		for _, t := range db.mentioned(sql) {
			if t.proj != nil && t.kind != ofChanges && !db.discovered[t.proj.Name] {
				out.Members = append(out.Members, t.name)
			}
		}
	}
	db.choices, db.explaining = nil, true
	defer func() { db.choices, db.explaining = nil, false }()
	stmt, err := db.prepare(sql)
	if err != nil {
		return nil, err
	}
	if err := stmt.Finalize(); err != nil {
		return nil, err
	}
	for t := range tokensOf(sql) {
		out.Limit = out.Limit || t.is("limit")
	}
	return out, cmp.Or(
		db.each("EXPLAIN QUERY PLAN "+sql, func(s *sqlite.Stmt) error {
			detail := s.ColumnText(3)
			out.Sorted = out.Sorted || strings.HasPrefix(detail, "USE TEMP B-TREE FOR")
			m := plannedScan().FindStringSubmatch(detail)
			if m == nil {
				return nil
			}
			i, err := strconv.Atoi(m[2])
			if err != nil || i >= len(db.choices) {
				return fmt.Errorf("bad plan %q", detail)
			}
			t, err := db.planned(m[1], db.choices[i])
			out.Tables = append(out.Tables, t)
			return err
		}),
		db.each("EXPLAIN "+sql, func(s *sqlite.Stmt) error {
			out.Sorted = out.Sorted || s.ColumnText(1) == "AggStep"
			return nil
		}))
}

// each calls f for each row of a statement.
func (db *DB) each(sql string, f func(*sqlite.Stmt) error) error {
	stmt, _, err := db.conn.PrepareTransient(sql)
	if err != nil {
		return db.ended(sql, err)
	}
	defer stmt.Finalize() //nolint:errcheck // it repeats the error of Step
	for {
		if more, err := stmt.Step(); err != nil || !more {
			return err
		}
		if err := f(stmt); err != nil {
			return err
		}
	}
}

// planned describes a loop.
func (db *DB) planned(alias string, c planChoice) (PlannedTable, error) {
	out := PlannedTable{
		Name: c.t.name, At: c.at, EachRow: c.eachRow, Conditions: c.conditions, Ordered: c.ordered,
		Folds: c.t.proj != nil, Whole: c.t.kind == ofStates || c.t.kind == ofStreams,
	}
	if alias != c.t.name {
		out.Alias = alias
	}
	for i, col := range c.t.cols {
		if !col.hidden && c.used.has(i) {
			out.Columns = append(out.Columns, col.name)
		}
	}
	if c.bound {
		out.Streams, out.Events = -1, -1
		return out, nil
	}
	q := replay.StreamQuery{}
	if c.stream != nil && !(c.t.proj != nil && c.t.proj.Many != nil) {
		q.IDs = []replay.StreamID{*c.stream}
	}
	if c.category != nil {
		q.Categories = []string{*c.category}
	}
	for s, err := range db.src.Reader.Streams(db.ctx, q) {
		if err != nil {
			return out, err
		}
		if p := c.t.proj; p == nil || p.Takes == nil || p.Takes(s.ID, s.Category) {
			out.Streams++
			out.Events += s.Events
		}
	}
	return out, nil
}

// chose keeps a choice of BestIndex, and returns the number by which the plan names it.
func (db *DB) chose(t *table, in *sqlite.IndexInputs, pushed []sqlite.IndexConstraint, ordered bool) int32 {
	if !db.explaining {
		return 0
	}
	c := planChoice{t: t, used: need(in.ColumnsUsed), at: db.src.At, ordered: ordered}
	for _, p := range pushed {
		name, value := t.cols[p.Column].name, "…"
		if p.RValueKnown {
			value = literal(p.RValue)
		}
		text := p.RValue.Text()
		switch {
		case name == momentColumn:
			c.at, c.eachRow = text, !p.RValueKnown
			continue
		case name == "stream" && !p.RValueKnown:
			c.bound = true
		case name == "stream":
			c.stream = (*replay.StreamID)(&text)
		case name == "category" && p.RValueKnown:
			c.category = &text
		}
		c.conditions = append(c.conditions, written(name)+" "+planned[p.Op]+" "+value)
	}
	db.choices = append(db.choices, c)
	return int32(len(db.choices) - 1)
}

// textLiteral is a text as SQL writes it.
func textLiteral(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// literal is a value as SQL writes it.
func literal(v sqlite.Value) string {
	switch v.Type() {
	case sqlite.TypeNull:
		return "NULL"
	case sqlite.TypeText:
		return textLiteral(v.Text())
	case sqlite.TypeBlob:
		return fmt.Sprintf("x'%x'", v.Blob())
	}
	return v.Text()
}
