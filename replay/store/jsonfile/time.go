package jsonfile

import (
	"asof/replay/store/cell"
)

// strictTime reads a time that must have a zone; null means no time.
func (e *event) strictTime(m *cell.Member) *cell.TextError {
	text, f := m.Text()
	if f != nil || text == nil {
		return f
	}
	t, mark, _ := e.clock.Written(text)
	if mark != cell.TimeZoned && !(mark == cell.TimeNone && len(text) > 0) {
		return m.Fault("a time such as 2026-03-01T09:00:00Z")
	}
	e.time, e.mark = t, mark
	return nil
}

// looseTime reads a time in any form that stores use. An unreadable time is dropped
// and counted.
func (e *event) looseTime(m *cell.Member) *cell.TextError {
	text, f := m.Label()
	if f != nil || text == nil {
		return f
	}
	v := cell.Value{Kind: cell.Text, B: text}
	n, isNumber := e.clock.NumberOf(&v)
	if m.Value[0] != '"' && !isNumber { // digits form a date only in quotes
		n, isNumber = cell.ParseNumber(text)
	}
	switch {
	case isNumber && !e.clock.Decided:
		e.number, e.waits = n, !n.IsZero()
	case isNumber:
		e.time, e.mark, e.noTime = e.clock.Number(n)
	default:
		e.time, e.mark, e.noTime = e.clock.Text(text)
	}
	return nil
}

// A waitingTime is a numeric time whose unit is not known yet.
type waitingTime struct {
	rec    uint32
	number cell.TimeNumber
}

// deferTime keeps the number until the unit is known.
func (x *indexer) deferTime(n cell.TimeNumber) {
	x.numbers.Add(n)
	x.waiting = append(x.waiting, waitingTime{uint32(len(x.recs)), n})
}

// resolveTimes picks the unit of the numeric times after the first pass and sets the
// times of the waiting events. It must run before the records are sorted.
func (x *indexer) resolveTimes(c *cell.Times) {
	c.Decided = true
	if x.numbers.Any && c.Unit == nil {
		c.Unit, c.Refused = x.numbers.Unit()
	}
	for _, w := range x.waiting {
		t, mark, _ := c.Number(w.number)
		x.seen.marks[mark]++
		if mark == cell.TimeCounted {
			x.seen.times++
			x.addTime(&x.recs[w.rec], t)
		}
	}
	x.waiting = nil
}

// timesOf describes how the file writes its times; it returns "" if it has none.
func (x *index) timesOf(c *cell.Times) string {
	if x.seen.marks == (cell.TimeTally{cell.TimeNone: x.seen.events}) {
		return ""
	}
	return c.Describe(&x.seen.marks)
}
