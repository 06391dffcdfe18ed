package js

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"asof/replay"
	"asof/replay/state"
)

// Reads returns what a test reads of a state: any state that has the same there has the same
// answer. ok is false if the expression may look at the event, or at anything else, or if it
// fails on the state.
func (p *Predicate) Reads(st state.Value) (all []replay.Read, ok bool) {
	if !p.ofStateAlone() {
		return nil, false
	}
	if p.reader == nil { // its own engine: one that is stopped can run no more tests
		p.reader = &Predicate{src: p.src, prog: p.prog, limits: p.limits, said: make([]bool, len(p.said))}
		p.reader.quiet = true
		p.unread = p.reader.start() != nil
	}
	if p.unread {
		return nil, false
	}
	w := &replay.Watch{}
	if st.IsContainer() {
		w.Place(st.Node(), replay.Read{From: replay.FromState})
	} else {
		w.Add(replay.Read{From: replay.FromState})
	}
	p.reader.e.reads = w
	defer func() { p.reader.e.reads = nil }()
	if _, err := p.reader.test(st, nil); err != nil || w.Full {
		p.unread = err != nil
		return nil, false
	}
	if p.mentions != nil {
		p.mentions.reads(w)
	}
	return w.Reads(), true
}

// namesChance matches what depends on the event without naming it: random numbers, which are
// made from it, code that a text is made into, and members whose names are made.
var namesChance = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`\b(?:random|constructor|Function)\b|[\w$)\]]\s*(?:\?\.)?\s*\[\s*[^0-9\s]`)
})

// ofStateAlone reports whether the answer depends on nothing but the state.
func (p *Predicate) ofStateAlone() bool {
	_, same := p.Identity()
	return same && !namesEvent().MatchString(p.src.text) && !namesChance().MatchString(p.src.text)
}

// reads adds the members of the state that are looked for, and those with similar names.
func (m *Mentions) reads(w *replay.Watch) {
	for _, one := range m.all {
		if one.root != "state" || one.seen.Load() {
			continue
		}
		at := replay.Read{From: replay.FromState}
		for _, key := range one.keys {
			around := at
			around.Parts = true
			w.Add(around)
			at = at.At(key)
			w.Add(at)
		}
	}
}

var namesMember = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:state|s)\b((?:\s*\??\.\s*[A-Za-z_$][\w$]*)*)`)
})

// methods are the names of members that values of the language have: a call of one reads the
// value itself.
var methods = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Fields(`at charAt charCodeAt codePointAt concat constructor copyWithin endsWith entries every fill
		filter find findIndex findLast findLastIndex flat flatMap forEach hasOwnProperty includes indexOf isPrototypeOf isWellFormed
		join keys lastIndexOf length localeCompare map match matchAll normalize padEnd padStart pop propertyIsEnumerable push reduce
		reduceRight repeat replace replaceAll reverse search shift slice some sort splice split startsWith substr substring toExponential
		toFixed toLocaleLowerCase toLocaleString toLocaleUpperCase toLowerCase toPrecision toReversed toSorted toSpliced toString
		toUpperCase toWellFormed trim trimEnd trimLeft trimRight trimStart unshift valueOf values with anchor big blink bold fixed
		fontcolor fontsize italics link small strike sub sup`) {
		all[name] = true
	}
	return all
})

// Before and after a member that is compared with null and not used otherwise. An operator
// that binds more tightly would use it; in a comment, neither is what it seems.
var (
	beforeNullTest = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:^|[(]|&&|\|\|)\s*$`) })
	afterNullTest  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*[!=]=\s*null\s*(?:$|[)]|&&|\|\|)`) })
)

// Places returns the paths of the state that the expression names, if it names nothing else of
// it: neither the state as a whole nor the event.
func (p *Predicate) Places() (all []state.Place, ok bool) {
	if !p.ofStateAlone() {
		return nil, false
	}
	text := p.src.text
	for _, m := range namesMember().FindAllStringSubmatchIndex(text, -1) {
		var path []string
		whole := true
		for _, key := range strings.FieldsFunc(text[m[2]:m[3]], func(c rune) bool { return c == '?' || c == '.' || unicode.IsSpace(c) }) {
			if methods()[key] || strings.HasPrefix(key, "__") {
				whole = false
				break
			}
			path = append(path, key)
		}
		if len(path) == 0 {
			return nil, false
		}
		there := whole && !strings.Contains(text, "/") && beforeNullTest().MatchString(text[:m[0]]) && afterNullTest().MatchString(text[m[1]:])
		all = append(all, state.Place{Path: path, There: there})
	}
	return all, true
}

// Pass looks for the members that are looked for in all that the expression is tested on.
func (p *Predicate) Pass(st state.Value, ev *replay.Event) {
	if p.mentions != nil {
		p.mentions.see(st, ev)
	}
}
