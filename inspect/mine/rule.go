package mine

import (
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// A Kind is a kind of rule.
type Kind string

// The kinds. Those with an expression can be checked.
const (
	Sign       Kind = "sign"       // a number is at least 0, or above it
	OneOf      Kind = "one_of"     // a value is one of a few
	AtMost     Kind = "at_most"    // a number has a bound that is reached again and again
	Present    Kind = "present"    // a member is there if another one is
	Sum        Kind = "sum"        // a number is the sum of others, or their count
	Steady     Kind = "steady"     // a number never decreases
	Unique     Kind = "unique"     // no two streams have the same value
	Transition Kind = "transition" // a value changes only in some ways
	Begins     Kind = "begins"     // every stream begins with a type
	After      Kind = "after"      // events of a type come only after one of another
	Once       Kind = "once"       // a type happens at most once in a stream
	Last       Kind = "last"       // nothing happens after a type
)

// A Rule is a proposed invariant.
type Rule struct {
	Kind   Kind
	Target int    // of the survey
	Name   string // what holds
	Good   string // as an expression that a check evaluates; empty: a check cannot
	Path   string // of the state; a JSON pointer with * for an array index
	Type   string // of events, for Begins, After, Once and Last
	Other  string // for After, the type before

	Streams int64 // that tried it
	Broken  int64 // that break it
	Breaks  []Break
	Luck    float64
	Known   bool // asof.toml has it

	read    int             // streams that the rule was read from
	allowed map[string]bool // for Transition
	counts  bool            // for Sum: the number of elements
}

// A Break is an event that breaks a rule.
type Break struct {
	Event *replay.Event // without payload and metadata
	Shows string        // what it did, if the type does not say it
}

// A path is a slot of the state: a scalar member, of an object or of the elements of one array,
// or the whole state if it is a scalar.
type path struct {
	pointer string
	outer   []string // keys up to the array, or to the member; none: the whole state
	inner   []string // keys in an element
	array   bool
}

// parsePath parses a generalized pointer. ok is false if arrays are nested.
func parsePath(pointer string) (p path, ok bool) {
	p.pointer = pointer
	tokens, err := state.ParsePointer(pointer)
	for _, token := range tokens {
		switch {
		case token == "*" && p.array:
			return p, false
		case token == "*":
			p.array = true
		case p.array:
			p.inner = append(p.inner, token)
		default:
			p.outer = append(p.outer, token)
		}
	}
	return p, err == nil && (len(p.outer) > 0 || !p.array)
}

// name is how a person calls the path.
func (p path) name() string {
	if len(p.outer) == 0 {
		return "state"
	}
	if !p.array {
		return strings.Join(p.outer, ".")
	}
	return strings.Join(append(append([]string{}, p.outer[:len(p.outer)-1]...), p.outer[len(p.outer)-1]+"[]"), ".") + dots(p.inner)
}

func dots(keys []string) string {
	if len(keys) == 0 {
		return ""
	}
	return "." + strings.Join(keys, ".")
}

// access returns the expression for a member under root.
func access(root string, keys []string) string {
	var b strings.Builder
	b.WriteString(root)
	for i, k := range keys {
		if i > 0 {
			b.WriteByte('?')
			if !isName(k) {
				b.WriteByte('.')
			}
		}
		if isName(k) {
			b.WriteString("." + k)
		} else {
			b.WriteString("[" + string(state.AppendQuoted(nil, k)) + "]")
		}
	}
	return b.String()
}

func isName(s string) bool {
	for i, c := range s {
		if !(c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return s != ""
}

// expression returns the expression that test holds for the value of the path. guarded: also
// if there is none.
func (p path) expression(test func(v string) string, guarded bool) string {
	if !p.array {
		v := access("state", p.outer)
		if guarded {
			return v + " == null || " + test(v)
		}
		return test(v)
	}
	v := access("i", p.inner)
	if len(p.inner) == 0 {
		v = "i"
	}
	body := test(v)
	if guarded {
		body = v + " == null || " + body
	}
	list := access("state", p.outer)
	if guarded {
		return "(" + list + " ?? []).every(i => " + body + ")"
	}
	return list + ".every(i => " + body + ")"
}
