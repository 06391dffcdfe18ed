package js

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"asof/replay"
	"asof/replay/bounds"
	"asof/replay/fault"
	"asof/replay/state"
)

// A comparison with a member that is not there is false in JavaScript, so that a misspelt
// state.totl < 0 never holds. What an expression names is therefore looked for in all that
// it is tested on.

// Mentions are the members of states and events that an expression names, and whether
// anything that it was tested on has them. Several predicates of one expression may share
// them.
type Mentions struct {
	all []*mention
	mu  sync.Mutex // of near
}

// A mention is a chain of members, such as state.address.city.
type mention struct {
	root  string   // state or event
	keys  []string // of which the last is the one that may be missing
	maybe bool     // the expression asks whether it is there

	seen, lacking atomic.Bool
	sought        atomic.Int32 // objects in which a similar name was looked for
	near          string       // a member that may be meant
}

// mostNear bounds the objects in which a member with a similar name is looked for.
const mostNear = 50

var (
	mentioned = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(^|[^\w$.])(state|event|s|e)((?:\??\.[A-Za-z_$][\w$]*)+)(\s*(?:[!=]==?\s*(?:null|undefined)\b|\?\?|\?\.|&&|\|\||\())?`)
	})
	ownParameter = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b([se])\s*=>|\(\s*([se])\s*[,)]|,\s*([se])\s*\)`)
	})
	// ofEveryObject are members that need not be in a state.
	ofEveryObject = []string{"hasOwnProperty", "toString", "valueOf", "constructor", "length"}
)

// NewMentions returns what an expression names.
func NewMentions(text string) *Mentions {
	m := &Mentions{}
	own := ""
	for _, p := range ownParameter().FindAllStringSubmatch(text, -1) {
		own += p[1] + p[2] + p[3]
	}
	bare := ""
	outsideStrings(text, func(part string) string {
		bare += part + `""`
		return part
	})
	for _, c := range mentioned().FindAllStringSubmatch(bare, -1) {
		root := map[string]string{"s": "state", "state": "state", "e": "event", "event": "event"}[c[2]]
		if len(c[2]) == 1 && strings.Contains(own, c[2]) {
			continue
		}
		keys := strings.Split(strings.ReplaceAll(c[3], "?", ""), ".")[1:]
		asks := strings.TrimSpace(c[4])
		if asks == "(" { // the last is a method
			keys, asks = keys[:len(keys)-1], ""
		}
		for i, key := range keys {
			if slices.Contains(ofEveryObject, key) {
				break
			}
			m.add(root, keys[:i+1], c[1] == "!" || asks != "" || i < len(keys)-1)
		}
	}
	return m
}

func (m *Mentions) add(root string, keys []string, maybe bool) {
	for _, one := range m.all {
		if one.root == root && slices.Equal(one.keys, keys) {
			one.maybe = one.maybe && maybe
			return
		}
	}
	m.all = append(m.all, &mention{root: root, keys: keys, maybe: maybe})
}

// Path returns the one path of the state that the expression names, as a JSON pointer, or
// "" if it names several or none.
func (m *Mentions) Path() string {
	var longest []string
	for _, one := range m.all {
		if one.root == "state" && len(one.keys) > len(longest) {
			longest = one.keys
		}
	}
	for _, one := range m.all {
		if one.root == "state" && !slices.Equal(one.keys, longest[:len(one.keys)]) {
			return ""
		}
	}
	path := ""
	for _, key := range longest {
		path += "/" + key
	}
	return path
}

// see looks for what has not been seen yet.
func (m *Mentions) see(st state.Value, ev *replay.Event) {
	for _, one := range m.all {
		if one.seen.Load() {
			continue
		}
		if one.root == "state" {
			m.seeIn(one, st, one.keys)
		} else if ev != nil {
			m.seeInEvent(one, ev)
		}
	}
}

// seeInEvent looks into the fields of an event, which all have, and into its payload.
func (m *Mentions) seeInEvent(one *mention, ev *replay.Event) {
	switch field := one.keys[0]; {
	case !slices.Contains(eventKeys, field) && !slices.Contains(moreKeys, field):
		one.lacking.Store(true)
		m.seek(one, field, slices.Concat(moreKeys, eventKeys))
	case len(one.keys) == 1 || field != "data" && field != "body":
		one.seen.Store(true)
	case ev.IsJSON():
		if body, err := ev.Body(); err == nil {
			m.seeIn(one, body, one.keys[1:])
		}
	}
}

// seeIn follows members through objects. What is asked of an array or of a scalar is a
// method's business.
func (m *Mentions) seeIn(one *mention, v state.Value, keys []string) {
	for i, key := range keys {
		if v.Kind() != state.Object {
			return
		}
		next := v.Node().Get(key)
		if next.IsAbsent() {
			if i == len(keys)-1 {
				one.lacking.Store(true)
				if one.sought.Load() < mostNear {
					m.seek(one, key, members(v))
				}
			}
			return
		}
		v = next
	}
	one.seen.Store(true)
}

// knows reports whether a look at states within some bounds would tell nothing new.
func (m *Mentions) knows(b *bounds.Bounds) bool {
	for _, one := range m.all {
		if !one.seen.Load() && (one.root != "state" || !m.misses(one, b.Root())) {
			return false
		}
	}
	return true
}

// misses reports whether none of some states has the member, and no similar name is sought.
func (m *Mentions) misses(one *mention, at *bounds.Part) bool {
	for i, key := range one.keys {
		if at == nil {
			return false
		}
		next := at.Member(key)
		if next != nil && next.Kinds == bounds.Missing {
			return i < len(one.keys)-1 || one.lacking.Load() && one.sought.Load() >= mostNear
		}
		at = next
	}
	return false
}

// seek looks for a similar name.
func (m *Mentions) seek(one *mention, key string, in []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	one.sought.Add(1)
	if near := fault.Near(key, in, 1); near != nil && isName(near[0]) {
		one.near = near[0]
		one.sought.Store(mostNear)
	}
}

// Absent says what nothing had that the expression was tested on. Where it asks whether a
// member is there, only one with a similar name is told.
func (m *Mentions) Absent() (all []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range m.all {
		if one.seen.Load() || !one.lacking.Load() || one.maybe && one.near == "" {
			continue
		}
		path := one.root + "." + strings.Join(one.keys, ".")
		text := "no " + one.root + " has " + path
		if one.near != "" {
			text += "; did you mean " + path[:len(path)-len(one.keys[len(one.keys)-1])] + one.near + "?"
		}
		all = append(all, text)
	}
	return all
}
