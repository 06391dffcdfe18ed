package cmd

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// A comparison is the plainest of expressions, of a number in the state with one
// that is written out: state.total < 0. It is tested without the script engine,
// whose calls would cost more than many a fold. Whatever is not as plain as it
// looks (no such member, no number, one that a double can't hold) is left to the
// engine, which knows what JavaScript makes of it.
type comparison struct {
	inspect.Predicate // the engine's

	path []string
	op   string
	with float64
}

var plainComparison = regexp.MustCompile(
	`^\s*(?:state|s)((?:\s*\.\s*[A-Za-z_$][A-Za-z0-9_$]*)+)\s*(<=|>=|<|>|===|!==|==|!=)\s*(-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?)\s*;?\s*$`)

// quickly returns a predicate that gives what p does, sooner if it can.
func quickly(expr string, p inspect.Predicate) inspect.Predicate {
	m := plainComparison.FindStringSubmatch(expr)
	if m == nil {
		return p
	}
	with, err := strconv.ParseFloat(m[3], 64)
	if err != nil {
		return p
	}
	c := &comparison{Predicate: p, op: m[2], with: with}
	for _, name := range strings.Split(m[1], ".")[1:] {
		c.path = append(c.path, strings.TrimSpace(name))
	}
	return c
}

// Test reports whether the comparison holds.
func (c *comparison) Test(st state.Value, e *replay.Event) (bool, error) {
	f, ok := c.number(st)
	if !ok {
		return c.Predicate.Test(st, e)
	}
	switch c.op {
	case "<":
		return f < c.with, nil
	case "<=":
		return f <= c.with, nil
	case ">":
		return f > c.with, nil
	case ">=":
		return f >= c.with, nil
	case "==", "===":
		return f == c.with, nil
	default:
		return f != c.with, nil
	}
}

// number returns the number at the path, if it is as plain as that.
func (c *comparison) number(v state.Value) (float64, bool) {
	for i, name := range c.path {
		n := v.Node()
		if n == nil {
			return 0, false
		}
		if n.Kind() == state.Array {
			if name == "length" && i == len(c.path)-1 {
				return float64(n.Len()), true
			}
			return 0, false
		}
		v = n.Get(name)
		if v.IsAbsent() && i == len(c.path)-1 && !inherited(name) {
			return math.NaN(), true // undefined, which compares with a number as NaN does
		}
	}
	if v.Kind() != state.Number {
		return 0, false
	}
	return state.FloatExact(v.Text())
}

// inherited reports whether every object has a member of that name.
func inherited(name string) bool {
	switch name {
	case "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf":
		return true
	}
	return strings.HasPrefix(name, "__")
}

// Warnings are those of the engine.
func (c *comparison) Warnings() []string {
	if w, ok := c.Predicate.(interface{ Warnings() []string }); ok {
		return w.Warnings()
	}
	return nil
}

// Unread is that of the engine's.
func (c *comparison) Unread() replay.Fields {
	if s, ok := c.Predicate.(replay.Sparing); ok {
		return s.Unread()
	}
	return 0
}
