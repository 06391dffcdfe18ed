package mine

import (
	"hash/maphash"
	"slices"
	"strings"

	"asof/inspect/check"
	"asof/replay"
	"asof/replay/state"
)

// A Survey gathers what streams have in common during a check.
type Survey struct {
	seed    maphash.Seed
	target  map[int]int // by invariant
	workers []*worker
}

// New returns a survey. target is the target of each invariant of the check that belongs to
// one.
func New(target map[int]int) *Survey { return &Survey{seed: maphash.MakeSeed(), target: target} }

// Watches returns a watch for each worker. What was gathered before is forgotten.
func (s *Survey) Watches(n int) []check.Watch {
	s.workers = nil
	out := make([]check.Watch, n)
	for i := range out {
		w := &worker{survey: s, targets: map[int]*gathered{}}
		s.workers = append(s.workers, w)
		out[i] = w
	}
	return out
}

type worker struct {
	survey  *Survey
	targets map[int]*gathered
	path    []byte
}

// gathered is what one worker gathered of one target.
type gathered struct {
	slots     []*slot
	byPath    map[string]*slot // nil: not a slot
	types     []*typeStat
	byType    map[string]*typeStat
	histories []*history
	pairs     [64][64]int64 // events with one slot present and the other not
	with      [64]int64     // events with a slot present
	arrays    []*arrayStat
	events    int64
	cut       int64
}

// A typeStat is what is known of an event type.
type typeStat struct {
	name     string
	index    int
	streams  int64
	begins   int64
	repeated int64         // streams with more than one
	followed int64         // streams with a later event
	before   map[int]int64 // streams with a type before the first of this one
}

// A history is what one stream did.
type history struct {
	w       *worker
	g       *gathered
	stream  string
	number  uint32 // among those of the worker
	events  int64
	marks   []mark
	present uint64         // of the first 64 slots
	steps   []uint32       // slot, from and to of each change of a value
	gone    map[int]string // by slot: the last number of a value that is not a number now
	types   []uint16       // in order of their first event
	again   []bool         // by index in types: there was another
	passed  []bool         // by index in types: there was a later event
	prev    int            // index in types; -1: none
}

// Stream begins a stream.
func (w *worker) Stream(id replay.StreamID, set *check.RuleSet) check.StreamWatch {
	for _, r := range set.Rules {
		target, ok := w.survey.target[r.Invariant]
		if !ok {
			continue
		}
		g := w.targets[target]
		if g == nil {
			g = &gathered{byPath: map[string]*slot{}, byType: map[string]*typeStat{}}
			w.targets[target] = g
		}
		h := &history{w: w, g: g, stream: string(id), number: uint32(len(g.histories)), prev: -1}
		g.histories = append(g.histories, h)
		return h
	}
	return nil
}

const maxTypes = 128

func (g *gathered) typeOf(name string) *typeStat {
	t, ok := g.byType[name]
	if !ok {
		if len(g.types) == maxTypes {
			g.cut++
			return nil
		}
		t = &typeStat{name: strings.Clone(name), index: len(g.types), before: map[int]int64{}}
		g.types = append(g.types, t)
		g.byType[t.name] = t
	}
	return t
}

// Event notes the order of types.
func (h *history) Event(e *replay.Event) {
	h.events++
	h.g.events++
	t := h.g.typeOf(e.Type)
	if t == nil {
		h.prev = -1
		return
	}
	if h.events == 1 {
		t.begins++
	}
	if h.prev >= 0 && !h.passed[h.prev] {
		h.passed[h.prev] = true
		h.g.types[h.types[h.prev]].followed++
	}
	if i := slices.Index(h.types, uint16(t.index)); i >= 0 {
		if !h.again[i] {
			h.again[i] = true
			t.repeated++
		}
		h.prev = i
		return
	}
	t.streams++
	for _, o := range h.types {
		t.before[int(o)]++
	}
	h.prev = len(h.types)
	h.types, h.again, h.passed = append(h.types, uint16(t.index)), append(h.again, false), append(h.passed, false)
}

// Wants reports true: values are read from changes.
func (h *history) Wants() bool { return true }

// Changed notes what an event changed.
func (h *history) Changed(root state.Value, changes []state.Change) {
	was := h.present
	if h.events == 1 {
		h.w.path = h.w.path[:0]
		h.walk(root, func(s *slot, v state.Value) { h.set(s, v, isAtStart) })
		for i := range changes { // from the state before the first event
			h.numbers(&changes[i])
		}
	} else {
		for i := range changes {
			h.change(&changes[i])
		}
	}
	if len(changes) > 0 || h.events == 1 {
		h.g.sums(root)
	}
	if h.present != was || h.events == 1 {
		h.g.presence(h.present)
	}
}

func (h *history) change(c *state.Change) {
	h.w.path = state.AppendPattern(h.w.path[:0], c.Path)
	if !c.From.IsContainer() && !c.To.IsContainer() {
		s := h.slotAt()
		if s == nil {
			return
		}
		h.step(s, c)
		return
	}
	if !c.From.IsAbsent() {
		h.walk(c.From, func(s *slot, _ state.Value) { h.unset(s) })
	}
	if !c.To.IsAbsent() {
		h.walk(c.To, func(s *slot, v state.Value) { h.set(s, v, 0) })
	}
	h.numbers(c)
}

// numbers compares the numbers that a change sets with those before.
func (h *history) numbers(c *state.Change) {
	h.w.path = state.AppendPattern(h.w.path[:0], c.Path)
	h.walk(c.From, func(s *slot, v state.Value) { h.moved(s, v, state.Value{}) })
	h.walk(c.To, func(s *slot, v state.Value) { h.moved(s, state.Value{}, v) })
}

// moved notes whether a value increased or decreased. A number that was removed, or that
// something else took the place of, still counts.
func (h *history) moved(s *slot, from, to state.Value) {
	if s.array {
		return
	}
	was, ok := h.gone[s.index]
	if from.Kind() == state.Number {
		was, ok = from.Text(), true
	}
	switch {
	case !ok:
	case to.Kind() != state.Number:
		if h.gone == nil {
			h.gone = map[int]string{}
		}
		h.gone[s.index] = strings.Clone(was)
	default:
		m := h.mark(s)
		switch c := state.CompareNumbers(to.Text(), was); {
		case c < 0:
			m.flags |= isDown
		case c > 0:
			m.flags |= isUp
		}
		delete(h.gone, s.index)
	}
}

// step notes a change of a scalar.
func (h *history) step(s *slot, c *state.Change) {
	from := h.mark(s).last
	h.moved(s, c.From, c.To)
	if c.To.IsAbsent() {
		h.unset(s)
		return
	}
	h.set(s, c.To, 0)
	if s.array {
		return
	}
	m := h.mark(s)
	if from > 0 && m.last > 0 && from != m.last && c.To.Kind() == state.String {
		step := uint32(s.index)<<16 | uint32(from-1)<<8 | uint32(m.last-1)
		if !slices.Contains(h.steps, step) {
			h.steps = append(h.steps, step)
		}
	}
}

func (h *history) mark(s *slot) *mark {
	if s.index >= len(h.marks) {
		h.marks = append(h.marks, make([]mark, s.index+1-len(h.marks))...)
	}
	return &h.marks[s.index]
}

func (h *history) set(s *slot, v state.Value, flags uint8) {
	m := h.mark(s)
	if !s.array {
		s.own(h.w.survey.seed, v, h.stream, h.number)
	}
	s.observe(v, m)
	m.flags |= flags
	if s.index < 64 && !s.array {
		if v.Kind() == state.Null {
			h.present &^= 1 << s.index
		} else {
			h.present |= 1 << s.index
		}
	}
}

func (h *history) unset(s *slot) {
	m := h.mark(s)
	m.last = 0
	if !s.array {
		m.flags |= isGone
		if s.index < 64 {
			h.present &^= 1 << s.index
		}
	}
}

// walk visits the scalars under the present path.
func (h *history) walk(v state.Value, f func(*slot, state.Value)) {
	if !v.IsContainer() {
		if s := h.slotAt(); s != nil {
			f(s, v)
		}
		return
	}
	keep := len(h.w.path)
	if keep > 400 {
		h.g.cut++
		return
	}
	if v.Kind() == state.Array {
		h.w.path = append(h.w.path, "/*"...)
		for _, el := range v.Node().Elems() {
			h.walk(el, f)
		}
	} else {
		v.Node().Each(func(key string, el state.Value) bool {
			h.w.path = state.AppendToken(h.w.path[:keep], key)
			h.walk(el, f)
			return true
		})
	}
	h.w.path = h.w.path[:keep]
}

// slotAt returns the slot of the present path, or nil.
func (h *history) slotAt() *slot {
	g := h.g
	s, ok := g.byPath[string(h.w.path)]
	if ok {
		return s
	}
	if len(g.slots) == maxSlots {
		g.cut++
		return nil
	}
	pointer := string(h.w.path)
	if p, ok := parsePath(pointer); ok {
		s = &slot{path: p, index: len(g.slots)}
		g.slots = append(g.slots, s)
	}
	g.byPath[pointer] = s
	return s
}

// presence counts which slots are present without which others.
func (g *gathered) presence(present uint64) {
	n := min(len(g.slots), 64)
	for a := range n {
		if present&(1<<a) == 0 {
			continue
		}
		g.with[a]++
		for b := range n {
			if present&(1<<b) == 0 {
				g.pairs[a][b]++
			}
		}
	}
}
