package mine

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// maxChecked bounds the rules of a target that a check tests.
const maxChecked = 12

// A Proposal is the rules of one target, before they are tested.
type Proposal struct {
	Rules   []Rule
	Streams int64
	Events  int64
	Tried   int64 // rules that could have been proposed
	More    int   // rules that hold and are not tested, because there are too many
	Cut     int64 // paths and types that were left out
}

// Propose makes rules of what was gathered of a target.
func (s *Survey) Propose(i int) Proposal {
	t := s.merge(i)
	p := &proposing{target: t}
	for _, pointer := range t.order {
		p.slotRules(t.slots[pointer])
	}
	p.presence()
	p.sumRules()
	p.typeRules()
	out := Proposal{Streams: t.total, Events: t.events, Tried: p.tried, Cut: t.cut}
	checked := 0
	slices.SortStableFunc(p.rules, func(a, b Rule) int { return cmp.Compare(rank[a.Kind], rank[b.Kind]) })
	for _, r := range p.rules {
		r.Name = replay.Printable(r.Name, len(r.Name))
		if r.Target = i; p.implied(r) {
			continue
		}
		if Luck(r.Streams, r.Broken, r.read, p.tried) > MaxLuck {
			continue
		}
		if r.Good != "" {
			if checked++; checked > maxChecked {
				out.More++
				continue
			}
		}
		out.Rules = append(out.Rules, r)
	}
	return out
}

// implied reports whether a rule follows from another one: a count is never negative and has
// no bound but that of its list, and what nothing follows happens once.
func (p *proposing) implied(r Rule) bool {
	return slices.ContainsFunc(p.rules, func(o Rule) bool {
		switch r.Kind {
		case Sign, AtMost:
			return o.Kind == Sum && o.Path == r.Path && o.counts
		case Once:
			return o.Kind == Last && o.Type == r.Type && o.Broken <= r.Broken && Luck(o.Streams, o.Broken, o.read, p.tried) <= MaxLuck
		}
		return false
	})
}

// rank orders kinds: those that say most come first.
var rank = map[Kind]int{
	Sum: 0, Sign: 1, OneOf: 2, AtMost: 3, Present: 4, Transition: 5, Steady: 6, Unique: 7, Begins: 8, After: 9, Once: 10, Last: 11,
}

type proposing struct {
	*target
	rules []Rule
	tried int64
}

// add tries a rule, and proposes it if few enough streams break it.
func (p *proposing) add(r Rule) {
	p.tried++
	p.propose(r)
}

// propose proposes a rule that was tried, if few enough streams break it.
func (p *proposing) propose(r Rule) {
	if r.Streams > 0 && r.Broken*mostBroken <= r.Streams {
		p.rules = append(p.rules, r)
	}
}

func (p *proposing) slotRules(m *merged) {
	numeric := m.numbers > 0 && m.strings == 0 && m.others == 0
	textual := m.strings > 0 && m.numbers == 0 && m.others == 0
	name := m.name()
	constant := !m.over && len(m.values) == 1
	if numeric && !constant {
		p.signRules(m, name)
		p.atMost(m, name)
	}
	if numeric && !m.array {
		p.add(Rule{
			Kind: Steady, Path: m.pointer, Name: name + " never decreases", Streams: m.moved, Broken: m.down,
		})
	}
	if textual && !m.over && len(m.values) <= 8 {
		p.oneOf(m, name)
	}
	if textual && !m.over && len(m.values) > 1 && !m.array {
		p.transitions(m, name)
	}
	if textual && !m.array && !m.isID && m.unique {
		p.add(Rule{Kind: Unique, Path: m.pointer, Name: name + " is unique across streams", Streams: m.streams})
	}
}

func (p *proposing) signRules(m *merged, name string) {
	above := Rule{
		Kind: Sign, Path: m.pointer, Name: name + " is always above zero", Streams: m.streams, Broken: max(m.negative, m.zero),
		Good: m.expression(func(v string) string { return v + " > 0" }, m.guarded),
	}
	least := Rule{
		Kind: Sign, Path: m.pointer, Name: name + " is never negative", Streams: m.streams, Broken: m.negative,
		Good: m.expression(func(v string) string { return v + " >= 0" }, m.guarded),
	}
	p.tried++
	// Zero that is rare is no exception: it is no rule to be above it.
	if m.zero == 0 && m.negative == 0 {
		p.add(above)
		return
	}
	p.add(least)
}

// atMost proposes a bound that streams reach again and again.
func (p *proposing) atMost(m *merged, name string) {
	p.tried++
	if m.over || len(m.values) < 2 || len(m.values) > 8 {
		return
	}
	top := m.values[0]
	for _, v := range m.values {
		if state.CompareNumbers(v, top) > 0 {
			top = v
		}
	}
	if m.counts[top]*mostBroken < m.streams || state.CompareNumbers(top, "0") <= 0 {
		return
	}
	p.propose(Rule{
		Kind: AtMost, Path: m.pointer, Name: name + " is at most " + top, Streams: m.streams, read: 1,
		Good: m.expression(func(v string) string { return v + " <= " + top }, m.guarded),
	})
}

// oneOf proposes the values of a member, without those that few streams have.
func (p *proposing) oneOf(m *merged, name string) {
	var few []string
	broken := int64(0)
	for _, v := range m.values {
		if m.counts[v]*50 < m.streams && m.counts[v] <= 3 {
			broken += m.counts[v]
			continue
		}
		few = append(few, v)
	}
	if len(few) == 0 || int64(len(few))*10 > m.streams {
		return
	}
	quoted := make([]string, len(few))
	for i, v := range few {
		quoted[i] = string(state.AppendQuoted(nil, v))
	}
	text := "is " + strings.Join(few[:len(few)-1], ", ") + " or " + few[len(few)-1]
	test := func(v string) string { return "[" + strings.Join(quoted, ", ") + "].includes(" + v + ")" }
	if len(few) == 1 {
		text = "is always " + few[0]
		test = func(v string) string { return v + " === " + quoted[0] }
	}
	p.add(Rule{
		Kind: OneOf, Path: m.pointer, Name: name + " " + text, Streams: m.streams, Broken: broken, read: len(few),
		Good: m.expression(test, m.guarded),
	})
}

// transitions proposes in which ways a value changes, without those of few streams.
func (p *proposing) transitions(m *merged, name string) {
	if m.stepped == 0 {
		return
	}
	allowed, broken, from := map[string]bool{}, int64(0), map[string][]string{}
	steps := slices.SortedFunc(maps.Keys(m.steps), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	for _, s := range steps {
		if n := m.steps[s]; n*50 < m.stepped && n <= 3 {
			broken += n
			continue
		}
		allowed[s[0]+"\x00"+s[1]] = true
		from[s[0]] = append(from[s[0]], s[1])
	}
	n := len(m.values)
	if len(allowed) == 0 || 2*len(allowed) > n*(n-1) {
		return
	}
	var ways, finals []string
	for _, v := range m.values {
		if to := from[v]; to != nil {
			ways = append(ways, v+" → "+strings.Join(to, " or "))
		} else if m.counts[v]*50 >= m.streams {
			finals = append(finals, v)
		}
	}
	text := name + " changes only " + strings.Join(ways, ", ")
	switch len(finals) {
	case 0:
	case 1:
		text += "; " + finals[0] + " is final"
	default:
		text += "; " + strings.Join(finals[:len(finals)-1], ", ") + " and " + finals[len(finals)-1] + " are final"
	}
	p.add(Rule{Kind: Transition, Path: m.pointer, Name: text, Streams: m.stepped, Broken: broken, read: len(allowed), allowed: allowed})
}

// presence proposes which members are there once others are.
func (p *proposing) presence() {
	var names []string
	for _, pointer := range p.order {
		if m := p.slots[pointer]; pointer != "" && m.guarded && !m.array && m.streams > 0 {
			names = append(names, pointer)
		}
	}
	needs := func(a, b string) bool { return p.with[a] > 0 && p.pairs[[2]string{a, b}]*50 <= p.with[a] }
	object := func(pointer string) string { return pointer[:strings.LastIndexByte(pointer, '/')] }
	for _, a := range names {
		for _, b := range names {
			if a == b {
				continue
			}
			p.tried++
			// Members of one object that come together say no more than that it is there.
			if !needs(a, b) || object(a) == object(b) && object(a) != "" && needs(b, a) {
				continue
			}
			// What follows through a third member is left out, and members that always come together say
			// it once.
			if needs(b, a) && a > b || slices.ContainsFunc(names, func(c string) bool {
				return c != a && c != b && needs(a, c) && needs(c, b) && !(needs(b, c) && b < c) && !(needs(c, a) && a < c)
			}) {
				continue
			}
			ma, mb := p.slots[a], p.slots[b]
			p.add(Rule{
				Kind: Present, Path: a, Name: mb.name() + " is there whenever " + ma.name() + " is", Streams: ma.streams,
				Good: access("state", ma.outer) + " == null || " + access("state", mb.outer) + " != null",
			})
		}
	}
}

// sumRules proposes which numbers are sums over arrays.
func (p *proposing) sumRules() {
	keys := slices.SortedFunc(maps.Keys(p.sums), func(a, b sumKey) int {
		return cmp.Or(cmp.Compare(a.total, b.total), cmp.Compare(a.array, b.array), cmp.Compare(a.p, b.p), cmp.Compare(a.q, b.q))
	})
	for _, k := range keys {
		s := p.sums[k]
		p.tried++
		if s.broken*mostBroken > s.tried || s.tried < 20 || s.low == s.high {
			continue
		}
		m := p.slots[string(state.AppendToken(nil, k.total))]
		if m == nil {
			continue
		}
		counts := k.p == ""
		what, term := "the sum of "+k.p+" over "+k.array, access("i", []string{k.p})
		switch {
		case counts:
			what, term = "the number of "+k.array, "1"
		case k.q != "":
			what, term = "the sum of "+k.q+" × "+k.p+" over "+k.array, access("i", []string{k.q})+" * "+access("i", []string{k.p})
		}
		list := access("state", []string{k.array})
		if a := p.slots[string(state.AppendToken(nil, k.array))]; a == nil || a.guarded {
			list = "(" + list + " ?? [])"
		}
		p.add(Rule{
			Kind: Sum, Path: m.pointer, Name: k.total + " is " + what, Streams: m.streams, counts: counts,
			Good: m.expression(func(v string) string {
				return "Math.abs(" + v + " - " + list + ".reduce((t, i) => t + " + term + ", 0)) <= 0.0051"
			}, m.guarded),
		})
	}
}
