package store

// strictTime reads a time that must say its zone; null is none.
func (e *jsonEvent) strictTime(m *jsonMember) *jsonFault {
	text, f := m.text()
	if f != nil || text == nil {
		return f
	}
	t, mark, _ := e.clock.written(text)
	if mark != timeZoned && !(mark == timeNone && len(text) > 0) {
		return m.fault("a time such as 2026-03-01T09:00:00Z")
	}
	e.time, e.mark = t, mark
	return nil
}

// looseTime takes the time in any writing that stores use. One that can't be read
// is none, and is counted.
func (e *jsonEvent) looseTime(m *jsonMember) *jsonFault {
	text, f := m.label()
	if f != nil || text == nil {
		return f
	}
	v := value{kind: kindText, b: text}
	n, isNumber := e.clock.numberOf(&v)
	if m.value[0] != '"' && !isNumber { // digits that are a date within quotes only
		n, isNumber = parseNumber(text)
	}
	switch {
	case isNumber && !e.clock.decided:
		e.number, e.waits = n, !n.isZero()
	case isNumber:
		e.time, e.mark, e.noTime = e.clock.number(n)
	default:
		e.time, e.mark, e.noTime = e.clock.text(text)
	}
	return nil
}

// A waitingTime is that of an event of the index, as long as the unit is not known.
type waitingTime struct {
	rec    uint32
	number timeNumber
}

// wait keeps the number until all are known.
func (x *indexer) wait(n timeNumber) {
	x.numbers.add(n)
	x.waiting = append(x.waiting, waitingTime{uint32(len(x.recs)), n})
}

// settleTimes decides what unit the numbers are in, now that all were seen, and
// gives the events that wait for it their times. It comes before they are sorted.
func (x *indexer) settleTimes(c *timeColumn) {
	c.decided = true
	if x.numbers.any && c.unit == nil {
		c.unit, c.refused = x.numbers.unit()
	}
	for _, w := range x.waiting {
		t, mark, _ := c.number(w.number)
		x.seen.marks[mark]++
		if mark == timeCounted {
			x.seen.times++
			x.addTime(&x.recs[w.rec], t)
		}
	}
	x.waiting = nil
}

// timesOf says how the times of the file are written; empty where it has none.
func (x *jsonIndex) timesOf(c *timeColumn) string {
	if x.seen.marks == (timeTally{timeNone: x.seen.events}) {
		return ""
	}
	return c.describe(&x.seen.marks)
}
