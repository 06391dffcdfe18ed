package mine

import (
	"slices"
)

// merged is what all workers know of a path.
type merged struct {
	path
	strings, numbers, others int64
	values                   []string
	over                     bool
	counts                   map[string]int64 // streams with a value
	streams                  int64            // that have it
	negative, zero           int64
	down, moved              int64
	guarded                  bool // it is not in every state
	unique, isID             bool
	owned                    map[uint64]bool     // hashes of values that a stream has
	steps                    map[[2]string]int64 // streams with a change from one value to another
	stepped                  int64               // streams with any
}

// target joins what the workers gathered of a target.
type target struct {
	slots  map[string]*merged
	order  []string // pointers, sorted
	types  map[string]*mergedType
	names  []string // of the types, sorted
	total  int64    // streams
	events int64
	cut    int64
	pairs  map[[2]string]int64
	with   map[string]int64
	sums   map[sumKey]*sumStat
}

type sumKey struct{ total, array, p, q string }

type mergedType struct {
	streams, begins, repeated, followed int64
	before                              map[string]int64
}

func (s *Survey) merge(i int) *target {
	t := &target{
		slots: map[string]*merged{}, types: map[string]*mergedType{},
		pairs: map[[2]string]int64{}, with: map[string]int64{}, sums: map[sumKey]*sumStat{},
	}
	for _, w := range s.workers {
		if g := w.targets[i]; g != nil {
			t.add(g)
		}
	}
	for name := range t.slots {
		t.order = append(t.order, name)
	}
	for name := range t.types {
		t.names = append(t.names, name)
	}
	slices.Sort(t.order)
	slices.Sort(t.names)
	for _, m := range t.slots {
		m.guarded = m.guarded || m.streams < t.total
		slices.Sort(m.values)
	}
	return t
}

func (t *target) add(g *gathered) {
	t.total += int64(len(g.histories))
	t.events += g.events
	t.cut += g.cut
	for _, s := range g.slots {
		t.slot(s)
	}
	for _, h := range g.histories {
		t.history(g, h)
	}
	for _, ty := range g.types {
		m := t.types[ty.name]
		if m == nil {
			m = &mergedType{before: map[string]int64{}}
			t.types[ty.name] = m
		}
		m.streams += ty.streams
		m.begins += ty.begins
		m.repeated += ty.repeated
		m.followed += ty.followed
		for i, n := range ty.before {
			m.before[g.types[i].name] += n
		}
	}
	n := min(len(g.slots), 64)
	for a := range n {
		t.with[g.slots[a].pointer] += g.with[a]
		for b := range n {
			t.pairs[[2]string{g.slots[a].pointer, g.slots[b].pointer}] += g.pairs[a][b]
		}
	}
	for _, a := range g.arrays {
		t.array(a)
	}
}

func (t *target) slot(s *slot) {
	m := t.slots[s.pointer]
	if m == nil {
		m = &merged{path: s.path, counts: map[string]int64{}, steps: map[[2]string]int64{}, unique: true, owned: map[uint64]bool{}}
		t.slots[s.pointer] = m
	}
	m.strings += s.strings
	m.numbers += s.numbers
	m.others += s.others
	m.isID = m.isID || s.isID
	for _, v := range s.values {
		if !slices.Contains(m.values, v) {
			m.values = append(m.values, v)
		}
	}
	m.over = m.over || s.over || len(m.values) > maxValues
	m.unique = m.unique && !s.repeated
	for h := range s.owners {
		if m.owned[h] {
			m.unique = false
			break
		}
		m.owned[h] = true
	}
}

func (t *target) history(g *gathered, h *history) {
	for i, s := range g.slots {
		m := t.slots[s.pointer]
		if i >= len(h.marks) || h.marks[i].flags&isSeen == 0 {
			continue
		}
		k := h.marks[i]
		m.streams++
		count := func(n *int64, flag uint8) {
			if k.flags&flag != 0 {
				*n++
			}
		}
		count(&m.negative, isNegative)
		count(&m.zero, isZero)
		count(&m.down, isDown)
		count(&m.moved, isDown|isUp)
		m.guarded = m.guarded || k.flags&isGone != 0 || k.flags&isAtStart == 0
		for j, v := range s.values {
			if k.mask&(1<<j) != 0 {
				m.counts[v]++
			}
		}
	}
	stepped := map[uint32]bool{}
	for _, step := range h.steps {
		s := g.slots[step>>16]
		m := t.slots[s.pointer]
		m.steps[[2]string{s.values[step>>8&0xff], s.values[step&0xff]}]++
		if !stepped[step>>16] {
			stepped[step>>16] = true
			m.stepped++
		}
	}
}

func (t *target) array(a *arrayStat) {
	name := func(i int) string {
		if i < 0 {
			return ""
		}
		return a.members[i]
	}
	for f, s := range a.stats {
		p, q := name(f.p), name(f.q)
		if p < q {
			p, q = q, p
		}
		k := sumKey{a.totals[f.total], a.key, p, q}
		if have := t.sums[k]; have != nil {
			have.tried += s.tried
			have.broken += s.broken
			have.low, have.high = min(have.low, s.low), max(have.high, s.high)
			continue
		}
		c := *s
		t.sums[k] = &c
	}
}
