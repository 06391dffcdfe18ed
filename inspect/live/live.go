package live

import (
	"cmp"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// A Verdict says how a row differs from its history.
type Verdict string

// The verdicts.
const (
	Changed    Verdict = "changed"    // columns have other values
	Unrecorded Verdict = "unrecorded" // the row has no history
	Missing    Verdict = "missing"    // the row is gone without a recorded delete
	Undeleted  Verdict = "undeleted"  // the row exists after a recorded delete
	Unknown    Verdict = "unknown"    // its last state cannot be read
)

// A Row is a row that differs from its history.
type Row struct {
	Stream   replay.StreamID
	Category string
	Verdict  Verdict
	Last     replay.Moment // of the last version; zero if there is none
	Columns  []Column      // that differ, if the row is changed
	Reason   string        // why it is unknown
}

// A Column is a column with another value than the recorded one.
type Column struct {
	Name           string
	Recorded, Live state.Value
}

// A Table is the comparison of one category.
type Table struct {
	Category string
	Name     string // of the live table; empty if there is none
	Reason   string // why nothing is compared, or only which rows exist

	Streams  int64 // rows with a history
	Rows     int64 // live rows
	Keyless  int64 // live rows without a key, which are not compared
	Compared int64 // rows of which columns were compared
	Gone     int64 // rows that are gone, where the history records no deletes
	Findings map[Verdict]int64
	columns  int64 // values compared

	// NotRecorded and NotLive are the columns that only one side has, with the number of
	// compared rows in which that is so.
	NotRecorded, NotLive []Gap
}

// A Gap is a column that was not compared in some rows.
type Gap struct {
	Column string
	Rows   int64
}

// Found returns the number of rows that differ.
func (t *Table) Found() int64 {
	var n int64
	for _, c := range t.Findings {
		n += c
	}
	return n
}

// NotCompared reports whether the columns of a table with rows were not compared.
func (t *Table) NotCompared() bool {
	return t.Reason != "" && (t.Streams > 0 || t.Rows > 0) || t.Keyless > 0
}

// Blind reports whether there were rows on both sides, but no column in common.
func (t *Table) Blind() bool { return t.Compared > 0 && t.columns == 0 }

// A Result is the comparison of a store.
type Result struct {
	Events  int64
	Streams int64
	Rows    int64 // live rows
	Tables  []Table
	Found   []Row // ordered by stream
	More    int64 // rows that differ and that Found leaves out
}

// Findings counts the rows that differ, and the tables that were not compared in full.
func (r *Result) Findings() (rows, tables int64) {
	for i := range r.Tables {
		t := &r.Tables[i]
		rows += t.Found()
		if t.NotCompared() || t.Blind() {
			tables++
		}
	}
	return rows, tables
}

func sortGaps(counts map[string]int64) []Gap {
	var out []Gap
	for name, n := range counts {
		out = append(out, Gap{name, n})
	}
	slices.SortFunc(out, func(a, b Gap) int { return cmp.Compare(a.Column, b.Column) })
	return out
}
