package jsonfile

import (
	"asof/replay/store/cell"
)

// strictTime reads a time that must say its zone; null is none.
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

// looseTime takes the time in any writing that stores use. One that can't be read
// is none, and is counted.
func (e *event) looseTime(m *cell.Member) *cell.TextError {
	text, f := m.Label()
	if f != nil || text == nil {
		return f
	}
	v := cell.Value{Kind: cell.Text, B: text}
	n, isNumber := e.clock.NumberOf(&v)
	if m.Value[0] != '"' && !isNumber { // digits that are a date within quotes only
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

// A waitingTime is that of an event of the index, as long as the unit is not known.
type waitingTime struct {
	rec    uint32
	number cell.TimeNumber
}

// wait keeps the number until all are known.
func (x *indexer) deferTime(n cell.TimeNumber) {
	x.numbers.Add(n)
	x.waiting = append(x.waiting, waitingTime{uint32(len(x.recs)), n})
}

// settleTimes decides what unit the numbers are in, now that all were seen, and
// gives the events that wait for it their times. It comes before they are sorted.
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

// timesOf says how the times of the file are written; empty where it has none.
func (x *index) timesOf(c *cell.Times) string {
	if x.seen.marks == (cell.TimeTally{cell.TimeNone: x.seen.events}) {
		return ""
	}
	return c.Describe(&x.seen.marks)
}
