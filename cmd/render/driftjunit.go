package render

import (
	"cmp"
	"io"
	"strings"

	"asof/inspect/ask"
	"asof/inspect/drift"
)

// DriftJUnit writes a comparison of a read model as JUnit XML: a case for each row that is
// listed as wrong, and one that passes for the identical rows. More rows that are wrong, and
// are not listed, are one case.
func DriftJUnit(to io.Writer, store, table string, d *ask.Drifted) error {
	w := wordsOf(d)
	s := junitSuite{Name: Safe(suiteName(d, table))}
	fail := func(name, kind, message string) {
		s.Failures++
		s.Cases = append(s.Cases, junitCase{Class: s.Name, Name: Safe(name), Failure: &junitResult{Message: Safe(message), Type: kind}})
	}
	listed := int64(0)
	for i := range d.Cells {
		c := &d.Cells[i]
		text := cellFailure(c, &w)
		if i > 0 && c.Key == d.Cells[i-1].Key {
			f := s.Cases[len(s.Cases)-1].Failure
			f.Message += "; " + Safe(text)
			continue
		}
		listed++
		fail(c.Key, "modified", text)
	}
	for _, kind := range []struct {
		name, message string
		keys          []string
		all           int64
	}{
		{"modified", "the values differ", nil, d.Modified - listed},
		{"missing", string(w.missing), d.Lacks, d.Missing},
		{"extra", string(w.extra), d.Surplus, d.Extra},
		{"repeated", "the key is in more than one row", d.Twice, d.Repeated},
		{"keyless", "the row has no key", nil, d.Keyless},
	} {
		for _, key := range kind.keys {
			fail(key, kind.name, kind.message)
		}
		if more := kind.all - int64(len(kind.keys)); more > 0 {
			fail(string(count(more, "more row", "more rows")), kind.name, kind.message)
		}
	}
	unknown := func(name, message string) {
		s.Errors++
		s.Cases = append(s.Cases, junitCase{Class: s.Name, Name: Safe(name), Error: &junitResult{Message: Safe(message), Type: "error"}})
	}
	for _, f := range d.Failures {
		unknown(string(f.Stream), strings.TrimSpace(f.Err.Error()))
	}
	switch more := d.Failed - int64(len(d.Failures)); {
	case d.Blank():
		unknown("rows", "no "+string(firstRow(w))+" was compared")
	case more > 0:
		unknown(string(count(more, "more stream", "more streams")), "not compared")
	}
	if d.Identical > 0 {
		s.Cases = append(s.Cases, junitCase{Class: s.Name, Name: string(count(d.Identical, "identical row", "identical rows"))})
	}
	s.Tests = len(s.Cases)
	return writeJUnit(to, &junitSuites{
		Name: "asof drift " + Safe(store), Tests: s.Tests, Failures: s.Failures, Errors: s.Errors, Suites: []junitSuite{s},
	})
}

// cellFailure is a wrong value, the right one, and the event that set it.
func cellFailure(c *drift.Cell, w *driftWords) string {
	text := string(cellName(c) + " " + driftValue(c.Got) + w.should + driftValue(c.Want))
	if e := c.Event; e != nil {
		text += ", set by " + string(pointName(e.Moment())) + " " + e.Type
	}
	return text
}

func suiteName(d *ask.Drifted, table string) string {
	switch d.Kind {
	case ask.DriftFolds:
		return d.Other + " → " + d.Projection + " as of " + cmp.Or(d.Moment, "now")
	case ask.DriftSnapshots:
		return d.Projection + " in snapshots"
	}
	return d.Projection + " in " + table + " as of " + cmp.Or(d.Moment, "now")
}
